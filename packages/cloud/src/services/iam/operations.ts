// Every IAM operation that the cloud answers.
import type { Identity } from '../../kernel/identity/identity.ts';
import type { Store } from '../../kernel/store.ts';
import { accessKeyOperations } from './access-key-operations.ts';
import { accountOperations } from './account-operations.ts';
import { groupOperations } from './group-operations.ts';
import { instanceProfileOperations } from './instance-profile-operations.ts';
import { oidcProviderOperations } from './oidc-provider-operations.ts';
import { policyOperations } from './policy-operations.ts';
import { roleOperations } from './role-operations.ts';
import { serviceLinkedRoleOperations } from './service-linked-role-operations.ts';
import { simulationOperations } from './simulation-operations.ts';
import { userOperations } from './user-operations.ts';

export type IamOperations = ReturnType<typeof iamOperations>;

export const iamOperations = (identity: Identity, store: Store, account: string) => ({
  ...roleOperations(identity.directory, account),
  ...serviceLinkedRoleOperations(identity.directory, account),
  ...instanceProfileOperations(identity.directory, account),
  ...policyOperations(identity.directory, account),
  ...userOperations(identity.directory, identity.keys, account),
  ...accessKeyOperations(identity.directory, identity.keys, account),
  ...groupOperations(identity.directory, account),
  ...oidcProviderOperations(identity.directory, account),
  ...accountOperations(identity, store.collection<string>('iam.account')),
  ...simulationOperations(identity, account),
});
