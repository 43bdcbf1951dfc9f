// Taking in the body of an object or a part: streamed to where it will live, hashed on the way, and checked at its end.
import { createHash } from 'node:crypto';

import { AwsError } from '../../kernel/errors.ts';
import type { Body, Call } from '../../kernel/service.ts';
import type { Blobs, Received } from './blobs.ts';
import {
  badChecksum,
  checkForm,
  createHasher,
  declaredChecksum,
  DEFAULT_ALGORITHM,
  requireAlgorithm,
  type ChecksumAlgorithm,
  type ChecksumMembers,
} from './checksums.ts';
import { receive } from './content.ts';
import { invalidRequest } from './errors.ts';
import type { Lock } from './object-lock.ts';

export interface IntakeInput extends ChecksumMembers {
  Body?: unknown;
  ContentMD5?: string | undefined;
}

export interface Intake {
  readonly received: Received;
  /** The MD5 in hexadecimal. */
  readonly etag: string;
  readonly algorithm: ChecksumAlgorithm;
  /** In base64. */
  readonly checksum: string;
  /** The checksum that the client sent, as an answer says it back. */
  readonly sent: ChecksumMembers;
}

/** The largest object or part that one request may carry. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const LARGEST_PUT = 5 * 1024 ** 3;

const CHECKSUM_HEADER = /^x-amz-checksum-(.+)$/;

/** The checksum algorithm that a request carries a value for, in a header or behind its body. */
export function algorithmOf(input: ChecksumMembers, call: Call): ChecksumAlgorithm | undefined {
  return declaredChecksum(input)?.algorithm ?? trailing(call);
}

/** Refuses what comes from a client to be locked, and says nothing by which it could be seen to have come whole. */
export function requireIntegrity(
  { retention, legalHold }: Lock,
  input: IntakeInput,
  call: Call,
  what: 'Object' | 'Part',
): void {
  const locked = retention !== undefined || legalHold !== undefined;
  // What has no request line comes from within the cloud.
  if (!locked || call.line === undefined) return;
  if (input.ContentMD5 !== undefined || algorithmOf(input, call) !== undefined) return;
  throw invalidRequest(
    `Content-MD5 OR x-amz-checksum- HTTP header is required for Put ${what} requests with Object Lock parameters`,
  );
}

/** Takes a body in. `stored` is the algorithm to keep, where it is not the request's to choose. */
export async function takeIn(
  blobs: Blobs,
  input: IntakeInput,
  call: Call,
  stored?: ChecksumAlgorithm,
): Promise<Intake> {
  const declared = declaredChecksum(input);
  if (declared) checkForm(declared.algorithm, declared.value);
  const claimed = declared?.algorithm ?? trailing(call);
  if (claimed === undefined && call.headers['x-amz-sdk-checksum-algorithm'] !== undefined) {
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  const algorithm = stored ?? claimed ?? DEFAULT_ALGORITHM;
  const expectedMd5 = parseMd5(input.ContentMD5);
  const md5 = createHash('md5');
  const hashers = new Map([...new Set([algorithm, claimed ?? algorithm])].map((name) => [name, createHasher(name)]));
  const body = input.Body as (Body & { readonly trailers?: Readonly<Record<string, string>> }) | undefined;
  const received = await receive(blobs, body, [md5, ...hashers.values()], LARGEST_PUT);
  try {
    const digest = md5.digest();
    if (expectedMd5 && !expectedMd5.equals(digest)) throw badMd5(input.ContentMD5!, digest);
    const values = new Map([...hashers].map(([name, hasher]) => [name, hasher.digest().toString('base64')]));
    const value = declared?.value ?? (claimed && body?.trailers?.[`x-amz-checksum-${claimed.toLowerCase()}`]);
    if (claimed && value !== undefined && values.get(claimed) !== value) throw badChecksum(claimed);
    const sent = claimed && value !== undefined ? { [`Checksum${claimed}`]: value } : {};
    return { received, etag: digest.toString('hex'), algorithm, checksum: values.get(algorithm)!, sent };
  } catch (error) {
    blobs.discard(received);
    throw error;
  }
}

function trailing(call: Call): ChecksumAlgorithm | undefined {
  const name = call.headers['x-amz-trailer'];
  const match = CHECKSUM_HEADER.exec(name?.trim().toLowerCase() ?? '');
  if (match) return requireAlgorithm(match[1]!);
  if (name) throw invalidRequest('The value specified in the x-amz-trailer header is not supported');
  return undefined;
}

export function parseMd5(header: string | undefined): Buffer | undefined {
  if (header === undefined) return undefined;
  const bytes = Buffer.from(header, 'base64');
  if (bytes.length === 16) return bytes;
  throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
    members: { 'Content-MD5': header },
  });
}

export const badMd5 = (expected: string, digest: Buffer): AwsError =>
  new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    members: { ExpectedDigest: expected, CalculatedDigest: digest.toString('base64') },
  });
