// AWS Identity and Access Management.
//
// Answers: users, access keys, roles, inline and managed policies with versions, permissions boundaries, tags.
// Gaps: groups, instance profiles, SAML and OIDC providers, MFA, account settings (501).
// By design: the evaluator is the kernel's, so what is stored here decides over every call; of AWS's managed policies
// only those in kernel/identity/aws-managed.ts exist.
// Client quirks: policy documents come back percent-encoded, as IAM does.
import type { Kernel, Service } from '../../kernel/service.ts';
import { iamOperations } from './operations.ts';
import { iamResources } from './resources.ts';

export const iam = ({ identity, account }: Kernel): Service => ({
  name: 'iam',
  client: 'iam',
  operations: iamOperations(identity, account),
  resources: iamResources,
});
