// Conditional requests: what a client expects of an object before it is read, written, copied or deleted.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
import { AwsError } from '../../kernel/errors.ts';
import { headerNotImplemented, noSuchKey, preconditionFailed } from './errors.ts';
import type { Version } from './objects.ts';

export interface ReadConditions {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
}

/** Throws 412, or 304 with the object's validators, where a read's conditions do not hold (RFC 9110, section 13.2.2). */
export function checkReadConditions(conditions: ReadConditions, { etag, modified }: Version): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  if (IfMatch !== undefined) {
    if (!matchesAny(IfMatch, etag)) throw preconditionFailed('If-Match');
  } else if (IfUnmodifiedSince && modified > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const unchanged =
    IfNoneMatch !== undefined
      ? matchesAny(IfNoneMatch, etag)
      : IfModifiedSince !== undefined && modified <= IfModifiedSince.getTime();
  if (!unchanged) return;
  throw new AwsError('NotModified', 'Not Modified', {
    status: 304,
    headers: { etag: `"${etag}"`, 'last-modified': new Date(modified).toUTCString() },
  });
}

/** A copy's conditions speak of its source, and all of them fail with 412. */
export function checkCopyConditions(
  source: Version,
  conditions: {
    CopySourceIfMatch?: string | undefined;
    CopySourceIfNoneMatch?: string | undefined;
    CopySourceIfModifiedSince?: Date | undefined;
    CopySourceIfUnmodifiedSince?: Date | undefined;
  },
): void {
  try {
    checkReadConditions(
      {
        IfMatch: conditions.CopySourceIfMatch,
        IfNoneMatch: conditions.CopySourceIfNoneMatch,
        IfModifiedSince: conditions.CopySourceIfModifiedSince,
        IfUnmodifiedSince: conditions.CopySourceIfUnmodifiedSince,
      },
      source,
    );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const condition = error.members['Condition'] as string | undefined;
    const changed = conditions.CopySourceIfNoneMatch === undefined ? 'If-Modified-Since' : 'If-None-Match';
    throw preconditionFailed(`x-amz-copy-source-${condition ?? changed}`);
  }
}

export interface WriteConditions {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
}

/** Refuses conditions that S3 does not take on a write. */
export function checkWriteForm({ IfMatch, IfNoneMatch }: WriteConditions): void {
  if (IfMatch !== undefined && IfNoneMatch !== undefined) {
    throw headerNotImplemented('If-Match,If-None-Match', 'Multiple conditional request headers present in the request');
  }
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw valueNotTaken('If-None-Match');
  if (IfMatch === '*') throw valueNotTaken('If-Match');
}

/** Throws where a write's conditions do not hold for what is stored under the key now. */
export function checkWriteConditions(conditions: WriteConditions, key: string, latest: Version | undefined): void {
  const exists = latest && !latest.marker;
  if (conditions.IfNoneMatch !== undefined && exists) throw preconditionFailed('If-None-Match');
  if (conditions.IfMatch === undefined) return;
  if (!exists) throw noSuchKey(key);
  if (!matchesAny(conditions.IfMatch, latest.etag)) throw preconditionFailed('If-Match');
}

export interface DeleteConditions {
  IfMatch?: string | undefined;
  IfMatchLastModifiedTime?: Date | undefined;
  IfMatchSize?: number | undefined;
}

/** Throws where a delete's conditions do not hold. */
export function checkDeleteConditions(conditions: DeleteConditions, key: string, target: Version | undefined): void {
  const { IfMatch, IfMatchLastModifiedTime, IfMatchSize } = conditions;
  if (IfMatch === undefined && IfMatchLastModifiedTime === undefined && IfMatchSize === undefined) return;
  if (!target || target.marker) throw noSuchKey(key);
  if (IfMatch !== undefined && !matchesAny(IfMatch, target.etag)) throw preconditionFailed('If-Match');
  if (IfMatchLastModifiedTime && IfMatchLastModifiedTime.getTime() !== target.modified) {
    throw preconditionFailed('x-amz-if-match-last-modified-time');
  }
  if (IfMatchSize !== undefined && IfMatchSize !== target.size) throw preconditionFailed('x-amz-if-match-size');
}

const matchesAny = (header: string, etag: string): boolean =>
  header
    .split(',')
    .map((candidate) =>
      candidate
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    )
    .some((candidate) => candidate === '*' || candidate === etag);

const valueNotTaken = (header: string) =>
  headerNotImplemented(header, `We don't accept the provided value of ${header} header for this API`);
