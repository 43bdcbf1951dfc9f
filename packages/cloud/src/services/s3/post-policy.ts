// The policy of a form upload: who signed it, until when it holds, and what the form may say.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
import { createHmac, timingSafeEqual } from 'node:crypto';

import type { Clock } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { beginOf, type Identity } from '../../kernel/identity/identity.ts';
import { anonymousPrincipal, type Principal } from '../../kernel/identity/principal.ts';
import { readTimestamp, verifyText } from '../../kernel/identity/signature.ts';
import { accessDenied } from './errors.ts';

/** A form's fields by their names in lower case; the file is not among them. */
export type FormFields = ReadonlyMap<string, string>;

export interface Signer {
  readonly principal: Principal;
  readonly region: string | undefined;
}

interface Policy {
  readonly expiration?: unknown;
  readonly conditions?: unknown;
}

/** Fields that no policy has to speak of. */
const FREE = /^(x-amz-signature|awsaccesskeyid|signature|policy|file|x-ignore-.*)$/;

/** Who signed the form; nobody where it has no policy. Throws S3's error for a signature that is none. */
export function signerOf(fields: FormFields, identity: Identity, now: number): Signer {
  const policy = fields.get('policy');
  if (policy === undefined) return { principal: anonymousPrincipal, region: undefined };
  const field: Field = (name) => {
    const value = fields.get(name);
    if (value === undefined) throw invalid(`Bucket POST must contain a field named '${name}'.`);
    return value;
  };
  const { accessKeyId, region, isRight } = fields.has('awsaccesskeyid') ? oldSignature(field) : signature(field);
  const key = identity.keys.find(accessKeyId);
  if (!key?.active) {
    throw new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
      status: 403,
    });
  }
  if (key.sessionToken !== fields.get('x-amz-security-token')) {
    throw new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.');
  }
  if (key.expiresAt !== undefined && key.expiresAt <= now) {
    throw new AwsError('ExpiredToken', 'The provided token has expired.');
  }
  if (!isRight(key.secretAccessKey)) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      { status: 403 },
    );
  }
  return { principal: key.principal, region };
}

/** What a form says of its signature, of either version. */
interface FormSignature {
  readonly accessKeyId: string;
  readonly region: string | undefined;
  readonly isRight: (secret: string) => boolean;
}

type Field = (name: string) => string;

function signature(field: Field): FormSignature {
  if (field('x-amz-algorithm') !== 'AWS4-HMAC-SHA256') throw invalid('x-amz-algorithm must be AWS4-HMAC-SHA256.');
  const [accessKeyId = '', date = '', region = '', service = '', end] = field('x-amz-credential').split('/');
  if (end !== 'aws4_request' || service !== 's3') throw invalid('x-amz-credential is malformed.');
  const isRight = (secret: string) =>
    verifyText(field('policy'), { date, region, service }, secret, field('x-amz-signature'));
  return { accessKeyId, region, isRight };
}

/**
 * Version 2, which boto3 still makes for us-east-1 unless told otherwise; it names no region.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html
 */
function oldSignature(field: Field): FormSignature {
  const given = Buffer.from(field('signature'), 'base64');
  const isRight = (secret: string) => {
    const expected = createHmac('sha1', secret).update(field('policy')).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  return { accessKeyId: field('awsaccesskeyid'), region: undefined, isRight };
}

/** Throws S3's error where the form is not what its policy allows. */
export function requireAllowed(fields: FormFields, bucket: string, size: number, clock: Clock): void {
  const text = fields.get('policy');
  if (text === undefined) return;
  const { expiration, conditions } = readPolicy(text);
  const end = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(end)) throw invalidPolicy('Policy missing expiration.');
  if (isOver(end, fields.get('x-amz-date'), clock)) throw accessDenied('Invalid according to Policy: Policy expired.');
  if (!Array.isArray(conditions)) throw invalidPolicy('Policy missing conditions.');
  const spoken = new Set<string>();
  const valueOf = (name: string): string | undefined => (name === 'bucket' ? bucket : fields.get(name));
  for (const condition of conditions as readonly unknown[]) {
    const [operator, name, value] = readCondition(condition);
    if (operator === 'content-length-range') {
      requireSize(Number(name), Number(value), size);
      continue;
    }
    spoken.add(name);
    const given = valueOf(name) ?? '';
    const holds = operator === 'starts-with' ? given.startsWith(value) : given === value;
    if (!holds) {
      throw accessDenied(
        `Invalid according to Policy: Policy Condition failed: ["${operator}", "$${name}", "${value}"]`,
      );
    }
  }
  const extra = [...fields.keys()].find((name) => !spoken.has(name) && !FREE.test(name));
  if (extra !== undefined) throw accessDenied(`Invalid according to Policy: Extra input fields: ${extra}`);
}

// Whoever signs a form keeps the machine's time or the cloud's: it is good for as long as it was to be then. The older kind does
// not say when it was signed.
function isOver(end: number, date: string | undefined, clock: Clock): boolean {
  const signedAt = readTimestamp(date ?? '');
  if (Number.isNaN(signedAt)) return end <= Math.min(Date.now(), clock.now());
  return beginOf(signedAt, clock) + (end - signedAt) <= clock.now();
}

function readPolicy(text: string): Policy {
  try {
    const policy: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    if (typeof policy === 'object' && policy !== null) return policy;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalidPolicy('Invalid Policy: Invalid JSON.');
}

/** `{"acl": "private"}` says the same as `["eq", "$acl", "private"]`. */
function readCondition(condition: unknown): [operator: string, name: string, value: string] {
  if (Array.isArray(condition) && condition.length === 3) {
    const [operator, name, value] = condition.map(String) as [string, string, string];
    const kind = operator.toLowerCase();
    if (kind === 'content-length-range') return [kind, name, value];
    if ((kind === 'eq' || kind === 'starts-with') && name.startsWith('$'))
      return [kind, name.slice(1).toLowerCase(), value];
  } else if (typeof condition === 'object' && condition !== null) {
    const [[name, value] = ['', ''], ...more] = Object.entries(condition);
    if (more.length === 0 && name !== '') return ['eq', name.toLowerCase(), String(value)];
  }
  throw invalidPolicy(`Invalid Policy: Invalid condition ${JSON.stringify(condition)}.`);
}

function requireSize(least: number, most: number, size: number): void {
  if (size > most) {
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      members: { ProposedSize: size, MaxSizeAllowed: most },
    });
  }
  if (size >= least) return;
  throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    members: { ProposedSize: size, MinSizeAllowed: least },
  });
}

const invalid = (message: string): AwsError => new AwsError('InvalidArgument', message);

const invalidPolicy = (message: string): AwsError => new AwsError('InvalidPolicyDocument', message);
