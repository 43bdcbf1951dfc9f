// Resource policies of secrets: put, told, deleted, and judged.
import type { PutResourcePolicyRequest, ValidateResourcePolicyRequest } from '@aws-sdk/client-secrets-manager';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onNothing, onSecret } from './access.ts';
import { publicPolicy } from './errors.ts';
import { isPublic, requirePolicy } from './resource-policy.ts';
import { onOne, onPrimary, type SecretsManager } from './service.ts';

export function policyOperations(manager: SecretsManager) {
  const { kernel, secrets } = manager;
  const { directory } = kernel.identity;
  return {
    PutResourcePolicy: onPrimary(
      manager,
      'PutResourcePolicy',
      (secret, input: PutResourcePolicyRequest, call) => {
        const policy = requirePolicy(input.ResourcePolicy ?? '', directory, call.account);
        if (input.BlockPublicPolicy && isPublic(policy)) throw publicPolicy();
        secrets.save({ ...secret, policy });
        return { ARN: secret.arn, Name: secret.name };
      },
      ({ BlockPublicPolicy: block = false }) => ({ 'secretsmanager:BlockPublicPolicy': String(block) }),
    ),
    GetResourcePolicy: onOne(manager, 'GetResourcePolicy', ({ arn, name, policy }) => ({
      ARN: arn,
      Name: name,
      ...(policy !== undefined && { ResourcePolicy: policy }),
    })),
    DeleteResourcePolicy: onPrimary(manager, 'DeleteResourcePolicy', ({ policy: _policy, ...secret }) => {
      secrets.save(secret);
      return { ARN: secret.arn, Name: secret.name };
    }),
    ValidateResourcePolicy: {
      access: (input: ValidateResourcePolicyRequest, call: Call): Access[] => [
        input.SecretId === undefined
          ? onNothing('ValidateResourcePolicy')
          : onSecret(secrets, 'ValidateResourcePolicy', input.SecretId, call),
      ],
      run: (input: ValidateResourcePolicyRequest, call: Call) => {
        const problems = problemsOf(() => requirePolicy(input.ResourcePolicy ?? '', directory, call.account));
        return { PolicyValidationPassed: problems.length === 0, ValidationErrors: problems };
      },
    },
  };
}

function problemsOf(check: () => string): { CheckName: string; ErrorMessage: string }[] {
  try {
    const open = isPublic(check());
    return open ? [{ CheckName: 'ZELKOVA_CHECK', ErrorMessage: publicPolicy().message }] : [];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return [{ CheckName: 'POLICY_GRAMMAR_CHECK', ErrorMessage: error.message }];
  }
}
