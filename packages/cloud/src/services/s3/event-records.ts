// Events of objects as queues, topics and functions get them, and as EventBridge does.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
import type { ServiceEvent } from '../../kernel/feed.ts';
import type { Doer, Happening } from './bucket-events.ts';
import type { Bucket } from './buckets.ts';
import { NULL_VERSION } from './objects.ts';

const EVENT_VERSION = '2.1';

/** A key as events spell it. As in a form: what reads it has to turn plus signs into spaces. */
export const eventKey = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

/** A later event of a key has a greater sequencer, as text. */
const sequencerOf = ({ entry }: Happening): string => entry.id.toString(16).toUpperCase().padStart(18, '0');

const versionOf = ({ entry: { version } }: Happening, name: string) =>
  version === NULL_VERSION ? {} : { [name]: version };

export function notificationRecord(
  bucket: Bucket,
  happening: Happening,
  doer: Doer,
  about: { readonly id: string; readonly now: number; readonly account: string },
): object {
  const { entry, name } = happening;
  const sized = /^Object(Created|Restore):/.test(name);
  return {
    eventVersion: EVENT_VERSION,
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(about.now).toISOString(),
    eventName: name,
    userIdentity: { principalId: doer ? `AWS:${doer.principal.id}` : 's3.amazonaws.com' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': doer?.requestId ?? '', 'x-amz-id-2': doer?.requestId ?? '' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: about.id,
      bucket: { name: bucket.name, ownerIdentity: { principalId: about.account }, arn: `arn:aws:s3:::${bucket.name}` },
      object: {
        key: eventKey(entry.key),
        ...(sized && { size: entry.size, eTag: entry.etag }),
        ...versionOf(happening, 'versionId'),
        sequencer: sequencerOf(happening),
      },
    },
    ...(name === 'ObjectRestore:Completed' && {
      glacierEventData: {
        restoreEventData: {
          lifecycleRestorationExpiryTime: new Date(entry.about.restore!.until).toISOString(),
          lifecycleRestoreStorageClass: entry.about.storageClass,
        },
      },
    }),
  };
}

const DETAIL_TYPES: Readonly<Record<string, string>> = {
  ObjectCreated: 'Object Created',
  ObjectRemoved: 'Object Deleted',
  LifecycleExpiration: 'Object Deleted',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
  'ObjectAcl:Put': 'Object ACL Updated',
  'ObjectRestore:Post': 'Object Restore Initiated',
  'ObjectRestore:Completed': 'Object Restore Completed',
  'ObjectRestore:Delete': 'Object Restore Expired',
  LifecycleTransition: 'Object Storage Class Changed',
};

/** Undefined for what S3 does not tell EventBridge. */
export function bridgeEvent(
  bucket: Bucket,
  happening: Happening,
  doer: Doer,
  account: string,
): ServiceEvent | undefined {
  const { entry, name } = happening;
  const detailType = DETAIL_TYPES[name] ?? DETAIL_TYPES[name.split(':')[0]!];
  if (detailType === undefined) return undefined;
  const [made, gone] = [detailType === 'Object Created', detailType === 'Object Deleted'];
  const { restore, storageClass = 'STANDARD' } = entry.about;
  return {
    source: 'aws.s3',
    detailType,
    region: bucket.region,
    resources: [`arn:aws:s3:::${bucket.name}`],
    detail: {
      version: '0',
      bucket: { name: bucket.name },
      object: {
        key: entry.key,
        ...(SIZED.has(detailType) && { size: entry.size }),
        ...(!gone && { etag: entry.etag }),
        ...versionOf(happening, 'version-id'),
        ...((made || gone) && { sequencer: sequencerOf(happening) }),
      },
      'request-id': doer?.requestId ?? '',
      requester: doer ? account : 's3.amazonaws.com',
      ...(doer && { 'source-ip-address': '127.0.0.1' }),
      ...((made || gone) && { reason: doer?.operation ?? 'Lifecycle Expiration' }),
      ...(gone && {
        'deletion-type': name.endsWith('DeleteMarkerCreated') ? 'Delete Marker Created' : 'Permanently Deleted',
      }),
      ...(detailType.startsWith('Object Restore') && { 'source-storage-class': storageClass }),
      ...(name === 'ObjectRestore:Completed' && { 'restore-expiry-time': new Date(restore!.until).toISOString() }),
      ...(name === 'LifecycleTransition' && { 'destination-storage-class': storageClass }),
    },
  };
}

/** Whose objects are told with their size. */
const SIZED: ReadonlySet<string> = new Set([
  'Object Created',
  'Object Restore Initiated',
  'Object Restore Completed',
  'Object Storage Class Changed',
]);
