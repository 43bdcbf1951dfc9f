// What is known of a stored object and may be changed: tags, ACL, locks, and whether it is restored from an archive.
import type {
  DeleteObjectTaggingOutput,
  DeleteObjectTaggingRequest,
  GetObjectAclOutput,
  GetObjectAclRequest,
  GetObjectLegalHoldOutput,
  GetObjectLegalHoldRequest,
  GetObjectRetentionOutput,
  GetObjectRetentionRequest,
  GetObjectTaggingOutput,
  GetObjectTaggingRequest,
  PutObjectAclRequest,
  PutObjectLegalHoldRequest,
  PutObjectRetentionRequest,
  PutObjectTaggingOutput,
  PutObjectTaggingRequest,
  RestoreObjectRequest,
  Tier,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call, Operation } from '../../kernel/service.ts';
import { lockContext, requestTags } from './access.ts';
import { isOwnersAlone, ownerGrants, ownerOf, requestedGrants } from './acl.ts';
import { isArchived, restoreTime } from './archive.ts';
import type { Bucket } from './buckets.ts';
import { invalidArgument, malformedXml, methodNotAllowed } from './errors.ts';
import { dueAfter } from './expiration.ts';
import { parseHold, parseRetention, requireLockableBucket, requireRetentionChangeable } from './object-lock.ts';
import type { About, Version } from './objects.ts';
import { requireVersion } from './read-operations.ts';
import { requireBucket, type S3 } from './service.ts';
import { checkObjectTags, tagSet } from './tags.ts';

const TIERS: readonly string[] = ['Standard', 'Bulk', 'Expedited'] satisfies Tier[];

interface ObjectInput {
  Bucket: string | undefined;
  Key: string | undefined;
  VersionId?: string | undefined;
  ExpectedBucketOwner?: string | undefined;
}

type Run<Input, Output> = (found: { bucket: Bucket; version: Version }, input: Input, call: Call) => Output;

