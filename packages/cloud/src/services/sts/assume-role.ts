// AssumeRole: external ids, session policies, session tags, and roles assumed from roles.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';

import { AwsError } from '../../kernel/errors.ts';
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Role } from '../../kernel/identity/directory.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Access, Call } from '../../kernel/service.ts';
import {
  credentials,
  invalid,
  refuseDevice,
  requireDuration,
  requireSessionName,
  sessionPolicies,
  sessionTags,
  tagContext,
  UNSAID_SECONDS,
} from './session-input.ts';

/** Seconds of the longest session that a session of another role may open. */
const CHAINED_SECONDS = 3_600;

export const assumeRole = (identity: Identity) => ({
  access: (input: AssumeRoleCommandInput, { principal }: Call): Access[] => {
    const role = identity.directory.findRoleByArn(input.RoleArn ?? '');
    const on = (action: string): Access => ({
      action,
      resource: input.RoleArn ?? '',
      // A role that is not there denies like one that does not trust the caller: its existence stays a secret.
      resourcePolicy: role?.trust,
      resourcePolicyRequired: true,
      context: {
        'sts:ExternalId': input.ExternalId,
        'sts:RoleSessionName': input.RoleSessionName,
        'sts:SourceIdentity': input.SourceIdentity,
        ...tagContext(input.Tags, input.TransitiveTagKeys),
        ...resourceTags(role?.tags ?? {}),
      },
    });
    const tagged = input.Tags?.length || Object.keys(inherited(principal)).length > 0;
    return [
      on('sts:AssumeRole'),
      ...(tagged ? [on('sts:TagSession')] : []),
      ...(input.SourceIdentity || (principal.kind === 'session' && principal.sourceIdentity)
        ? [on('sts:SetSourceIdentity')]
        : []),
    ];
  },
  run: (input: AssumeRoleCommandInput, { principal }: Call) => {
    refuseDevice(input);
    const role = identity.directory.findRoleByArn(input.RoleArn!)!;
    const session = identity.openSession({
      role,
      sessionName: requireSessionName(input.RoleSessionName),
      durationSeconds: durationOf(input, role, principal),
      policies: sessionPolicies(identity, input),
      ...tagsOf(input, principal),
      sourceIdentity: sourceIdentityOf(input, principal),
    });
    return {
      Credentials: credentials(session),
      AssumedRoleUser: { AssumedRoleId: session.principal.id, Arn: session.principal.arn },
      SourceIdentity: input.SourceIdentity,
    };
  },
});

function durationOf(input: AssumeRoleCommandInput, role: Role, principal: Principal): number {
  const seconds = requireDuration(input.DurationSeconds, UNSAID_SECONDS, 43_200);
  if (principal.kind === 'session' && seconds > CHAINED_SECONDS) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
  }
  if (seconds > role.maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return seconds;
}

// Transitive tags go on from session to session, and nobody on the way can change them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
function tagsOf(input: AssumeRoleCommandInput, principal: Principal) {
  const own = sessionTags(input.Tags);
  const passed = inherited(principal);
  const fixed = new Set(Object.keys(passed).map((key) => key.toLowerCase()));
  const changed = Object.keys(own).find((key) => fixed.has(key.toLowerCase()));
  if (changed !== undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session: ${changed}`,
    );
  }
  const transitive = input.TransitiveTagKeys ?? [];
  const missing = transitive.find((key) => !Object.keys(own).some((name) => name.toLowerCase() === key.toLowerCase()));
  if (missing !== undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      `The specified transitive tag key must be included in the requested tags: ${missing}`,
    );
  }
  return { tags: { ...passed, ...own }, transitive: [...Object.keys(passed), ...transitive] };
}

function inherited(principal: Principal): Record<string, string> {
  if (principal.kind !== 'session') return {};
  const keys = new Set((principal.transitive ?? []).map((key) => key.toLowerCase()));
  return Object.fromEntries(Object.entries(principal.tags).filter(([key]) => keys.has(key.toLowerCase())));
}

function sourceIdentityOf(input: AssumeRoleCommandInput, principal: Principal): string | undefined {
  const said = principal.kind === 'session' ? principal.sourceIdentity : undefined;
  if (said !== undefined && input.SourceIdentity !== undefined && input.SourceIdentity !== said) {
    throw new AwsError('AccessDenied', 'The source identity of a session cannot be changed by role chaining', {
      status: 403,
    });
  }
  const name = input.SourceIdentity ?? said;
  if (name !== undefined && !/^[\w+=,.@-]{2,64}$/.test(name)) {
    throw invalid(`The specified value for sourceIdentity is invalid: ${name}`);
  }
  return name;
}
