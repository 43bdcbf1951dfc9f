// The provider's `assume_role` block: the principal that a connection acts as from then on.
import type { AssumeRoleCommandInput, AssumedRoleUser } from '@aws-sdk/client-sts';

import type { Principal } from '../kernel/identity/principal.ts';
import { failure, problem, type Diagnostic } from './diagnostics.ts';
import { isObject, type WireObject, type WireValue } from './value.ts';

/** A Go duration such as `1h30m`, as `duration` takes it. */
const DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

export async function assumeRole(
  role: WireObject,
  call: (input: AssumeRoleCommandInput) => Promise<{ AssumedRoleUser?: AssumedRoleUser }>,
): Promise<Principal | Diagnostic> {
  const roleArn = text(role['role_arn']);
  if (!roleArn) return problem('Cannot assume IAM Role', 'assume_role needs a role_arn.', 'assume_role');
  if (Array.isArray(role['policy_arns']) && role['policy_arns'].length > 0) {
    return problem(
      'The local cloud does not support policy_arns',
      'Give the session policy as text, in policy.',
      'assume_role.0.policy_arns',
    );
  }
  const sessionName = text(role['session_name']) ?? 'terraform';
  const policy = text(role['policy']);
  const tags = isObject(role['tags']) ? (role['tags'] as Record<string, string>) : {};
  try {
    const { AssumedRoleUser: user } = await call({
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ExternalId: text(role['external_id']),
      Policy: policy,
      DurationSeconds: seconds(text(role['duration'])),
      SourceIdentity: text(role['source_identity']),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
    return {
      kind: 'session',
      account: roleArn.split(':')[4] ?? '',
      arn: user?.Arn ?? '',
      id: user?.AssumedRoleId ?? '',
      roleArn,
      roleName: roleArn.slice(roleArn.lastIndexOf('/') + 1),
      sessionName,
      policies: policy ? [policy] : [],
      tags,
    };
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

function seconds(duration: string | undefined): number | undefined {
  const [, hours = 0, minutes = 0, rest = 0] = DURATION.exec(duration ?? '') ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest) || undefined;
}
