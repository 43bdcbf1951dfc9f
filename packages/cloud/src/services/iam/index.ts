// AWS Identity and Access Management.
//
// Answers: users, access keys, groups, roles, service-linked roles, instance profiles, inline and managed policies with
// versions, permissions boundaries, tags, OpenID Connect providers, the policy simulator, the account's details and alias.
// Gaps: passwords and consoles, MFA, SAML providers, server certificates, SSH keys, credential reports, access advisor (501);
// the simulator says which statements matched, not where in their text they stand.
// By design: the evaluator is the kernel's, so what is stored here decides over every call; of AWS's managed policies
// only those in kernel/identity/aws-managed.ts exist.
// Client quirks: policy documents come back percent-encoded, as IAM does.
import type { Kernel, Service } from '../../kernel/service.ts';
import { iamOperations } from './operations.ts';
import { iamResources } from './resources.ts';
import { tagFacts } from './shapes.ts';

export const iam = ({ identity, store, account }: Kernel): Service => ({
  name: 'iam',
  client: 'iam',
  operations: iamOperations(identity, store, account),
  unsupported: {
    SimulatePrincipalPolicy: ['PolicyExclusionList', 'ResourceOwner', 'ResourceHandlingOption'],
    SimulateCustomPolicy: ['OrderedOrganizationPolicyInputList', 'ResourceOwner', 'ResourceHandlingOption'],
  },
  resources: iamResources,
  describeResource: (arn, action) => {
    const role = identity.directory.findRoleByArn(arn);
    if (!role) {
      const tagged = identity.directory.findUserByArn(arn) ?? identity.directory.policies.get(arn);
      return tagged && { context: tagFacts(tagged.tags) };
    }
    const trust = action.toLowerCase().startsWith('sts:');
    return {
      ...(trust && { resourcePolicy: role.trust, resourcePolicyRequired: true }),
      context: tagFacts(role.tags),
    };
  },
});
