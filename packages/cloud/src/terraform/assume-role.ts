// The provider's `assume_role` block: the principal that a connection acts as from then on.
import type { AssumeRoleCommandInput, Credentials } from '@aws-sdk/client-sts';

import type { Principal } from '../kernel/identity/principal.ts';
import { failure, problem, type Diagnostic } from './diagnostics.ts';
import { isObject, type WireObject, type WireValue } from './value.ts';

/** A Go duration such as `1h30m`, as `duration` takes it. */
const DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** `call` is the API's; `principalOf` knows the session that it opened by its access key. */
export async function assumeRole(
  role: WireObject,
  call: (input: AssumeRoleCommandInput) => Promise<{ Credentials?: Credentials }>,
  principalOf: (accessKeyId: string | undefined) => Principal,
): Promise<Principal | Diagnostic> {
  const roleArn = text(role['role_arn']);
  if (!roleArn) return problem('Cannot assume IAM Role', 'assume_role needs a role_arn.', 'assume_role');
  const tags = isObject(role['tags']) ? (role['tags'] as Record<string, string>) : {};
  try {
    const { Credentials: credentials } = await call({
      RoleArn: roleArn,
      RoleSessionName: text(role['session_name']) ?? 'terraform',
      ExternalId: text(role['external_id']),
      Policy: text(role['policy']),
      PolicyArns: texts(role['policy_arns']).map((arn) => ({ arn })),
      DurationSeconds: seconds(text(role['duration'])),
      SourceIdentity: text(role['source_identity']),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      TransitiveTagKeys: texts(role['transitive_tag_keys']),
    });
    return principalOf(credentials?.AccessKeyId);
  } catch (error) {
    const { detail = '' } = failure({ phase: 'reading', type: 'aws_iam_role', name: roleArn }, error);
    return problem(
      `Cannot assume IAM Role ${roleArn}: ${error instanceof Error ? error.message : String(error)}`,
      detail,
      'assume_role',
    );
  }
}

const text = (value: WireValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const texts = (value: WireValue | undefined): string[] =>
  Array.isArray(value) ? value.flatMap((item: WireValue) => text(item) ?? []) : [];

function seconds(duration: string | undefined): number | undefined {
  const [, hours = 0, minutes = 0, rest = 0] = DURATION.exec(duration ?? '') ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest) || undefined;
}
