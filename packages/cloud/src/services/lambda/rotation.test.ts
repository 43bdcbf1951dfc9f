// A secret rotated by a function that was deployed through the SDK, and that has no more rights than it needs.
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { AddPermissionCommand, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { SIGNING, TestLambda } from './test-lambda.ts';

const ROTATOR = `import { call } from './signing.mjs';
const secrets = async (operation, input) => {
  const { status, text } = await call('secretsmanager', { target: 'secretsmanager.' + operation, body: JSON.stringify(input) });
  if (status !== 200) throw new Error(operation + ': ' + text);
  return JSON.parse(text);
};
export const handler = async ({ Step, SecretId, ClientRequestToken }) => {
  if (Step === 'createSecret') {
    const SecretString = 'made at ' + new Date().toISOString().slice(0, 10);
    await secrets('PutSecretValue', { SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] });
  }
  if (Step === 'testSecret') await secrets('GetSecretValue', { SecretId, VersionStage: 'AWSPENDING' });
  if (Step === 'finishSecret') {
    const { VersionIdsToStages } = await secrets('DescribeSecret', { SecretId });
    const [RemoveFromVersionId] = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'));
    const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: ClientRequestToken, RemoveFromVersionId };
    await secrets('UpdateSecretVersionStage', move);
  }
};`;

let test: TestLambda;

beforeAll(async () => {
  test = await TestLambda.start();
});

afterAll(() => test.stop());

it('a secret is rotated at once and each month by a function that its policy opens to Secrets Manager', async () => {
  const client = new SecretsManagerClient(test.as());
  const value = async () => (await client.send(new GetSecretValueCommand({ SecretId: 'salt' }))).SecretString;
  const Role = await test.createRole('rotator', [
    'logs:*',
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
    'secretsmanager:UpdateSecretVersionStage',
  ]);
  const { FunctionArn } = await test.create('rotator', { 'index.mjs': ROTATOR, 'signing.mjs': SIGNING }, { Role });
  await client.send(new CreateSecretCommand({ Name: 'salt', SecretString: 'first' }));
  const rotate = new RotateSecretCommand({
    SecretId: 'salt',
    RotationLambdaARN: FunctionArn,
    RotationRules: { AutomaticallyAfterDays: 30 },
  });
  await expect(client.send(rotate)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await test.lambda.send(
    new AddPermissionCommand({
      FunctionName: 'rotator',
      StatementId: 'secrets-manager',
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: '000000000000',
    }),
  );
  await client.send(rotate);
  const today = new Date(test.cloud.clock.now()).toISOString().slice(0, 10);
  await vi.waitFor(async () => expect(await value()).toBe(`made at ${today}`));
  await test.cloud.clock.advance(31 * 24 * 3_600_000);
  await vi.waitFor(async () => expect(await value()).not.toBe(`made at ${today}`));
});

it('rotation is for who may invoke the rotation function, by their own policies or by the function’s', async () => {
  const UserName = 'operator';
  const may = (...Action: string[]) => {
    const Statement = [{ Effect: 'Allow', Action, Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    return test.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
  };
  const { User } = await test.iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await test.iam.send(new CreateAccessKeyCommand({ UserName }));
  await may('secretsmanager:RotateSecret');
  const client = new SecretsManagerClient(
    test.as({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! }),
  );
  const rotate = () => client.send(new RotateSecretCommand({ SecretId: 'salt', RotateImmediately: false }));
  await expect(rotate()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `User: ${User!.Arn} is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:rotator because no identity-based policy allows the lambda:InvokeFunction action`,
  });

  await may('secretsmanager:RotateSecret', 'lambda:InvokeFunction');
  await rotate();

  await may('secretsmanager:RotateSecret');
  const permission = { FunctionName: 'rotator', StatementId: UserName };
  const opening = { ...permission, Action: 'lambda:InvokeFunction', Principal: User!.Arn! };
  await test.lambda.send(new AddPermissionCommand(opening));
  await rotate();
  await test.lambda.send(new RemovePermissionCommand(permission));
  await expect(rotate()).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

it('a cron schedule rotates at its moments, whenever the last rotation was', async () => {
  const client = new SecretsManagerClient(test.as());
  const rotate = (ScheduleExpression: string) =>
    client.send(
      new RotateSecretCommand({ SecretId: 'salt', RotationRules: { ScheduleExpression }, RotateImmediately: false }),
    );
  const dates = async () => client.send(new DescribeSecretCommand({ SecretId: 'salt' }));
  await rotate('cron(0 3 1 * ? *)');
  const { NextRotationDate: first } = await dates();
  expect(first?.toISOString()).toMatch(/-01T03:00:00\.000Z$/);
  await test.cloud.clock.advance(first!.getTime() - test.cloud.clock.now() + 60_000);
  await vi.waitFor(async () =>
    expect((await dates()).LastRotatedDate?.getTime()).toBeGreaterThanOrEqual(first!.getTime()),
  );
  const { NextRotationDate: second } = await dates();
  expect(second?.getUTCMonth()).toBe((first!.getUTCMonth() + 1) % 12);
  for (const wrong of [
    'cron(5 3 1 * ? *)',
    'rate(3 hours)',
    'rate(600 minutes)',
    'at(2030-01-01T00:00:00)',
    'monthly',
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- each is a refusal of its own
    await expect(rotate(wrong)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  }
});
