// Objects put and deleted.
import type {
  DeletedObject,
  DeleteObjectOutput,
  DeleteObjectRequest,
  DeleteObjectsOutput,
  DeleteObjectsRequest,
  _Error as DeleteError,
  ObjectIdentifier,
  PutObjectOutput,
  PutObjectRequest,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call, Operation } from '../../kernel/service.ts';
import { headerContext, lockContext, requestTags } from './access.ts';
import { isAclGiven } from './acl.ts';
import type { Bucket } from './buckets.ts';
import { checksumMembers, type Checksum } from './checksums.ts';
import { checkDeleteConditions, checkWriteConditions, checkWriteForm, type DeleteConditions } from './conditions.ts';
import { shownEncryption } from './customer-key.ts';
import { encryptionFor, etagUnder, writtenEncryption } from './encryption.ts';
import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import { expirationMember } from './expiration.ts';
import { requireIntegrity, takeIn } from './intake.ts';
import { aboutFrom, checkKey, type HeadersInput } from './object-headers.ts';
import { requireUnlocked } from './object-lock.ts';
import { isVersionId, NULL_VERSION, type Draft, type Version } from './objects.ts';
import { requireBucket, secondOf, type S3 } from './service.ts';
import { parseTagging } from './tags.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const DELETES_LIMIT = 1_000;

interface WriteInput extends HeadersInput {
  Bucket: string | undefined;
  Key: string | undefined;
}

/** What the headers say that a call inside the cloud does not have. */
const memberContext = (input: WriteInput): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      's3:x-amz-acl': input.ACL,
      's3:x-amz-server-side-encryption': input.ServerSideEncryption,
      's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
      's3:x-amz-storage-class': input.StorageClass,
    }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** What a request that writes an object needs allowed, as every way to write one does. */
export function writeAccess({ guard }: S3, input: WriteInput, call: Call): Access[] {
  const tags = parseTagging(input.Tagging);
  const context = {
    ...headerContext(
      call,
      'x-amz-server-side-encryption',
      'x-amz-server-side-encryption-aws-kms-key-id',
      'x-amz-acl',
      'x-amz-storage-class',
      'x-amz-copy-source',
      'x-amz-metadata-directive',
      'x-amz-website-redirect-location',
      'if-match',
      'if-none-match',
    ),
    ...memberContext(input),
    ...lockContext(
      {
        mode: input.ObjectLockMode,
        until: input.ObjectLockRetainUntilDate,
        hold: input.ObjectLockLegalHoldStatus,
      },
      call.now,
    ),
    ...(tags && requestTags(tags)),
  };
  const actions = ['s3:PutObject'];
  if (tags) actions.push('s3:PutObjectTagging');
  // Services that leave the bucket's owner in control are let in by `s3:PutObject` alone, as CloudTrail's documentation has it.
  if (isAclGiven(input) && call.principal.kind !== 'service') actions.push('s3:PutObjectAcl');
  if (input.ObjectLockMode !== undefined) actions.push('s3:PutObjectRetention');
  if (input.ObjectLockLegalHoldStatus !== undefined) actions.push('s3:PutObjectLegalHold');
  return actions.map((action) => guard.object(action, input, call, context));
}

/** Stores a draft, if the bucket is still there and the conditions hold, in one go. */
export function store(
  s3: S3,
  input: WriteInput & {
    ExpectedBucketOwner?: string | undefined;
    IfMatch?: string | undefined;
    IfNoneMatch?: string | undefined;
  },
  call: Call,
  draft: Draft,
): { bucket: Bucket; version: Version } {
  const bucket = requireBucket(s3, input, call);
  const key = input.Key!;
  if (input.IfMatch ?? input.IfNoneMatch) checkWriteConditions(input, key, s3.objects.latest(bucket, key));
  const version = s3.objects.put(bucket, key, draft);
  s3.events.publish(bucket, { name: created(call), entry: version }, call);
  s3.replication.note(bucket, version);
  return { bucket, version };
}

/** What EventBridge and others call the making of an object, by the operation that made it. */
const created = ({ operation }: Call): string =>
  `ObjectCreated:${operation === 'CopyObject' ? 'Copy' : operation === 'PostObject' ? 'Post' : 'Put'}`;

/** The version's id where an answer tells it: with versioning suspended, a write does not. */
export const writtenVersion = ({ version }: Version): { VersionId?: string } =>
  version === NULL_VERSION ? {} : { VersionId: version };

