// What the operations that open sessions have in common: durations, names, session policies and session tags.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
import type { Credentials, PolicyDescriptorType, Tag } from '@aws-sdk/client-sts';

import { requireWithin } from '../../kernel/constraint.ts';
import { AwsError } from '../../kernel/errors.ts';
import { requestTags } from '../../kernel/identity/context.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import { parsePolicy } from '../../kernel/identity/policy-document.ts';
import type { Access } from '../../kernel/service.ts';

/** Seconds of the shortest session, and of one that does not say how long it wants to be. */
export const LEAST_SECONDS = 900;
export const UNSAID_SECONDS = 3_600;

/** Characters of the inline session policy. */
const SESSION_POLICY_LIMIT = 2_048;

const SESSION_POLICY_ARNS_LIMIT = 10;

const SESSION_TAGS_LIMIT = 50;

interface SessionInput {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined;
}

/** The texts of the session policies that a request brings or names. */
export function sessionPolicies(identity: Identity, input: SessionInput): string[] {
  const inline = input.Policy ? [input.Policy] : [];
  for (const policy of inline) {
    parsePolicy(policy, 'identity');
    if (policy.length > SESSION_POLICY_LIMIT) {
      throw new AwsError(
        'PackedPolicyTooLarge',
        `Packed size of session policy consumes ${Math.ceil((policy.length / SESSION_POLICY_LIMIT) * 100)}% of allotted space, please use smaller policy.`,
      );
    }
  }
  const arns = (input.PolicyArns ?? []).map(({ arn = '' }) => arn);
  if (arns.length > SESSION_POLICY_ARNS_LIMIT) {
    throw invalid(
      `1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to ${SESSION_POLICY_ARNS_LIMIT}`,
    );
  }
  const managed = arns.map((arn) => {
    const document = identity.directory.findDocument(arn);
    if (document === undefined) throw invalid(`The requested policy ${arn} does not exist or is not attachable`);
    return document;
  });
  return [...inline, ...managed];
}

/** Session tags as a record; keys that differ in case alone are the same key. */
export function sessionTags(tags: readonly Tag[] | undefined): Record<string, string> {
  const entries = (tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const);
  if (entries.length > SESSION_TAGS_LIMIT) throw invalid(`The number of session tags exceeds ${SESSION_TAGS_LIMIT}`);
  const keys = new Set(entries.map(([key]) => key.toLowerCase()));
  if (keys.size < entries.length) {
    throw new AwsError(
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    );
  }
  return Object.fromEntries(entries);
}

/** The condition keys of a request that passes session tags. */
export const tagContext = (tags: readonly Tag[] | undefined, transitive: readonly string[] | undefined) =>
  ({
    ...requestTags(Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']))),
    'sts:TransitiveTagKeys': transitive?.length ? transitive : undefined,
  }) satisfies Access['context'];

/** MFA devices do not exist here, so no code can be right. */
export function refuseDevice(input: { SerialNumber?: string | undefined; TokenCode?: string | undefined }): void {
  if (input.SerialNumber === undefined && input.TokenCode === undefined) return;
  throw new AwsError('AccessDenied', 'MultiFactorAuthentication failed with invalid MFA one time pass code.', {
    status: 403,
  });
}

export function requireSessionName(name: string | undefined): string {
  if (name !== undefined && /^[\w+=,.@-]{2,64}$/.test(name)) return name;
  throw invalid(
    `1 validation error detected: Value '${name ?? ''}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
  );
}

export function requireDuration(seconds: number | undefined, unsaid: number, most: number): number {
  const asked = seconds ?? unsaid;
  requireWithin(asked, 'durationSeconds', [LEAST_SECONDS, most], invalid);
  return asked;
}

export const credentials = (session: {
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

export const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
