// What IAM knows of a call, and how AWS says no to it.
import { describe, expect, it } from 'vitest';

import type { Call } from '../service.ts';
import { Store } from '../store.ts';
import { contextOf } from './context.ts';
import { denial } from './denial.ts';
import { Directory } from './directory.ts';
import { anonymousPrincipal, servicePrincipal, type Principal } from './principal.ts';

const account = '111122223333';
const directory = new Directory(new Store());
const ann: Principal = { kind: 'user', account, arn: `arn:aws:iam::${account}:user/ann`, id: 'AIDAANN', name: 'ann' };

const call = (more: Partial<Call> = {}): Call => ({
  service: 'dynamodb',
  operation: 'GetItem',
  region: 'eu-west-1',
  account,
  principal: ann,
  requestId: '',
  now: Date.UTC(2026, 0, 2, 3, 4, 5),
  endpoint: '',
  headers: {},
  ...more,
});

const contextFor = (more: Partial<Call> = {}) => Object.fromEntries(contextOf({}, call(more), directory));

describe('the context of a call', () => {
  it('tells who, when, where and how', () => {
    expect(contextFor({ headers: { 'user-agent': 'aws-cli/2' } })).toEqual({
      'aws:currenttime': '2026-01-02T03:04:05.000Z',
      'aws:epochtime': '1767323045',
      'aws:principalaccount': account,
      'aws:principalarn': ann.arn,
      'aws:principalisawsservice': 'false',
      'aws:principaltype': 'User',
      'aws:requestedregion': 'eu-west-1',
      'aws:resourceaccount': account,
      'aws:securetransport': 'true',
      'aws:sourceip': '127.0.0.1',
      'aws:useragent': 'aws-cli/2',
      'aws:userid': 'AIDAANN',
      'aws:username': 'ann',
      'aws:viaawsservice': 'false',
    });
  });

  it('takes a proxy’s word for the client’s address and transport', () => {
    const headers = { 'x-forwarded-for': '203.0.113.9, 10.0.0.1', 'x-forwarded-proto': 'http' };
    expect(contextFor({ headers })).toMatchObject({ 'aws:sourceip': '203.0.113.9', 'aws:securetransport': 'false' });
  });

  it('names the services through which a principal calls, and then no address', () => {
    const context = contextFor({ via: ['athena', 's3'] });
    expect(context).toMatchObject({
      'aws:viaawsservice': 'true',
      'aws:calledvia': ['athena.amazonaws.com', 's3.amazonaws.com'],
      'aws:calledviafirst': 'athena.amazonaws.com',
      'aws:calledvialast': 's3.amazonaws.com',
      'aws:principalarn': ann.arn,
    });
    expect(context).not.toHaveProperty('aws:sourceip');
  });

  it('names the resource for which a service calls, against the confused deputy', () => {
    const sourceArn = `arn:aws:sns:eu-west-1:${account}:orders`;
    const context = contextFor({ principal: servicePrincipal(account, 'sns.amazonaws.com'), sourceArn });
    expect(context).toMatchObject({
      'aws:principalisawsservice': 'true',
      'aws:principalservicename': 'sns.amazonaws.com',
      'aws:sourcearn': sourceArn,
      'aws:sourceaccount': account,
    });
    expect(context).not.toHaveProperty('aws:principalarn');
  });

  it('tells of temporary credentials since when they are, and that nobody typed a code for them', () => {
    const principal = { ...ann, issuedAt: Date.UTC(2026, 0, 1) };
    expect(contextFor({ principal })).toMatchObject({
      'aws:tokenissuetime': '2026-01-01T00:00:00.000Z',
      'aws:multifactorauthpresent': 'false',
    });
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
describe('a denial', () => {
  const access = { action: 'codedeploy:ListDeployments', resource: 'arn:aws:codedeploy:us-east-1:1:group:a' };
  const start = `User: ${ann.arn} is not authorized to perform: codedeploy:ListDeployments on resource: arn:aws:codedeploy:us-east-1:1:group:a`;

  it.each([
    ['identity-based policy', 'with an explicit deny in an identity-based policy'],
    ['resource-based policy', 'with an explicit deny in a resource-based policy'],
    ['permissions boundary', 'with an explicit deny in a permissions boundary'],
    ['session policy', 'with an explicit deny in a session policy'],
  ] as const)('by an explicit %s', (by, end) => {
    expect(denial(access, call(), { allowed: false, explicit: true, by, policy: 'p' }).message).toBe(`${start} ${end}`);
  });

  it.each(['identity-based policy', 'resource-based policy', 'permissions boundary', 'session policy'] as const)(
    'for want of a %s',
    (by) => {
      expect(denial(access, call(), { allowed: false, explicit: false, by }).message).toBe(
        `${start} because no ${by} allows the codedeploy:ListDeployments action`,
      );
    },
  );

  it('by a role’s trust policy says so', () => {
    const trust = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${account}:role/x` };
    const explicit = { allowed: false, explicit: true, by: 'resource-based policy', policy: 'p' } as const;
    expect(denial(trust, call({ service: 'sts' }), explicit)).toMatchObject({
      code: 'AccessDenied',
      status: 403,
      message: expect.stringContaining('with an explicit deny in the role trust policy') as string,
    });
  });

  it('by S3 puts the resource in quotes, and tells strangers nothing', () => {
    const get = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' };
    const missing = { allowed: false, explicit: false, by: 'identity-based policy' } as const;
    expect(denial(get, call({ service: 's3' }), missing).message).toContain('on resource: "arn:aws:s3:::b/k" because');
    expect(denial(get, call({ service: 's3', principal: anonymousPrincipal }), missing).message).toBe('Access Denied');
  });

  it.each([
    ['dynamodb', 'AccessDeniedException', 400],
    ['sts', 'AccessDenied', 403],
    ['s3', 'AccessDenied', 403],
  ])('by %s is %s with %i', (service, code, status) => {
    const missing = { allowed: false, explicit: false, by: 'identity-based policy' } as const;
    expect(denial(access, call({ service }), missing)).toMatchObject({ code, status });
  });
});
