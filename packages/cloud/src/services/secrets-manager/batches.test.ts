// Values of many secrets in one answer.
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { kms } from '../kms/index.ts';
import { sts } from '../sts/index.ts';
import { secretsManager } from './index.ts';

let cloud: Cloud;
let client: SecretsManagerClient;

beforeAll(async () => {
  cloud = await startCloud({ services: [iam, sts, kms, secretsManager] });
  const { endpoint, credentials } = cloud;
  client = new SecretsManagerClient({ endpoint, credentials, region: 'us-east-1' });
});
afterAll(() => cloud.stop());

test('a batch by filters leaves out what is to be deleted, in pages of twenty at most', async () => {
  const tag = { Key: 'batch', Value: 'by-filters' };
  const made: string[] = [];
  for (const SecretString of ['1', '2', '3']) {
    const { ARN } = await client.send(new CreateSecretCommand({ Name: SecretString, SecretString, Tags: [tag] }));
    made.push(ARN!);
  }
  await client.send(new DeleteSecretCommand({ SecretId: made[1]! }));
  const Filters = [{ Key: 'tag-value' as const, Values: [tag.Value] }];
  const first = await client.send(new BatchGetSecretValueCommand({ Filters, MaxResults: 1 }));
  const second = await client.send(
    new BatchGetSecretValueCommand({ Filters, MaxResults: 1, NextToken: first.NextToken }),
  );
  const values = [first, second].flatMap(({ SecretValues }) => SecretValues!.map(({ SecretString }) => SecretString));
  expect(new Set(values)).toEqual(new Set(['1', '3']));
  expect([first.Errors, second.Errors, second.NextToken]).toEqual([[], [], undefined]);
  for (const wrong of [
    { Filters, MaxResults: 21 },
    { SecretIdList: [made[0]!], MaxResults: 1 },
  ]) {
    await expect(client.send(new BatchGetSecretValueCommand(wrong))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  }
});
