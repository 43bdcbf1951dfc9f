// Rotation: refused where no function could run, and otherwise through the four steps, on the cloud's clock.
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { expect, test, vi } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import type { Call, Service } from '../../kernel/service.ts';
import { iam } from '../iam/index.ts';
import { kms } from '../kms/index.ts';
import { DAY } from '../kms/test-kms.ts';
import { sts } from '../sts/index.ts';
import { secretsManager } from './index.ts';

const RotationLambdaARN = 'arn:aws:lambda:us-east-1:000000000000:function:rotator';

type Event = { Step: string; SecretId: string; ClientRequestToken: string };

/** What Lambda is to Secrets Manager: something that runs a function, whose code is `handler` here. */
function lambdaWith(handler: (event: Event) => Promise<void>, calls: Call[]): Service {
  return {
    name: 'lambda',
    client: 'kms',
    resources: [],
    operations: {
      Invoke: {
        access: () => [],
        run: async (input: { InvocationType: string; Payload?: Uint8Array }, call: Call) => {
          calls.push(call);
          if (input.InvocationType === 'DryRun') return {};
          try {
            await handler(JSON.parse(Buffer.from(input.Payload!).toString()) as Event);
            return {};
          } catch {
            return { FunctionError: 'Unhandled' };
          }
        },
      },
    },
  };
}

const clientOf = ({ endpoint, credentials }: Cloud) =>
  new SecretsManagerClient({ endpoint, credentials, region: 'us-east-1' });

test('without Lambda RotateSecret is refused by name, and nothing is configured', async () => {
  const cloud = await startCloud({ services: [iam, sts, kms, secretsManager] });
  const client = clientOf(cloud);
  try {
    await client.send(new CreateSecretCommand({ Name: 's', SecretString: '1' }));
    const rotate = { SecretId: 's', RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 30 } };
    await expect(client.send(new RotateSecretCommand(rotate))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('this cloud has no Lambda'),
      $metadata: { httpStatusCode: 501 },
    });
    expect(await client.send(new DescribeSecretCommand({ SecretId: 's' }))).not.toHaveProperty('RotationEnabled');
  } finally {
    client.destroy();
    await cloud.stop();
  }
});

test('the function is run through the four steps at once, each month on the clock, and again after a failure', async () => {
  const calls: Call[] = [];
  const steps: string[] = [];
  let broken = false;
  const rotator = async ({ Step, SecretId, ClientRequestToken }: Event) => {
    steps.push(Step);
    if (broken) throw new Error('broken');
    if (Step === 'createSecret') {
      const SecretString = `made by ${ClientRequestToken}`;
      await client.send(
        new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] }),
      );
    }
    if (Step === 'finishSecret') {
      const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
      const [current] = Object.entries(VersionIdsToStages!).find(([, stages]) => stages.includes('AWSCURRENT'))!;
      const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken };
      await client.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: current }));
    }
  };
  const cloud = await startCloud({ services: [iam, sts, kms, secretsManager, () => lambdaWith(rotator, calls)] });
  const client = clientOf(cloud);
  const value = async () => (await client.send(new GetSecretValueCommand({ SecretId: 's' }))).SecretString;
  const rotated = (times: number) => vi.waitFor(() => expect(steps).toHaveLength(4 * times));
  try {
    await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'first' }));
    const { VersionId } = await client.send(
      new RotateSecretCommand({ SecretId: 's', RotationLambdaARN, RotationRules: { AutomaticallyAfterDays: 30 } }),
    );
    await rotated(1);
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    await vi.waitFor(async () => expect(await value()).toBe(`made by ${VersionId}`));
    // First the caller is asked whether the function would be theirs to invoke.
    expect(calls[0]).toMatchObject({ principal: { kind: 'root' }, via: ['secretsmanager'] });
    expect(calls[1]).toMatchObject({
      principal: { kind: 'service', name: 'secretsmanager.amazonaws.com' },
      sourceArn: expect.stringMatching(/:secret:s-/),
    });
    await vi.waitFor(async () =>
      expect(await client.send(new DescribeSecretCommand({ SecretId: 's' }))).toMatchObject({
        RotationEnabled: true,
        RotationLambdaARN,
        RotationRules: { AutomaticallyAfterDays: 30 },
        LastRotatedDate: expect.any(Date),
      }),
    );

    broken = true;
    await cloud.clock.advance(30 * DAY);
    await vi.waitFor(() => expect(steps).toHaveLength(5));
    broken = false;
    expect(await value()).toBe(`made by ${VersionId}`);
    const again = client.send(new RotateSecretCommand({ SecretId: 's' }));
    await expect(again).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await cloud.clock.advance(DAY / 24);
    await vi.waitFor(() => expect(steps).toHaveLength(9));
    await vi.waitFor(async () => expect(await value()).not.toBe(`made by ${VersionId}`));

    await client.send(new CancelRotateSecretCommand({ SecretId: 's' }));
    await cloud.clock.advance(60 * DAY);
    const cancelled = await client.send(new DescribeSecretCommand({ SecretId: 's' }));
    expect(cancelled).toMatchObject({ RotationEnabled: false, RotationLambdaARN, RotationRules: expect.any(Object) });
    expect(cancelled).not.toHaveProperty('NextRotationDate');
    expect(steps).toHaveLength(9);
    await expect(client.send(new CancelRotateSecretCommand({ SecretId: 's' }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });

    // It is switched on again as it was, and tried out where it is not to begin at once.
    await client.send(new RotateSecretCommand({ SecretId: 's', RotateImmediately: false }));
    expect(steps.slice(9)).toEqual(['testSecret']);
    const { VersionIdsToStages, ...on } = await client.send(new DescribeSecretCommand({ SecretId: 's' }));
    expect(on).toMatchObject({ RotationEnabled: true, RotationRules: { AutomaticallyAfterDays: 30 } });
    expect(Object.values(VersionIdsToStages!).flat()).not.toContain('AWSPENDING');
    await cloud.clock.advance(30 * DAY);
    await vi.waitFor(() => expect(steps).toHaveLength(14));

    // Of a schedule the days are reckoned.
    const RotationRules = { ScheduleExpression: 'cron(0 3 ? * MON *)', Duration: '2h' };
    await vi.waitFor(() =>
      client.send(new RotateSecretCommand({ SecretId: 's', RotationRules, RotateImmediately: false })),
    );
    expect(await client.send(new DescribeSecretCommand({ SecretId: 's' }))).toMatchObject({
      RotationRules: { ...RotationRules, AutomaticallyAfterDays: 7 },
    });
  } finally {
    client.destroy();
    await cloud.stop();
  }
});
