// How Terraform removes objects, one or all of a bucket: every version, locked ones too where the configuration says so.
import { AwsError } from '../../kernel/errors.ts';
import type { Client } from '../../terraform/resource.ts';
import { orAbsent } from './bucket-setting.ts';
import type { S3Operations } from './operations.ts';

interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

export interface Removal {
  /** Whether the bucket keeps versions: then every one of this object goes. */
  readonly versions: boolean;
  /** Whether governance is bypassed and legal holds are lifted. */
  readonly force: boolean;
}

export async function clearObject(s3: Client<S3Operations>, place: Place, { versions, force }: Removal): Promise<void> {
  if (!versions) {
    await orAbsent(s3('DeleteObject', place));
    return;
  }
  for (;;) {
    const listed = await orAbsent(s3('ListObjectVersions', { Bucket: place.Bucket, Prefix: place.Key }));
    const { Versions = [], DeleteMarkers = [] } = listed ?? {};
    const isOwn = ({ Key }: { Key?: string | undefined }) => Key === place.Key;
    const own = [...Versions.filter(isOwn), ...DeleteMarkers.filter(isOwn)];
    if (own.length === 0) return;
    for (const { VersionId = '' } of Versions.filter(isOwn)) await deleteVersion(s3, { ...place, VersionId }, force);
    for (const { VersionId = '' } of DeleteMarkers.filter(isOwn)) await s3('DeleteObject', { ...place, VersionId });
  }
}

/** Deletes every version of every object, a page at a time. With `force`, locks hold nothing but what compliance retains. */
export async function clearBucket(
  s3: Client<S3Operations>,
  Bucket: string,
  { force }: Pick<Removal, 'force'>,
): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3('ListObjectVersions', { Bucket });
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = '', VersionId = '' }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await s3('DeleteObjects', {
      Bucket,
      Delete: { Objects, Quiet: true },
      ...(force && { BypassGovernanceRetention: true }),
    });
    // On its own, a version loses its legal hold, or S3 says why it stays.
    for (const { Key = '', VersionId = '' } of Errors) {
      try {
        await deleteVersion(s3, { Bucket, Key, VersionId }, force);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        throw new AwsError(error.code, `${error.message} (${Key}, version ${VersionId})`, { status: error.status });
      }
    }
  }
}

async function deleteVersion(
  s3: Client<S3Operations>,
  version: Place & { readonly VersionId: string },
  force: boolean,
): Promise<void> {
  const remove = () => s3('DeleteObject', { ...version, ...(force && { BypassGovernanceRetention: true }) });
  try {
    await remove();
  } catch (error) {
    if (!force || !(error instanceof AwsError && error.code === 'AccessDenied')) throw error;
    const { ObjectLockLegalHoldStatus: hold } = await s3('HeadObject', version);
    if (hold !== 'ON') throw error;
    await s3('PutObjectLegalHold', { ...version, LegalHold: { Status: 'OFF' } });
    await remove();
  }
}
