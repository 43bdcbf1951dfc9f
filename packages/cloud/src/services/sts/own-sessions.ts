// Temporary credentials for oneself, GetSessionToken, and for somebody else in one's name, GetFederationToken.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
import type { GetFederationTokenCommandInput, GetSessionTokenCommandInput } from '@aws-sdk/client-sts';

import { AwsError } from '../../kernel/errors.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Access, Call } from '../../kernel/service.ts';
import {
  credentials,
  invalid,
  refuseDevice,
  requireDuration,
  sessionPolicies,
  sessionTags,
  tagContext,
} from './session-input.ts';

/** Seconds of a session: where it is not said, at most for a user, and at most for the root. */
const SECONDS = { unsaid: 43_200, user: 129_600, root: 3_600 };

export const getSessionToken = ({ keys }: Identity) => ({
  // AWS asks for no permission here.
  access: (): Access[] => [],
  run: (input: GetSessionTokenCommandInput, { principal, now }: Call) => {
    const own = requireLongTerm(principal, 'GetSessionToken');
    refuseDevice(input);
    const seconds = durationFor(own, input.DurationSeconds);
    const issued: Principal = { ...own, issuedAt: now };
    return { Credentials: credentials(keys.createSession(issued, now, now + seconds * 1000)) };
  },
});

export const getFederationToken = (identity: Identity, account: string) => {
  const arnOf = (name: string | undefined) => `arn:aws:sts::${account}:federated-user/${name}`;
  return {
    access: (input: GetFederationTokenCommandInput): Access[] => [
      {
        action: 'sts:GetFederationToken',
        resource: arnOf(input.Name),
        context: tagContext(input.Tags, undefined),
      },
      ...(input.Tags?.length
        ? [{ action: 'sts:TagSession', resource: arnOf(input.Name), context: tagContext(input.Tags, undefined) }]
        : []),
    ],
    run: (input: GetFederationTokenCommandInput, { principal, now }: Call) => {
      const own = requireLongTerm(principal, 'GetFederationToken');
      const name = input.Name ?? '';
      if (!/^[\w+=,.@-]{2,32}$/.test(name)) throw invalid(`The specified value for name is invalid: ${name}`);
      const seconds = durationFor(own, input.DurationSeconds);
      const federated: Principal = {
        kind: 'federated-user',
        account,
        arn: arnOf(name),
        id: `${account}:${name}`,
        name,
        issuer: own.kind === 'user' ? { kind: 'user', name: own.name, id: own.id } : { kind: 'root' },
        policies: sessionPolicies(identity, input),
        tags: sessionTags(input.Tags),
        issuedAt: now,
      };
      return {
        Credentials: credentials(identity.keys.createSession(federated, now, now + seconds * 1000)),
        FederatedUser: { FederatedUserId: federated.id, Arn: federated.arn },
      };
    },
  };
};

type LongTerm = Extract<Principal, { kind: 'user' | 'root' }>;

function requireLongTerm(principal: Principal, operation: string): LongTerm {
  if (principal.kind === 'user' || principal.kind === 'root') return principal;
  if (principal.kind === 'anonymous') {
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
  }
  throw new AwsError('AccessDenied', `Cannot call ${operation} with session credentials`, { status: 403 });
}

function durationFor({ kind }: LongTerm, seconds: number | undefined): number {
  return requireDuration(seconds, Math.min(SECONDS.unsaid, SECONDS[kind]), SECONDS[kind]);
}
