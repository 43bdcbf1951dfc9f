// How this system is asked whether it is well: through AWS's APIs, about what its outputs name.
import { setTimeout as wait } from 'node:timers/promises';

import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { HealthCheck, HealthContext } from '@plinth/blocks';

import { ALARMS, SALT } from './contract.ts';

/** The first salt is made by a function that the deployment has only just started. */
const SALT_PATIENCE_MILLISECONDS = 20_000;
const INTERVAL_MILLISECONDS = 100;

const TABLES = ['consent_store', 'calibration_store', 'fp_events', 'block_counter'];

export const health: readonly HealthCheck[] = [
  {
    name: 'tables',
    check: async (context) => {
      const { DescribeTableCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
      const client = new DynamoDBClient(clientOf(context));
      for (const output of TABLES) {
        const TableName = requireOutput(context, `${output}_table_name`);
        const { Table } = await client.send(new DescribeTableCommand({ TableName }));
        if (Table?.TableStatus !== 'ACTIVE') throw new Error(`${TableName} is ${Table?.TableStatus}`);
      }
      return `all ${TABLES.length} are active`;
    },
  },
  {
    name: 'salt',
    check: async (context) => {
      const { DescribeSecretCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
      const client = new SecretsManagerClient(clientOf(context));
      const SecretId = requireOutput(context, 'hmac_salt_secret_name');
      const until = performance.now() + SALT_PATIENCE_MILLISECONDS;
      for (;;) {
        const secret = await client.send(new DescribeSecretCommand({ SecretId }));
        if (!secret.RotationEnabled) throw new Error(`${SecretId} is not rotated: its first salt will never be made`);
        const stages = Object.values(secret.VersionIdsToStages ?? {}).flat();
        if (stages.includes('AWSCURRENT') && !stages.includes('AWSPENDING')) {
          return `made by its rotator, next in ${SALT.rotationDays} days`;
        }
        if (performance.now() > until) throw new Error(`${SecretId} has no salt yet: see the log of the rotator`);
        await wait(INTERVAL_MILLISECONDS);
      }
    },
  },
  {
    name: 'alarms',
    check: async (context) => {
      const { CloudWatchClient, paginateDescribeAlarms } = await import('@aws-sdk/client-cloudwatch');
      const client = new CloudWatchClient(clientOf(context));
      const critical = requireOutput(context, 'critical_alerts_topic_arn');
      const warning = requireOutput(context, 'warning_alerts_topic_arn');
      const all: MetricAlarm[] = [];
      for await (const page of paginateDescribeAlarms(
        { client },
        { AlarmNamePrefix: 'phase-mirror-fp-calibration-' },
      )) {
        all.push(...(page.MetricAlarms ?? []));
      }
      // The other environment's have the same prefix, and tell others.
      const tells = (topic: string) => all.filter(({ AlarmActions }) => AlarmActions?.includes(topic));
      const ours = [...tells(critical), ...tells(warning)];
      const loud = tells(critical).find(({ StateValue }) => StateValue === 'ALARM');
      if (loud) throw new Error(`${loud.AlarmName}: ${loud.StateReason}`);
      if (ours.length < Object.keys(ALARMS).length) throw new Error('alarms are missing');
      return `${ours.length} watch, none of the critical ones is raised`;
    },
  },
];

const clientOf = ({ region, endpoint, credentials }: HealthContext) => ({
  region,
  ...(endpoint !== undefined && { endpoint }),
  ...(credentials && { credentials }),
});

function requireOutput({ outputs }: HealthContext, name: string): string {
  const value = outputs[name];
  if (value === undefined) throw new Error(`there is no output '${name}'`);
  return value;
}
