// Sessions and who holds them. https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
import type {
  AssumeRoleCommandInput,
  Credentials,
  GetAccessKeyInfoCommandInput,
  GetSessionTokenCommandInput,
} from '@aws-sdk/client-sts';

import { AwsError } from '../../kernel/errors.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import type { Access, Call } from '../../kernel/service.ts';

export type StsOperations = ReturnType<typeof stsOperations>;

/** Seconds of a session that does not say how long it wants to be, and of the shortest one. */
const ASSUME_ROLE_SECONDS = { unsaid: 3_600, least: 900, chained: 3_600 };
const SESSION_TOKEN_SECONDS = { unsaid: 43_200, least: 900, most: 129_600, root: 3_600 };

/** Characters of the inline session policy. */
const SESSION_POLICY_LIMIT = 2_048;

export function stsOperations(identity: Identity, account: string) {
  return {
    // AWS lets every caller ask who it is, whatever its policies say.
    GetCallerIdentity: {
      access: (): Access[] => [],
      run: (_input: object, { principal }: Call) => {
        if (principal.kind === 'anonymous') {
          throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
        }
        return { UserId: principal.id, Account: account, Arn: principal.arn };
      },
    },
    GetAccessKeyInfo: {
      access: (): Access[] => [{ action: 'sts:GetAccessKeyInfo', resource: '*' }],
      run: (input: GetAccessKeyInfoCommandInput) => {
        if (!identity.keys.find(input.AccessKeyId ?? '')) {
          throw new AwsError('ValidationError', `Access key ${input.AccessKeyId} is not known`);
        }
        return { Account: account };
      },
    },
    AssumeRole: {
      access: (input: AssumeRoleCommandInput): Access[] => [
        {
          action: 'sts:AssumeRole',
          resource: input.RoleArn ?? '',
          // A role that is not there denies like one that does not trust the caller: its existence stays a secret.
          resourcePolicy: identity.directory.findRoleByArn(input.RoleArn ?? '')?.trust,
          resourcePolicyRequired: true,
          context: {
            'sts:ExternalId': input.ExternalId,
            'sts:RoleSessionName': input.RoleSessionName,
            'aws:TagKeys': input.Tags?.map((tag) => tag.Key!),
          },
        },
      ],
      run: (input: AssumeRoleCommandInput, call: Call) => {
        const role = identity.directory.findRoleByArn(input.RoleArn!)!;
        const longest = call.principal.kind === 'session' ? ASSUME_ROLE_SECONDS.chained : role.maxSessionSeconds;
        const durationSeconds = input.DurationSeconds ?? ASSUME_ROLE_SECONDS.unsaid;
        if (durationSeconds < ASSUME_ROLE_SECONDS.least || durationSeconds > longest) {
          throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
        }
        const sessionName = input.RoleSessionName ?? '';
        if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
          throw invalid(`The specified value for roleSessionName is invalid: ${sessionName}`);
        }
        const session = identity.openSession({
          role,
          sessionName,
          durationSeconds,
          policies: sessionPolicies(identity, input),
          tags: Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key!, Value ?? ''])),
        });
        return {
          Credentials: shape(session),
          AssumedRoleUser: { AssumedRoleId: session.principal.id, Arn: session.principal.arn },
        };
      },
    },
    // AWS asks for no permission here either.
    GetSessionToken: {
      access: (): Access[] => [],
      run: (input: GetSessionTokenCommandInput, { principal, now }: Call) => {
        if (principal.kind !== 'user' && principal.kind !== 'root') {
          throw new AwsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', { status: 403 });
        }
        const longest = principal.kind === 'root' ? SESSION_TOKEN_SECONDS.root : SESSION_TOKEN_SECONDS.most;
        const seconds = input.DurationSeconds ?? Math.min(SESSION_TOKEN_SECONDS.unsaid, longest);
        if (seconds < SESSION_TOKEN_SECONDS.least || seconds > longest) {
          throw invalid(`DurationSeconds must be between ${SESSION_TOKEN_SECONDS.least} and ${longest}`);
        }
        return { Credentials: shape(identity.keys.createSession(principal, now, now + seconds * 1000)) };
      },
    },
  };
}

function sessionPolicies(identity: Identity, input: AssumeRoleCommandInput): string[] {
  const inline = input.Policy === undefined ? [] : [input.Policy];
  for (const policy of inline) {
    parsePolicy(policy, 'identity');
    if (policy.length > SESSION_POLICY_LIMIT) {
      throw new AwsError('PackedPolicyTooLarge', `Session policy is longer than ${SESSION_POLICY_LIMIT} characters`);
    }
  }
  const managed = (input.PolicyArns ?? []).map(({ arn }) => {
    const document = identity.directory.findDocument(arn ?? '');
    if (document === undefined) throw new AwsError('NoSuchEntity', `Policy ${arn} does not exist`, { status: 404 });
    return document;
  });
  return [...inline, ...managed];
}

const shape = (session: {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiresAt: number;
}): Credentials => ({
  AccessKeyId: session.accessKeyId,
  SecretAccessKey: session.secretAccessKey,
  SessionToken: session.sessionToken,
  Expiration: new Date(session.expiresAt),
});

const invalid = (message: string) => new AwsError('ValidationError', message);
