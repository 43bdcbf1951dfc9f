// A bucket as hashicorp/aws reads it into the state: its names, and its settings in the deprecated shapes that it still fills in.
import type { LifecycleRule, ReplicationRule, WebsiteConfiguration } from '@aws-sdk/client-s3';

import { bucketNames, websiteNames } from '../../terraform/bucket-names.ts';
import type { Attributes, Client } from '../../terraform/resource.ts';
import { orAbsent } from './bucket-setting.ts';
import type { S3Operations } from './operations.ts';

export async function readBucket(s3: Client<S3Operations>, name: string, region: string): Promise<Attributes> {
  const Bucket = name;
  const [
    policy,
    acl,
    cors,
    site,
    versioning,
    acceleration,
    payment,
    logging,
    lifecycle,
    replication,
    encryption,
    lock,
  ] = await Promise.all([
    orAbsent(s3('GetBucketPolicy', { Bucket })),
    s3('GetBucketAcl', { Bucket }),
    orAbsent(s3('GetBucketCors', { Bucket })),
    orAbsent(s3('GetBucketWebsite', { Bucket })),
    s3('GetBucketVersioning', { Bucket }),
    s3('GetBucketAccelerateConfiguration', { Bucket }),
    s3('GetBucketRequestPayment', { Bucket }),
    s3('GetBucketLogging', { Bucket }),
    orAbsent(s3('GetBucketLifecycleConfiguration', { Bucket })),
    orAbsent(s3('GetBucketReplication', { Bucket })),
    s3('GetBucketEncryption', { Bucket }),
    orAbsent(s3('GetObjectLockConfiguration', { Bucket })),
  ]);
  const { LoggingEnabled: log } = logging;
  const retention = lock?.ObjectLockConfiguration?.Rule?.DefaultRetention;
  return {
    id: name,
    bucket: name,
    ...bucketNames(name, region),
    ...(site ? websiteNames(name, region) : { website_domain: undefined, website_endpoint: undefined }),
    acceleration_status: acceleration.Status ?? '',
    cors_rule: (cors?.CORSRules ?? []).map((rule) => ({
      allowed_headers: rule.AllowedHeaders,
      allowed_methods: rule.AllowedMethods,
      allowed_origins: rule.AllowedOrigins,
      expose_headers: rule.ExposeHeaders,
      max_age_seconds: rule.MaxAgeSeconds,
    })),
    grant: (acl.Grants ?? []).map(({ Grantee, Permission }) => ({
      id: Grantee?.ID ?? '',
      permissions: [Permission],
      type: Grantee?.Type,
      uri: Grantee?.URI ?? '',
    })),
    lifecycle_rule: (lifecycle?.Rules ?? []).map(lifecycleRule),
    logging: log ? [{ target_bucket: log.TargetBucket, target_prefix: log.TargetPrefix }] : [],
    object_lock_enabled: lock !== undefined,
    object_lock_configuration: lock
      ? [
          {
            object_lock_enabled: 'Enabled',
            rule: retention
              ? [{ default_retention: [{ mode: retention.Mode, days: retention.Days, years: retention.Years }] }]
              : [],
          },
        ]
      : [],
    policy: policy?.Policy ?? '',
    replication_configuration: replication?.ReplicationConfiguration
      ? [
          {
            role: replication.ReplicationConfiguration.Role,
            rules: (replication.ReplicationConfiguration.Rules ?? []).map(replicationRule),
          },
        ]
      : [],
    request_payer: payment.Payer,
    server_side_encryption_configuration: [
      {
        rule: (encryption.ServerSideEncryptionConfiguration?.Rules ?? []).map(
          ({ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled }) => ({
            bucket_key_enabled: BucketKeyEnabled ?? false,
            apply_server_side_encryption_by_default: [
              { kms_master_key_id: byDefault?.KMSMasterKeyID ?? '', sse_algorithm: byDefault?.SSEAlgorithm },
            ],
          }),
        ),
      },
    ],
    versioning: [{ enabled: versioning.Status === 'Enabled', mfa_delete: versioning.MFADelete === 'Enabled' }],
    website: site ? [website(site)] : [],
  };
}

function lifecycleRule(rule: LifecycleRule): Attributes {
  const { Filter: filter, Expiration: expiration, NoncurrentVersionExpiration: noncurrent } = rule;
  const tags = filter?.And?.Tags ?? (filter?.Tag ? [filter.Tag] : []);
  return {
    id: rule.ID,
    enabled: rule.Status === 'Enabled',
    prefix: filter?.And?.Prefix ?? filter?.Prefix ?? rule.Prefix ?? '',
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    abort_incomplete_multipart_upload_days: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ?? 0,
    expiration: expiration
      ? [
          {
            days: expiration.Days ?? 0,
            date: expiration.Date?.toISOString().slice(0, 10) ?? '',
            expired_object_delete_marker: expiration.ExpiredObjectDeleteMarker ?? false,
          },
        ]
      : [],
    noncurrent_version_expiration: noncurrent ? [{ days: noncurrent.NoncurrentDays ?? 0 }] : [],
    noncurrent_version_transition: (rule.NoncurrentVersionTransitions ?? []).map((transition) => ({
      days: transition.NoncurrentDays ?? 0,
      storage_class: transition.StorageClass,
    })),
    transition: (rule.Transitions ?? []).map((transition) => ({
      days: transition.Days ?? 0,
      date: transition.Date?.toISOString().slice(0, 10) ?? '',
      storage_class: transition.StorageClass,
    })),
  };
}

function replicationRule(rule: ReplicationRule): Attributes {
  const { Filter: filter, Destination: destination } = rule;
  const encrypted = rule.SourceSelectionCriteria?.SseKmsEncryptedObjects;
  const tags = filter?.And?.Tags ?? (filter?.Tag ? [filter.Tag] : []);
  return {
    id: rule.ID,
    status: rule.Status,
    prefix: rule.Prefix ?? '',
    priority: rule.Priority ?? 0,
    delete_marker_replication_status: rule.DeleteMarkerReplication?.Status ?? '',
    destination: [
      {
        bucket: destination?.Bucket,
        account_id: destination?.Account ?? '',
        replica_kms_key_id: destination?.EncryptionConfiguration?.ReplicaKmsKeyID ?? '',
        storage_class: destination?.StorageClass ?? '',
        access_control_translation: [],
        metrics: destination?.Metrics
          ? [{ status: destination.Metrics.Status, minutes: destination.Metrics.EventThreshold?.Minutes ?? 0 }]
          : [],
        replication_time: destination?.ReplicationTime
          ? [{ status: destination.ReplicationTime.Status, minutes: destination.ReplicationTime.Time?.Minutes ?? 0 }]
          : [],
      },
    ],
    filter: filter
      ? [
          {
            prefix: filter.And?.Prefix ?? filter.Prefix ?? '',
            tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
          },
        ]
      : [],
    source_selection_criteria: encrypted
      ? [{ sse_kms_encrypted_objects: [{ enabled: encrypted.Status === 'Enabled' }] }]
      : [],
  };
}

function website({ IndexDocument, ErrorDocument, RedirectAllRequestsTo: to, RoutingRules }: WebsiteConfiguration) {
  return {
    index_document: IndexDocument?.Suffix ?? '',
    error_document: ErrorDocument?.Key ?? '',
    redirect_all_requests_to: to ? `${to.Protocol ? `${to.Protocol}://` : ''}${to.HostName}` : '',
    routing_rules: RoutingRules ? JSON.stringify(RoutingRules) : '',
  };
}
