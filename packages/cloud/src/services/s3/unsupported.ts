// What requests may ask of S3 that is not here, by the paths of its members: directory buckets, annotations, event holds,
// xxHash checksums, access points, queries, ACLs of logs, and other accounts.
import type { Service } from '../../kernel/service.ts';

const EVENT_HOLD = ['ObjectLockEventHold', 'ObjectLockEventHoldDurationDays', 'ObjectLockEventHoldDurationYears'];
const XXHASH = ['ChecksumXXHASH64', 'ChecksumXXHASH3', 'ChecksumXXHASH128'];

const EMAIL_GRANTEE = 'AccessControlPolicy.Grants.Grantee.EmailAddress';

export const UNSUPPORTED: NonNullable<Service['unsupported']> = {
  AbortMultipartUpload: ['IfMatchInitiatedTime'],
  CompleteMultipartUpload: [...XXHASH, ...XXHASH.map((member) => `MultipartUpload.Parts.${member}`)],
  CopyObject: ['AnnotationDirective', ...EVENT_HOLD],
  CreateBucket: ['CreateBucketConfiguration.Bucket', 'CreateBucketConfiguration.Location'],
  CreateMultipartUpload: EVENT_HOLD,
  PutBucketAcl: [EMAIL_GRANTEE],
  PutBucketLogging: ['BucketLoggingStatus.LoggingEnabled.TargetGrants'],
  PutBucketMetricsConfiguration: [
    'MetricsConfiguration.Filter.AccessPointArn',
    'MetricsConfiguration.Filter.And.AccessPointArn',
  ],
  PutBucketReplication: ['ReplicationConfiguration.Rules.Destination.AccessControlTranslation'],
  PutObject: ['WriteOffsetBytes', ...XXHASH, ...EVENT_HOLD],
  PutObjectAcl: [EMAIL_GRANTEE],
  PutObjectLockConfiguration: ['ObjectLockConfiguration.Rule.DefaultRetention.DefaultEventHold'],
  PutObjectRetention: ['Retention.EventHold', 'Retention.EventHoldDuration'],
  RestoreObject: ['RestoreRequest.Type', 'RestoreRequest.SelectParameters', 'RestoreRequest.OutputLocation'],
  UploadPart: XXHASH,
};
