// plinth iam why against a cloud of this test's own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud, type Cloud } from '@plinth/cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Context } from '../../context.ts';
import { why } from './why.ts';

const home = mkdtempSync(join(tmpdir(), 'plinth-why-'));
const ann = 'arn:aws:iam::000000000000:user/ann';
let cloud: Cloud;
let context: Context;

beforeAll(async () => {
  cloud = await startCloud();
  const folder = join(home, 'clouds', String(cloud.port));
  mkdirSync(folder, { recursive: true });
  const { endpoint, token } = cloud;
  writeFileSync(join(folder, 'process.json'), JSON.stringify({ endpoint, token, pid: process.pid }));
  context = { home, variables: { PLINTH_PORT: String(cloud.port) } } as unknown as Context;
  const iam = new IAMClient(as(cloud));
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const own = document(
    { Sid: 'Read', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' },
    {
      Sid: 'List',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: '*',
      Condition: { StringLike: { 's3:prefix': 'home/${aws:username}/*' } },
    },
  );
  await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'own', PolicyDocument: own }));
  const never = document({ Sid: 'Never', Effect: 'Deny', Action: 's3:Delete*', Resource: '*' });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'never', PolicyDocument: never }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn: Policy!.Arn! }));
  const trust = document({
    Effect: 'Allow',
    Principal: { Service: 'codebuild.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:codebuild:*:*:project/safe' } },
  });
  await iam.send(new CreateRoleCommand({ RoleName: 'builder', AssumeRolePolicyDocument: trust }));
  const s3 = new S3Client({ ...as(cloud), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'shared' }));
  const shared = document({
    Sid: 'Ann',
    Effect: 'Allow',
    Principal: { AWS: ann },
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::shared/*',
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'shared', Policy: shared }));
});

afterAll(async () => {
  await cloud.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('an explanation', () => {
  it('names the statement that allows', async () => {
    expect(await ask('user/ann', 's3:GetObject', 'arn:aws:s3:::reports/may.csv')).toMatchInlineSnapshot(`
      "ALLOWED  arn:aws:iam::000000000000:user/ann  s3:GetObject  arn:aws:s3:::reports/may.csv
      Allowed by the identity-based policy own, statement Read.

      identity-based policy own allows
        ✓ Allow (Read): action, resource and conditions match
        · Allow (List): Action "s3:ListBucket" does not match s3:GetObject

      identity-based policy arn:aws:iam::000000000000:policy/never says nothing
        · Deny (Never): Action "s3:Delete*" does not match s3:GetObject"
    `);
  });

  it('names the statement that denies', async () => {
    expect(await ask('user/ann', 's3:DeleteObject', 'arn:aws:s3:::reports/may.csv')).toMatchInlineSnapshot(`
      "DENIED  arn:aws:iam::000000000000:user/ann  s3:DeleteObject  arn:aws:s3:::reports/may.csv
      User: arn:aws:iam::000000000000:user/ann is not authorized to perform: s3:DeleteObject on resource: "arn:aws:s3:::reports/may.csv" with an explicit deny in an identity-based policy

      identity-based policy own says nothing
        · Allow (Read): Action "s3:GetObject" does not match s3:DeleteObject
        · Allow (List): Action "s3:ListBucket" does not match s3:DeleteObject

      identity-based policy arn:aws:iam::000000000000:policy/never denies
        ✓ Deny (Never): action, resource and conditions match"
    `);
  });

  it('says what each statement misses, and what a condition wants', async () => {
    expect(await ask(ann, 's3:ListBucket', 'arn:aws:s3:::reports', 's3:prefix=home/bob/x')).toMatchInlineSnapshot(`
      "DENIED  arn:aws:iam::000000000000:user/ann  s3:ListBucket  arn:aws:s3:::reports
      User: arn:aws:iam::000000000000:user/ann is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::reports" because no identity-based policy allows the s3:ListBucket action

      identity-based policy own says nothing
        · Allow (Read): Action "s3:GetObject" does not match s3:ListBucket
        · Allow (List): StringLike s3:prefix wants "home/\${aws:username}/*"; the request has "home/bob/x"

      identity-based policy arn:aws:iam::000000000000:policy/never says nothing
        · Deny (Never): Action "s3:Delete*" does not match s3:ListBucket"
    `);
    expect(await ask(ann, 's3:ListBucket', 'arn:aws:s3:::reports', 's3:prefix=home/ann/x')).toContain('ALLOWED');
  });

  it('asks the resource for its own policy', async () => {
    const text = await ask('user/ann', 's3:GetObject', 'arn:aws:s3:::shared/a');
    expect(text).toContain('Allowed by the resource-based policy of the resource, statement Ann.');
  });

  it('knows whom a role trusts', async () => {
    const question = ['codebuild.amazonaws.com', 'sts:AssumeRole', 'arn:aws:iam::000000000000:role/builder'] as const;
    expect(await ask(...question)).toContain('because no role trust policy allows the sts:AssumeRole action');
    const safe = 'aws:SourceArn=arn:aws:codebuild:us-east-1:000000000000:project/safe';
    expect(await ask(...question, safe)).toContain('ALLOWED');
  });
});

describe('a question', () => {
  it('about nobody names those who are there', async () => {
    await expect(run('user/bob', 's3:GetObject', '*')).rejects.toMatchObject({
      code: 'unknown-principal',
      fix: expect.stringContaining('Users: ann. Roles: builder.') as string,
    });
  });

  it.each([
    [['user/ann', 'GetObject', '*'], 'bad-action'],
    [['user/ann', 's3:ListBucket', 'reports'], 'bad-resource'],
    [['user/ann', 's3:GetObject', '*', 'nonsense'], 'bad-context'],
  ])('%j is refused', async ([principal = '', action = '', resource = '', ...pairs], code) => {
    await expect(run(principal, action, resource, ...pairs)).rejects.toMatchObject({ code });
  });

  it('that is answered with no exits with 2', async () => {
    expect(why.exitCode?.(await run('user/ann', 's3:PutObject', '*'))).toBe(2);
    expect(why.exitCode?.(await run('root', 's3:PutObject', '*'))).toBe(0);
  });
});

const run = (principal: string, action: string, resource: string, ...pairs: string[]) =>
  why.run({ args: [principal, action, resource], options: {}, lists: { context: pairs } }, context);

const ask = async (...words: Parameters<typeof run>): Promise<string> => why.render(await run(...words));

const as = ({ endpoint, credentials }: Cloud) => ({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 });

const document = (...Statement: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
