// Every IAM operation that the cloud answers.
import type { Identity } from '../../kernel/identity/identity.ts';
import { policyOperations } from './policy-operations.ts';
import { roleOperations } from './role-operations.ts';
import { userOperations } from './user-operations.ts';

export type IamOperations = ReturnType<typeof iamOperations>;

export const iamOperations = ({ directory, keys }: Identity, account: string) => ({
  ...roleOperations(directory, account),
  ...policyOperations(directory, account),
  ...userOperations(directory, keys, account),
});
