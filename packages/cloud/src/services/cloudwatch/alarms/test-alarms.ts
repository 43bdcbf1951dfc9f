// What tests of alarms share: a cloud with a topic and a function to be told, and its clock.
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type PutMetricAlarmCommandInput,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';

import { AwsError } from '../../../kernel/errors.ts';
import type { ServiceEvent } from '../../../kernel/feed.ts';
import type { Call, Service } from '../../../kernel/service.ts';
import { MINUTE, startCloudwatch } from '../test-cloudwatch.ts';

export const ACCOUNT = '000000000000';
export const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:woken`;
export const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:pager`;
export const arn = (name: string) => `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:${name}`;

interface Told {
  readonly service: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly at: number;
}

export async function startAlarms() {
  const told: Told[] = [];
  const { cloud, client } = await startCloudwatch(
    standIn(told, 'sns', 'Publish', 'sns:Publish', TOPIC, 'cloudwatch.amazonaws.com'),
    standIn(told, 'lambda', 'Invoke', 'lambda:InvokeFunction', FUNCTION, 'lambda.alarms.cloudwatch.amazonaws.com'),
  );
  const events: ServiceEvent[] = [];
  cloud.kernel.events.subscribe((event) => events.push(event));
  const { clock } = cloud;
  const describeAlarm = async (name: string) => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await client.send(
      new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
    );
    return { ...MetricAlarms[0], ...CompositeAlarms[0] };
  };
  return {
    cloud,
    client,
    /** Who was told what, and when. */
    told,
    events,
    advance: (milliseconds: number) => clock.advance(milliseconds),
    /** To the middle of the next minute. */
    toMinute: () => clock.advance(MINUTE - (clock.now() % MINUTE) + MINUTE / 2),
    /** An alarm on the sum of the metric of its own name. */
    alarm: (AlarmName: string, rest: Partial<PutMetricAlarmCommandInput> = {}) =>
      client.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Namespace: 'Shop',
          MetricName: AlarmName,
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 5,
          ComparisonOperator: 'GreaterThanThreshold',
          ...rest,
        }),
      ),
    put: (MetricName: string, Value: number, StorageResolution = 60) => {
      const MetricData = [{ MetricName, Value, StorageResolution, Timestamp: new Date(clock.now()) }];
      return client.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
    },
    set: (AlarmName: string, StateValue: StateValue) =>
      client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'by hand' })),
    describeAlarm,
    state: async (name: string) => (await describeAlarm(name)).StateValue,
    remove: (...AlarmNames: string[]) => client.send(new DeleteAlarmsCommand({ AlarmNames })),
  };
}

export type TestAlarms = Awaited<ReturnType<typeof startAlarms>>;

/** Stands in for a service that is told something; its resource's policy lets only the given service principal in. */
const standIn =
  (told: Told[], name: string, operation: string, action: string, resource: string, Service: string) =>
  (): Service => ({
    name,
    client: name,
    resources: [],
    operations: {
      [operation]: {
        access: () => [
          {
            action,
            resource,
            resourcePolicy: JSON.stringify({
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { Service },
                  Action: action,
                  Resource: resource,
                  Condition: { ArnLike: { 'aws:SourceArn': arn('*') } },
                },
              ],
            }),
          },
        ],
        run: (input: Told['input'], { now }: Call) => {
          if (String(input['Subject']).includes('"unheard"')) throw new AwsError('NotFound', 'Topic does not exist');
          told.push({ service: name, input, at: now });
          return {};
        },
      },
    },
  });
