// Key policies, read and replaced: every key has one, called `default`.
import type { GetKeyPolicyRequest, PutKeyPolicyRequest } from '@aws-sdk/client-kms';

import { notFound } from './errors.ts';
import { checkPolicy } from './key-policy.ts';
import { requireNotDeleting } from './keys.ts';
import { onKeyItself, type Kms } from './service.ts';

const ONLY_NAME = 'default';

export function policyOperations(kms: Kms) {
  const { keys, kernel } = kms;
  const { directory } = kernel.identity;
  return {
    GetKeyPolicy: onKeyItself(kms, 'GetKeyPolicy', (key, { PolicyName = ONLY_NAME }: GetKeyPolicyRequest) => {
      requireOnly(PolicyName);
      return { Policy: key.policy, PolicyName };
    }),
    PutKeyPolicy: onKeyItself(
      kms,
      'PutKeyPolicy',
      (key, input: PutKeyPolicyRequest, call) => {
        requireOnly(input.PolicyName ?? ONLY_NAME);
        requireNotDeleting(key);
        const bypassLockout = input.BypassPolicyLockoutSafetyCheck;
        keys.save({
          ...key,
          policy: checkPolicy(input.Policy ?? '', call, { directory, arn: key.arn, bypassLockout }),
        });
        return {};
      },
      ({ BypassPolicyLockoutSafetyCheck: bypass = false }) => ({
        context: { 'kms:BypassPolicyLockoutSafetyCheck': String(bypass) },
      }),
    ),
    ListKeyPolicies: onKeyItself(kms, 'ListKeyPolicies', (_key) => ({
      PolicyNames: [ONLY_NAME],
      Truncated: false,
    })),
  };
}

function requireOnly(name: string): void {
  if (name !== ONLY_NAME) throw notFound('No such policy exists');
}
