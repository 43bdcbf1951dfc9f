import { expect, test } from 'vitest';

import { authenticate, credentialId, organizationId } from './organization.ts';

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:fp-ingest';
const arn = (rest: string) => `arn:aws:${rest}`;

test.each([
  ['a user by its path', arn('iam::123456789012:user/organizations/acme/ci'), 'acme'],
  ['a user further down', arn('iam::123456789012:user/organizations/acme/team/ci'), 'acme'],
  ['a role by its name', arn('sts::123456789012:assumed-role/org-acme/session'), 'acme'],
  ['another role of it', arn('sts::123456789012:assumed-role/org-acme.build/session'), 'acme'],
])('%s', (_, caller, organization) => {
  expect(authenticate({ arn: caller, functionArn })).toEqual({ organization });
});

test.each([
  ['a user elsewhere', arn('iam::123456789012:user/acme')],
  ['a user beside the organizations', arn('iam::123456789012:user/organizations/acme')],
  ['a user of no organization', arn('iam::123456789012:user/organizations//ci')],
  ['a path that only contains it', arn('iam::123456789012:user/x/organizations/acme/ci')],
  ['another role', arn('sts::123456789012:assumed-role/admin/org-acme')],
  ['a role of no organization', arn('sts::123456789012:assumed-role/org-/s')],
  ['a user of another account', arn('iam::999999999999:user/organizations/acme/ci')],
  ['a role of another account', arn('sts::999999999999:assumed-role/org-acme/s')],
  ['the account itself', arn('iam::123456789012:root')],
])('%s is nobody', (_, caller) => {
  expect(authenticate({ arn: caller, functionArn })).toEqual({ reason: 'invalid' });
});

test('without a credential there is nobody', () => {
  expect(authenticate({ functionArn })).toEqual({ reason: 'missing' });
  expect(authenticate({ functionArn: `${functionArn}:live` })).toEqual({ reason: 'missing' });
});

test('who is invoked by an organization’s alias is that organization, whatever its event says', () => {
  const alias = `${functionArn}:org-acme`;
  expect(authenticate({ functionArn: alias })).toEqual({ organization: 'acme' });
  expect(authenticate({ functionArn: alias, arn: arn('iam::123456789012:user/organizations/other/ci') })).toEqual({
    organization: 'acme',
  });
});

test('ids are trimmed, 1 to 255 characters, and none is taken for another kind of row', () => {
  expect(organizationId('  acme ')).toBe('acme');
  expect(organizationId(' ')).toBeUndefined();
  expect(organizationId('x'.repeat(255))).toHaveLength(255);
  expect(organizationId('x'.repeat(256))).toBeUndefined();
  expect(organizationId('suspension#acme')).toBeUndefined();
});

test('a session has the id of its role', () => {
  expect(credentialId('AROAEXAMPLE:monday')).toBe('AROAEXAMPLE');
  expect(credentialId('AIDAEXAMPLE')).toBe('AIDAEXAMPLE');
});
