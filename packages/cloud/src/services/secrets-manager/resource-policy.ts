// Resource policies of secrets: what is taken, and what would let everybody in.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
import { AwsError } from '../../kernel/errors.ts';
import type { Directory } from '../../kernel/identity/directory.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import { malformedPolicy } from './errors.ts';

const LARGEST_POLICY = 20_480;

/** Throws AWS's error for a policy that a secret cannot have. */
export function requirePolicy(policy: string, directory: Directory, account: string): string {
  if (policy.length > LARGEST_POLICY) throw malformedPolicy(`The policy is longer than ${LARGEST_POLICY} characters.`);
  for (const { principals, actions } of statementsIn(policy)) {
    if (!principals) throw malformedPolicy('This resource policy contains a statement without a principal.');
    const unknown = principals['AWS']?.find((name) => !directory.knowsPrincipal(name, account));
    if (unknown !== undefined) throw malformedPolicy('This resource policy contains an unsupported principal.');
    const foreign = actions.find((action) => action !== '*' && !/^secretsmanager:/i.test(action));
    if (foreign !== undefined) throw malformedPolicy(`This resource policy contains an invalid action: ${foreign}`);
  }
  return policy;
}

/** True where a statement lets in whoever comes. */
export const isPublic = (policy: string): boolean =>
  statementsIn(policy).some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' &&
      conditions.size === 0 &&
      (principals?.['*'] !== undefined || principals?.['AWS']?.includes('*')),
  );

function statementsIn(policy: string) {
  try {
    return parsePolicy(policy, 'resource');
  } catch (error) {
    if (error instanceof AwsError) throw malformedPolicy(error.message);
    throw error;
  }
}
