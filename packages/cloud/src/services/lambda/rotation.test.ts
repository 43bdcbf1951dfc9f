// A secret rotated by a function that was deployed through the SDK, and that has no more rights than it needs.
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
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
  await vi.waitFor(async () => expect(await value()).toBe(`made at ${today}`), { timeout: 5_000 });
  await test.cloud.clock.advance(31 * 24 * 3_600_000);
  await vi.waitFor(async () => expect(await value()).not.toBe(`made at ${today}`), { timeout: 5_000 });
});