export function objectSettingsOperations(s3: S3) {
  /** An operation on one version, whose action has another name where the version is named. */
  const onObject = <Input extends ObjectInput, Output>(
    [action, versionAction, method]: readonly [action: string, versionAction: string, method: string],
    run: Run<Input, Output>,
    more: (input: Input, call: Call) => Access[] = () => [],
    context: (input: Input, call: Call) => Access['context'] = () => undefined,
  ): Operation<Input, Output> => ({
    access: (input, call) => [
      ...s3.guard.existing(action, versionAction, input, call, context(input, call)),
      ...more(input, call),
    ],
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      return run({ bucket, version: requireObject(s3, bucket, input, method) }, input, call);
    },
  });
  /** Changes what is known of a version, and of its replicas. */
  const describe = (bucket: Bucket, version: Version, about: About): void => {
    s3.objects.describe(version, about);
    s3.replication.noteChange(bucket, { ...version, about });
  };

  const versionOf = ({ bucket, version }: { bucket: Bucket; version: Version }) =>
    bucket.settings.versioning ? { VersionId: version.version } : {};

  const tagging = {
    GetObjectTagging: onObject(
      ['s3:GetObjectTagging', 's3:GetObjectVersionTagging', 'GET'],
      (found, _input: GetObjectTaggingRequest): GetObjectTaggingOutput => ({
        TagSet: tagSet(found.version.about.tags),
        ...versionOf(found),
      }),
    ),

    PutObjectTagging: {
      access: (input: PutObjectTaggingRequest, call: Call) => {
        const [first, ...rest] = s3.guard.existing('s3:PutObjectTagging', 's3:PutObjectVersionTagging', input, call, {
          ...requestTags(
            Object.fromEntries((input.Tagging?.TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
          ),
        });
        return [first!, ...rest];
      },
      run: (input: PutObjectTaggingRequest, call: Call): PutObjectTaggingOutput => {
        const bucket = requireBucket(s3, input, call);
        const tags = checkObjectTags(input.Tagging?.TagSet);
        const version = requireObject(s3, bucket, input, 'PUT');
        describe(bucket, version, { ...version.about, tags });
        s3.events.publish(bucket, { name: 'ObjectTagging:Put', entry: version }, call);
        return versionOf({ bucket, version });
      },
    },

    DeleteObjectTagging: onObject(
      ['s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging', 'DELETE'],
      (found, _input: DeleteObjectTaggingRequest, call): DeleteObjectTaggingOutput => {
        const { tags: _removed, ...about } = found.version.about;
        describe(found.bucket, found.version, about);
        s3.events.publish(found.bucket, { name: 'ObjectTagging:Delete', entry: found.version }, call);
        return versionOf(found);
      },
    ),
  };

  const acl = {
    GetObjectAcl: onObject(
      ['s3:GetObjectAcl', 's3:GetObjectVersionAcl', 'GET'],
      ({ version }, _input: GetObjectAclRequest, call): GetObjectAclOutput => {
        const owner = ownerOf(call.account);
        return { Owner: owner, Grants: [...(version.about.acl ?? ownerGrants(owner))] };
      },
    ),

    PutObjectAcl: onObject(
      ['s3:PutObjectAcl', 's3:PutObjectVersionAcl', 'PUT'],
      ({ bucket, version }, input: PutObjectAclRequest, call): object => {
        const owner = ownerOf(call.account);
        const grants = requestedGrants(input, bucket, owner);
        if (!grants) throw malformedXml();
        const { acl: _replaced, ...about } = version.about;
        describe(bucket, version, isOwnersAlone(grants, owner) ? about : { ...about, acl: grants });
        s3.events.publish(bucket, { name: 'ObjectAcl:Put', entry: version }, call);
        return {};
      },
    ),
  };

  const locks = {
    GetObjectRetention: onObject(
      ['s3:GetObjectRetention', 's3:GetObjectRetention', 'GET'],
      ({ bucket, version }, _input: GetObjectRetentionRequest): GetObjectRetentionOutput => {
        requireLockableBucket(bucket);
        const { retention } = version.about;
        if (!retention) throw noLock();
        return { Retention: { Mode: retention.mode, RetainUntilDate: new Date(retention.until) } };
      },
    ),

    PutObjectRetention: onObject(
      ['s3:PutObjectRetention', 's3:PutObjectRetention', 'PUT'],
      ({ bucket, version }, input: PutObjectRetentionRequest, call): object => {
        requireLockableBucket(bucket);
        const { Mode, RetainUntilDate } = input.Retention ?? {};
        const removes = Mode === undefined && RetainUntilDate === undefined;
        const wanted = removes ? undefined : parseRetention(Mode, RetainUntilDate, call.now);
        requireRetentionChangeable(version, wanted, input.BypassGovernanceRetention ?? false, call.now);
        const { retention: _replaced, ...about } = version.about;
        describe(bucket, version, wanted ? { ...about, retention: wanted } : about);
        s3.events.publish(bucket, { name: 'ObjectRetention:Put', entry: version }, call);
        return {};
      },
      (input, call) =>
        input.BypassGovernanceRetention ? [s3.guard.object('s3:BypassGovernanceRetention', input, call)] : [],
      ({ Retention }, { now }) => lockContext({ mode: Retention?.Mode, until: Retention?.RetainUntilDate }, now),
    ),

    GetObjectLegalHold: onObject(
      ['s3:GetObjectLegalHold', 's3:GetObjectLegalHold', 'GET'],
      ({ bucket, version }, _input: GetObjectLegalHoldRequest): GetObjectLegalHoldOutput => {
        requireLockableBucket(bucket);
        const { legalHold } = version.about;
        if (legalHold === undefined) throw noLock();
        return { LegalHold: { Status: legalHold ? 'ON' : 'OFF' } };
      },
    ),

    PutObjectLegalHold: onObject(
      ['s3:PutObjectLegalHold', 's3:PutObjectLegalHold', 'PUT'],
      ({ bucket, version }, input: PutObjectLegalHoldRequest): object => {
        requireLockableBucket(bucket);
        describe(bucket, version, { ...version.about, legalHold: parseHold(input.LegalHold?.Status) });
        return {};
      },
      undefined,
      ({ LegalHold }, { now }) => lockContext({ hold: LegalHold?.Status }, now),
    ),
  };

  const RestoreObject = onObject(
    ['s3:RestoreObject', 's3:RestoreObject', 'POST'],
    ({ bucket, version }, input: RestoreObjectRequest, call): object => {
      const { Days: days, GlacierJobParameters: job, Tier } = input.RestoreRequest ?? {};
      const tier = job?.Tier ?? Tier ?? 'Standard';
      const time = restoreTime(version, tier);
      if (!isArchived(version)) throw notArchived();
      if (days === undefined || days < 1 || !TIERS.includes(tier)) throw malformedXml();
      if (time === undefined) {
        throw invalidArgument('Retrieval option is not supported by this storage class', 'Tier', tier);
      }
      const { restore: ongoing } = version.about;
      if (ongoing && call.now < ongoing.from) {
        throw new AwsError('RestoreAlreadyInProgress', 'Object restore is already in progress', { status: 409 });
      }
      const restored = ongoing !== undefined && call.now < ongoing.until;
      const from = restored ? ongoing.from : call.now + time;
      const until = dueAfter(Math.max(from, call.now), days);
      s3.objects.describe(version, { ...version.about, restore: { from, until, ...(restored && { told: true }) } });
      s3.restores.watch(bucket, version);
      if (!restored) s3.events.publish(bucket, { name: 'ObjectRestore:Post', entry: version }, call);
      return { $metadata: { httpStatusCode: restored ? 200 : 202 } };
    },
  );

  return { ...tagging, ...acl, ...locks, RestoreObject };
}

// Where the newest version is a delete marker, S3 refuses these as it does for a marker that is named.
function requireObject(s3: S3, bucket: Bucket, { Key, VersionId }: ObjectInput, method: string): Version {
  const latest = VersionId === undefined ? s3.objects.latest(bucket, Key!) : undefined;
  if (latest?.marker) throw methodNotAllowed(method, latest.version, latest.modified);
  return requireVersion(s3, bucket, Key!, VersionId, method);
}

const noLock = (): AwsError =>
  new AwsError('NoSuchObjectLockConfiguration', 'The specified object does not have a ObjectLock configuration', {
    status: 404,
  });

const notArchived = (): AwsError =>
  new AwsError('InvalidObjectState', "Restore is not allowed for the object's current storage class", { status: 403 });
