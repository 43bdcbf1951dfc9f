// The policy simulator through the AWS SDK, and that it agrees with what happens.
import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  GetContextKeysForPrincipalPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { account, allow, document, TestIdentity } from './test-identity.ts';

let test: TestIdentity;

beforeAll(async () => {
  test = await TestIdentity.start();
});

afterAll(() => test.cloud.stop());

it('says of each action on each resource what IAM would, and which policies said so', async () => {
  await test.user('ann', { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::logs/*' });
  const { Policy } = await test.iam.send(
    new CreatePolicyCommand({
      PolicyName: 'never',
      PolicyDocument: document({ Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' }),
    }),
  );
  await test.iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: Policy!.Arn! }));
  const { EvaluationResults } = await test.iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: `arn:aws:iam::${account}:user/ann`,
      ActionNames: ['s3:GetObject', 's3:DeleteObject'],
      ResourceArns: ['arn:aws:s3:::logs/a', 'arn:aws:s3:::other/a'],
    }),
  );
  expect(
    EvaluationResults?.map(({ EvalActionName, EvalResourceName, EvalDecision }) => [
      EvalActionName,
      EvalResourceName,
      EvalDecision,
    ]),
  ).toEqual([
    ['s3:GetObject', 'arn:aws:s3:::logs/a', 'allowed'],
    ['s3:GetObject', 'arn:aws:s3:::other/a', 'implicitDeny'],
    ['s3:DeleteObject', 'arn:aws:s3:::logs/a', 'explicitDeny'],
    ['s3:DeleteObject', 'arn:aws:s3:::other/a', 'explicitDeny'],
  ]);
  expect(EvaluationResults?.[0]?.MatchedStatements).toEqual([
    { SourcePolicyId: 'user_ann_own', SourcePolicyType: 'user' },
  ]);
  expect(EvaluationResults?.[2]?.MatchedStatements).toEqual([
    { SourcePolicyId: 'never', SourcePolicyType: 'user-managed' },
  ]);
});

it('takes account of a permissions boundary', async () => {
  await test.user('bob', allow('s3:*'));
  const { Policy } = await test.iam.send(
    new CreatePolicyCommand({ PolicyName: 'edge', PolicyDocument: document(allow('s3:Get*')) }),
  );
  await test.iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bob', PermissionsBoundary: Policy!.Arn! }));
  const { EvaluationResults } = await test.iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: `arn:aws:iam::${account}:user/bob`,
      ActionNames: ['s3:GetObject', 's3:PutObject'],
    }),
  );
  expect(EvaluationResults).toMatchObject([
    { EvalDecision: 'allowed', PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true } },
    { EvalDecision: 'implicitDeny', PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } },
  ]);
});

it('names the context keys that a policy asks for and nobody gave', async () => {
  const policy = document({
    ...allow('s3:ListBucket'),
    Condition: { StringLike: { 's3:prefix': 'home/${aws:username}/*' }, Bool: { 'aws:SecureTransport': 'true' } },
  });
  const simulate = (given: Record<string, string>) =>
    test.iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [policy],
        ActionNames: ['s3:ListBucket'],
        ContextEntries: Object.entries(given).map(([ContextKeyName, value]) => ({
          ContextKeyName,
          ContextKeyType: 'string' as const,
          ContextKeyValues: [value],
        })),
      }),
    );
  const without = await simulate({ 'aws:SecureTransport': 'true' });
  expect(without.EvaluationResults).toMatchObject([{ EvalDecision: 'implicitDeny' }]);
  expect(without.EvaluationResults?.[0]?.MissingContextValues?.toSorted()).toEqual(['aws:username', 's3:prefix']);
  const complete = { 's3:prefix': 'home/ann/x', 'aws:username': 'ann', 'aws:SecureTransport': 'true' };
  expect((await simulate(complete)).EvaluationResults).toMatchObject([{ EvalDecision: 'allowed' }]);
  await test.user('carol', JSON.parse(policy).Statement[0] as object);
  const { ContextKeyNames } = await test.iam.send(
    new GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn: `arn:aws:iam::${account}:user/carol` }),
  );
  expect(ContextKeyNames?.toSorted()).toEqual(['aws:securetransport', 'aws:username', 's3:prefix']);
});

it('asks a resource’s policy for the caller that is named', async () => {
  await test.user('dora');
  const caller = `arn:aws:iam::${account}:user/dora`;
  const simulate = (principal: string) =>
    test.iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [document(allow('sqs:*'))],
        ActionNames: ['s3:GetObject'],
        ResourceArns: ['arn:aws:s3:::logs/a'],
        CallerArn: caller,
        ResourcePolicy: document({
          Effect: 'Allow',
          Principal: { AWS: principal },
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::logs/*',
        }),
      }),
    );
  expect((await simulate(caller)).EvaluationResults).toMatchObject([
    { EvalDecision: 'allowed', MatchedStatements: [{ SourcePolicyId: 'ResourcePolicy' }] },
  ]);
  expect((await simulate(`${caller}2`)).EvaluationResults).toMatchObject([{ EvalDecision: 'implicitDeny' }]);
});
