// Who asks, in the tests of IAM's decisions.
import type { Principal } from './principal.ts';

export const account = '111122223333';

export const user = {
  kind: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/ann`,
  id: 'AIDA1',
  name: 'ann',
} satisfies Principal;

export const session = {
  kind: 'session',
  account,
  arn: `arn:aws:sts::${account}:assumed-role/reader/one`,
  id: 'AROA1:one',
  roleArn: `arn:aws:iam::${account}:role/reader`,
  roleName: 'reader',
  sessionName: 'one',
  policies: [],
  tags: {},
} satisfies Principal;