export function writeOperations(s3: S3) {
  const { objects, blobs, guard, kernel } = s3;

  const PutObject: Operation<PutObjectRequest, PutObjectOutput> = {
    access: (input, call) => writeAccess(s3, input, call),
    run: async (input, call) => {
      const before = requireBucket(s3, input, call);
      checkKey(input.Key!);
      checkWriteForm(input);
      const about = aboutFrom(input, before, call);
      // A form has no headers of its own to say a checksum in.
      if (call.operation === 'PutObject') requireIntegrity(about, input, call, 'Object');
      if (input.IfMatch ?? input.IfNoneMatch) {
        // Looked at before the body too: who cannot write should not have to send it.
        checkWriteConditions(input, input.Key!, objects.latest(before, input.Key!));
      }
      const encryption = await encryptionFor(s3, input, before, call);
      const { received, etag: md5, algorithm, checksum: value } = await takeIn(blobs, input, call);
      const etag = etagUnder({ ...about, encryption }, md5);
      const checksum: Checksum = { algorithm, type: 'FULL_OBJECT', value };
      const draft: Draft = {
        size: received.size,
        etag,
        modified: secondOf(call),
        about: { ...about, checksum, ...(encryption && { encryption }) },
        content: { received },
      };
      try {
        const { bucket, version } = store(s3, input, call, draft);
        return {
          ETag: `"${etag}"`,
          ...checksumMembers(checksum),
          ...shownEncryption(about.customerKey, input, writtenEncryption(encryption)),
          ...writtenVersion(version),
          ...expirationMember(bucket, version),
        };
      } catch (error) {
        blobs.discard(received);
        throw error;
      }
    },
  };

  const deleteAccess = (input: DeleteObjectRequest, call: Call): Access[] => {
    const context = { 's3:VersionId': input.VersionId, ...headerContext(call, 'if-match') };
    const action = input.VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    const access = [guard.object(action, input, call, context)];
    if (input.BypassGovernanceRetention) access.push(guard.object('s3:BypassGovernanceRetention', input, call));
    return access;
  };

  const remove = (bucket: Bucket, input: DeleteTarget, call: Call): DeleteObjectOutput => {
    const { Key: key, VersionId: version, conditions, bypass } = input;
    if (version === undefined) {
      checkDeleteConditions(conditions, key, objects.latest(bucket, key));
      const latest = objects.latest(bucket, key);
      const marker = objects.delete(bucket, key, secondOf(call));
      const name = marker ? 'ObjectRemoved:DeleteMarkerCreated' : 'ObjectRemoved:Delete';
      const gone = marker ?? latest;
      if (gone) s3.events.publish(bucket, { name, entry: gone }, call);
      if (marker) s3.replication.note(bucket, marker);
      return marker ? { DeleteMarker: true, VersionId: marker.version } : {};
    }
    if (!isVersionId(version)) throw invalidArgument('Invalid version id specified', 'versionId', version);
    const found = objects.version(bucket, key, version);
    checkDeleteConditions(conditions, key, found);
    if (!found) return { VersionId: version };
    requireUnlocked(found, bypass, call.now);
    objects.deleteVersion(bucket, found);
    s3.events.publish(bucket, { name: 'ObjectRemoved:Delete', entry: found }, call);
    return found.marker ? { DeleteMarker: true, VersionId: version } : { VersionId: version };
  };

  const DeleteObject: Operation<DeleteObjectRequest, DeleteObjectOutput> = {
    access: deleteAccess,
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      const bypass = requireBypassable(bucket, input.BypassGovernanceRetention);
      return remove(bucket, { Key: input.Key!, VersionId: input.VersionId, conditions: input, bypass }, call);
    },
  };

  // Each key is allowed or denied, and deleted or not, on its own.
  const DeleteObjects: Operation<DeleteObjectsRequest, DeleteObjectsOutput> = {
    access: () => [],
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      requireBodyCheck(call);
      const { Objects: targets = [], Quiet: quiet } = input.Delete ?? {};
      if (targets.length === 0 || targets.length > DELETES_LIMIT) throw malformedXml();
      const bypass = requireBypassable(bucket, input.BypassGovernanceRetention);
      const deleted: DeletedObject[] = [];
      const errors: DeleteError[] = [];
      for (const target of targets) {
        const { Key: key = '', VersionId: version } = target;
        try {
          const one = { Bucket: bucket.name, Key: key, VersionId: version, BypassGovernanceRetention: bypass };
          kernel.identity.authorize(deleteAccess(one, call), call);
          const result = remove(
            bucket,
            { Key: key, VersionId: version, conditions: conditionsOf(target), bypass },
            call,
          );
          deleted.push(deletedObject(target, result));
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          errors.push({ Key: key, VersionId: version, Code: error.code, Message: error.message });
        }
      }
      return { ...(!quiet && { Deleted: deleted }), ...(errors.length > 0 && { Errors: errors }) };
    },
  };

  return { PutObject, DeleteObject, DeleteObjects };
}

interface DeleteTarget {
  readonly Key: string;
  readonly VersionId: string | undefined;
  readonly conditions: DeleteConditions;
  readonly bypass: boolean;
}

const conditionsOf = ({ ETag, LastModifiedTime, Size }: ObjectIdentifier): DeleteConditions => ({
  IfMatch: ETag,
  IfMatchLastModifiedTime: LastModifiedTime,
  IfMatchSize: Size,
});

function deletedObject({ Key, VersionId }: ObjectIdentifier, result: DeleteObjectOutput): DeletedObject {
  return {
    Key,
    ...(VersionId !== undefined && { VersionId }),
    ...(result.DeleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: result.VersionId }),
  };
}

function requireBypassable({ settings }: Bucket, bypass: boolean | undefined): boolean {
  if (bypass !== undefined && !settings.objectLock) {
    throw invalidArgument(
      'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.',
      'x-amz-bypass-governance-retention',
    );
  }
  return bypass ?? false;
}

// Asked of requests only: a call from within the cloud has no headers, and no network to lose bytes on.
function requireBodyCheck({ headers }: Call): void {
  const names = Object.keys(headers);
  const checked = names.some(
    (name) => name === 'content-md5' || name === 'x-amz-trailer' || name.startsWith('x-amz-checksum-'),
  );
  if (names.length > 0 && !checked)
    throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
}
