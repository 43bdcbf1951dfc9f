// The AWS-managed policies that the cloud knows: all of them readable, and each with the effect that it is known for.
import { describe, expect, it } from 'vitest';

import { allManaged, findManaged } from './aws-managed.ts';
import { decide } from './decision.ts';
import { parsePolicy } from './policy-document.ts';

const account = '111122223333';
const ann = { kind: 'user', account, arn: `arn:aws:iam::${account}:user/ann`, id: 'AIDAANN', name: 'ann' } as const;

describe('AWS’s managed policies', () => {
  it('are policies as IAM takes them, and no two have the same id', () => {
    const policies = allManaged();
    for (const { versions } of policies)
      expect(parsePolicy(versions[0]!.document, 'identity').length).toBeGreaterThan(0);
    expect(new Set(policies.map(({ id }) => id)).size).toBe(policies.length);
  });

  it.each([
    ['AdministratorAccess', 'iam:CreateUser', true],
    ['PowerUserAccess', 's3:CreateBucket', true],
    ['PowerUserAccess', 'iam:CreateUser', false],
    ['ReadOnlyAccess', 's3:GetObject', true],
    ['ReadOnlyAccess', 's3:PutObject', false],
    ['AWSDenyAll', 's3:GetObject', false],
    ['service-role/AWSLambdaBasicExecutionRole', 'logs:PutLogEvents', true],
  ])('%s and %s: %s', (name, action, allowed) => {
    const { document } = findManaged(`arn:aws:iam::aws:policy/${name}`)!.versions[0]!;
    const request = {
      principal: ann,
      action,
      resource: 'arn:aws:s3:::a',
      context: new Map(),
      resourcePolicy: undefined,
    };
    const policies = { identity: [{ name, document }], boundary: undefined, session: [] };
    expect(decide(request, policies).allowed).toBe(allowed);
  });

  it('that the cloud does not know are none', () => {
    expect(findManaged('arn:aws:iam::aws:policy/Nothing')).toBeUndefined();
    expect(findManaged('arn:aws:iam::aws:policy/constructor')).toBeUndefined();
  });
});
