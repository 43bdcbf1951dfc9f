import { AwsError } from '../../kernel/errors.ts';
import { contextOf } from '../../kernel/identity/context.ts';
// Key policies: the default one, and what KMS refuses of others.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
import { decide } from '../../kernel/identity/decision.ts';
import type { Directory } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import type { Call } from '../../kernel/service.ts';
import { limitExceeded, malformedPolicy } from './errors.ts';

/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
const LARGEST_POLICY_BYTES = 32 * 1024;

/** Leaves everything to the account's own policies, as AWS's does. */
export const defaultPolicy = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

export interface PolicyCheck {
  readonly directory: Directory;
  readonly arn: string;
  /** Takes a policy that its author cannot change again. */
  readonly bypassLockout: boolean | undefined;
}

/** The policy, if KMS takes it. */
export function checkPolicy(policy: string, call: Call, { directory, arn, bypassLockout }: PolicyCheck): string {
  if (Buffer.byteLength(policy) > LARGEST_POLICY_BYTES) throw limitExceeded('Policy exceeds the maximum size.');
  for (const { principals } of statementsIn(policy)) {
    if (!principals) throw malformedPolicy('Policy contains a statement with no principal.');
    for (const name of [...(principals['AWS'] ?? []), ...(principals['*'] ?? [])]) {
      if (directory.knowsPrincipal(name, call.account)) continue;
      throw malformedPolicy('Policy contains a statement with one or more invalid principals.');
    }
  }
  if (!bypassLockout && !letsChange(policy, arn, call, directory)) {
    throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
  }
  return policy;
}

function statementsIn(policy: string) {
  try {
    return parsePolicy(policy, 'resource');
  } catch (error) {
    if (error instanceof AwsError) throw malformedPolicy(error.message);
    throw error;
  }
}

// Whether the policy itself, or the account to which it leaves the question, could allow its author the next change.
function letsChange(document: string, resource: string, call: Call, directory: Directory): boolean {
  const decision = decide(
    {
      principal: call.principal,
      action: 'kms:PutKeyPolicy',
      resource,
      context: contextOf({ context: { 'kms:CallerAccount': call.account } }, call, directory),
      resourcePolicy: { name: 'key policy', document },
      resourcePolicyRequired: true,
    },
    { identity: [], boundary: undefined, session: [] },
  );
  return decision.allowed || (!decision.explicit && decision.by === 'identity-based policy');
}
