// The settings of a bucket: one operation to read each, one to write it, one to take it away.
import type {
  DeleteBucketCorsRequest,
  DeleteBucketEncryptionRequest,
  DeleteBucketLifecycleRequest,
  DeleteBucketReplicationRequest,
  DeleteBucketTaggingRequest,
  DeleteBucketWebsiteRequest,
  GetBucketAccelerateConfigurationOutput,
  GetBucketAccelerateConfigurationRequest,
  GetBucketCorsOutput,
  GetBucketCorsRequest,
  GetBucketEncryptionOutput,
  GetBucketEncryptionRequest,
  GetBucketLifecycleConfigurationOutput,
  GetBucketLifecycleConfigurationRequest,
  GetBucketLoggingOutput,
  GetBucketLoggingRequest,
  GetBucketNotificationConfigurationRequest,
  GetBucketReplicationOutput,
  GetBucketReplicationRequest,
  GetBucketRequestPaymentOutput,
  GetBucketRequestPaymentRequest,
  GetBucketTaggingOutput,
  GetBucketTaggingRequest,
  GetBucketVersioningOutput,
  GetBucketVersioningRequest,
  GetBucketWebsiteOutput,
  GetBucketWebsiteRequest,
  GetObjectLockConfigurationOutput,
  GetObjectLockConfigurationRequest,
  NotificationConfiguration,
  PutBucketAccelerateConfigurationRequest,
  PutBucketCorsRequest,
  PutBucketEncryptionRequest,
  PutBucketLifecycleConfigurationOutput,
  PutBucketLifecycleConfigurationRequest,
  PutBucketLoggingRequest,
  PutBucketNotificationConfigurationRequest,
  PutBucketReplicationRequest,
  PutBucketRequestPaymentRequest,
  PutBucketTaggingRequest,
  PutBucketVersioningRequest,
  PutBucketWebsiteRequest,
  PutObjectLockConfigurationRequest,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Call } from '../../kernel/service.ts';
import {
  checkCors,
  checkEncryption,
  checkLogFormat,
  checkNotification,
  checkObjectLock,
  DEFAULT_ENCRYPTION,
} from './bucket-rules.ts';
import type { Bucket, Settings } from './buckets.ts';
import { invalidBucketState, invalidRequest, malformedXml, notConfigured, notSupported } from './errors.ts';
import { checkLifecycleRules } from './lifecycle-rules.ts';
import { checkReplication } from './replication-rules.ts';
import { onBucket, requireBucket, type BucketInput, type S3 } from './service.ts';
import { checkBucketTags } from './tags.ts';
import { checkWebsite } from './website-rules.ts';

const ALL_CLASSES_MINIMUM = 'all_storage_classes_128K';
const MINIMUM_SIZES: readonly string[] = [ALL_CLASSES_MINIMUM, 'varies_by_storage_class'];

export function settingsOperations(s3: S3) {
  return {
    ...versioningOperations(s3),
    ...protectionOperations(s3),
    ...lifecycleOperations(s3),
    ...webOperations(s3),
    ...deliveryOperations(s3),
    ...billingOperations(s3),
  };
}

/** Takes a setting away; as S3, it answers the same where there is none. */
const clear = <Input extends BucketInput>(s3: S3, action: string, setting: keyof Settings) =>
  onBucket(s3, action, (bucket, _input: Input): object => {
    s3.buckets.change(bucket, { [setting]: undefined });
    return {};
  });

function versioningOperations(s3: S3) {
  return {
    GetBucketVersioning: onBucket(
      s3,
      's3:GetBucketVersioning',
      ({ settings }, _input: GetBucketVersioningRequest): GetBucketVersioningOutput =>
        settings.versioning
          ? { Status: settings.versioning, ...(settings.mfaDelete && { MFADelete: settings.mfaDelete }) }
          : {},
    ),

    PutBucketVersioning: onBucket(s3, 's3:PutBucketVersioning', (bucket, input: PutBucketVersioningRequest): object => {
      const { Status: status, MFADelete: mfaDelete } = input.VersioningConfiguration ?? {};
      if (mfaDelete === 'Enabled') throw notSupported('MFA delete');
      if (status === undefined) {
        throw new AwsError('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
      }
      if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
      if (mfaDelete !== undefined && mfaDelete !== 'Disabled') throw malformedXml();
      if (status === 'Suspended' && bucket.settings.objectLock) {
        throw invalidBucketState(
          'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
        );
      }
      if (status === 'Suspended' && bucket.settings.replication) {
        throw invalidBucketState(
          'A replication configuration is present on this bucket, so the versioning state cannot be changed.',
        );
      }
      s3.buckets.change(bucket, { versioning: status, ...(mfaDelete && { mfaDelete }) });
      return {};
    }),
  };
}

function protectionOperations(s3: S3) {
  return {
    GetBucketEncryption: onBucket(
      s3,
      's3:GetEncryptionConfiguration',
      ({ settings }, _input: GetBucketEncryptionRequest): GetBucketEncryptionOutput => ({
        ServerSideEncryptionConfiguration: settings.encryption ?? DEFAULT_ENCRYPTION,
      }),
    ),

    PutBucketEncryption: onBucket(
      s3,
      's3:PutEncryptionConfiguration',
      (bucket, input: PutBucketEncryptionRequest): object => {
        s3.buckets.change(bucket, { encryption: checkEncryption(input.ServerSideEncryptionConfiguration) });
        return {};
      },
    ),

    DeleteBucketEncryption: clear<DeleteBucketEncryptionRequest>(s3, 's3:PutEncryptionConfiguration', 'encryption'),

    GetObjectLockConfiguration: onBucket(
      s3,
      's3:GetBucketObjectLockConfiguration',
      ({ name, settings }, _input: GetObjectLockConfigurationRequest): GetObjectLockConfigurationOutput => {
        if (settings.objectLock) return { ObjectLockConfiguration: settings.objectLock };
        throw notConfigured(
          'ObjectLockConfigurationNotFoundError',
          'Object Lock configuration does not exist for this bucket',
          name,
        );
      },
    ),

    PutObjectLockConfiguration: onBucket(
      s3,
      's3:PutBucketObjectLockConfiguration',
      (bucket, input: PutObjectLockConfigurationRequest): object => {
        const objectLock = checkObjectLock(input.ObjectLockConfiguration);
        if (bucket.settings.versioning !== 'Enabled') {
          throw invalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
        }
        s3.buckets.change(bucket, { objectLock });
        return {};
      },
    ),
  };
}

function lifecycleOperations(s3: S3) {
  return {
    GetBucketLifecycleConfiguration: onBucket(
      s3,
      's3:GetLifecycleConfiguration',
      ({ name, settings }, _input: GetBucketLifecycleConfigurationRequest): GetBucketLifecycleConfigurationOutput => {
        const { lifecycle } = settings;
        if (lifecycle) {
          return { Rules: [...lifecycle.rules], TransitionDefaultMinimumObjectSize: lifecycle.minimumSize };
        }
        throw notConfigured('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', name);
      },
    ),

    PutBucketLifecycleConfiguration: onBucket(
      s3,
      's3:PutLifecycleConfiguration',
      (bucket, input: PutBucketLifecycleConfigurationRequest): PutBucketLifecycleConfigurationOutput => {
        const rules = checkLifecycleRules(input.LifecycleConfiguration?.Rules);
        const minimumSize = input.TransitionDefaultMinimumObjectSize ?? ALL_CLASSES_MINIMUM;
        if (!MINIMUM_SIZES.includes(minimumSize)) {
          throw invalidRequest(`Invalid TransitionDefaultMinimumObjectSize found: ${minimumSize}`);
        }
        s3.buckets.change(bucket, { lifecycle: { rules, minimumSize } });
        return { TransitionDefaultMinimumObjectSize: minimumSize };
      },
    ),

    DeleteBucketLifecycle: clear<DeleteBucketLifecycleRequest>(s3, 's3:PutLifecycleConfiguration', 'lifecycle'),
  };
}

function webOperations(s3: S3) {
  return {
    GetBucketCors: onBucket(
      s3,
      's3:GetBucketCORS',
      ({ name, settings }, _input: GetBucketCorsRequest): GetBucketCorsOutput => {
        if (settings.cors) return { CORSRules: [...settings.cors] };
        throw notConfigured('NoSuchCORSConfiguration', 'The CORS configuration does not exist', name);
      },
    ),

    PutBucketCors: onBucket(s3, 's3:PutBucketCORS', (bucket, input: PutBucketCorsRequest): object => {
      s3.buckets.change(bucket, { cors: checkCors(input.CORSConfiguration?.CORSRules) });
      return {};
    }),

    DeleteBucketCors: clear<DeleteBucketCorsRequest>(s3, 's3:PutBucketCORS', 'cors'),

    GetBucketWebsite: onBucket(
      s3,
      's3:GetBucketWebsite',
      ({ name, settings }, _input: GetBucketWebsiteRequest): GetBucketWebsiteOutput => {
        if (settings.website) return settings.website;
        throw notConfigured(
          'NoSuchWebsiteConfiguration',
          'The specified bucket does not have a website configuration',
          name,
        );
      },
    ),

    PutBucketWebsite: onBucket(s3, 's3:PutBucketWebsite', (bucket, input: PutBucketWebsiteRequest): object => {
      s3.buckets.change(bucket, { website: checkWebsite(input.WebsiteConfiguration) });
      return {};
    }),

    DeleteBucketWebsite: clear<DeleteBucketWebsiteRequest>(s3, 's3:DeleteBucketWebsite', 'website'),
  };
}

function deliveryOperations(s3: S3) {
  return {
    GetBucketLogging: onBucket(
      s3,
      's3:GetBucketLogging',
      ({ settings }, _input: GetBucketLoggingRequest): GetBucketLoggingOutput =>
        settings.logging ? { LoggingEnabled: settings.logging } : {},
    ),

    PutBucketLogging: onBucket(s3, 's3:PutBucketLogging', (bucket, input: PutBucketLoggingRequest): object => {
      const logging = input.BucketLoggingStatus?.LoggingEnabled;
      if (logging) checkLogFormat(logging);
      if (logging) requireLogTarget(bucket, s3.buckets.find(logging.TargetBucket));
      s3.buckets.change(bucket, { logging: logging && { ...logging, TargetPrefix: logging.TargetPrefix ?? '' } });
      return {};
    }),

    GetBucketNotificationConfiguration: onBucket(
      s3,
      's3:GetBucketNotification',
      ({ settings }, _input: GetBucketNotificationConfigurationRequest): NotificationConfiguration =>
        settings.notification ?? {},
    ),

    PutBucketNotificationConfiguration: {
      access: (input: PutBucketNotificationConfigurationRequest, call: Call) => [
        s3.guard.bucket('s3:PutBucketNotification', input.Bucket, call),
      ],
      run: async (input: PutBucketNotificationConfigurationRequest, call: Call): Promise<object> => {
        const notification = checkNotification(input.NotificationConfiguration);
        if (!input.SkipDestinationValidation) await s3.events.check(requireBucket(s3, input, call), notification);
        s3.buckets.change(requireBucket(s3, input, call), { notification });
        return {};
      },
    },

    GetBucketReplication: onBucket(
      s3,
      's3:GetReplicationConfiguration',
      ({ name, settings }, _input: GetBucketReplicationRequest): GetBucketReplicationOutput => {
        if (settings.replication) return { ReplicationConfiguration: settings.replication };
        throw notConfigured(
          'ReplicationConfigurationNotFoundError',
          'The replication configuration was not found',
          name,
        );
      },
    ),

    PutBucketReplication: onBucket(
      s3,
      's3:PutReplicationConfiguration',
      (bucket, input: PutBucketReplicationRequest): object => {
        s3.buckets.change(bucket, {
          replication: checkReplication(input.ReplicationConfiguration, bucket, s3),
        });
        return {};
      },
      ({ ReplicationConfiguration: wanted }) =>
        wanted?.Role
          ? [{ action: 'iam:PassRole', resource: wanted.Role, context: { 'iam:PassedToService': 's3.amazonaws.com' } }]
          : [],
    ),

    DeleteBucketReplication: clear<DeleteBucketReplicationRequest>(s3, 's3:PutReplicationConfiguration', 'replication'),
  };
}

function billingOperations(s3: S3) {
  return {
    GetBucketTagging: onBucket(
      s3,
      's3:GetBucketTagging',
      ({ name, settings }, _input: GetBucketTaggingRequest): GetBucketTaggingOutput => {
        if (settings.tags && settings.tags.length > 0) return { TagSet: [...settings.tags] };
        throw notConfigured('NoSuchTagSet', 'The TagSet does not exist', name);
      },
    ),

    PutBucketTagging: onBucket(s3, 's3:PutBucketTagging', (bucket, input: PutBucketTaggingRequest): object => {
      s3.buckets.change(bucket, { tags: checkBucketTags(input.Tagging?.TagSet) });
      return { $metadata: { httpStatusCode: 204 } };
    }),

    DeleteBucketTagging: clear<DeleteBucketTaggingRequest>(s3, 's3:PutBucketTagging', 'tags'),

    GetBucketRequestPayment: onBucket(
      s3,
      's3:GetBucketRequestPayment',
      ({ settings }, _input: GetBucketRequestPaymentRequest): GetBucketRequestPaymentOutput => ({
        Payer: settings.payer ?? 'BucketOwner',
      }),
    ),

    PutBucketRequestPayment: onBucket(
      s3,
      's3:PutBucketRequestPayment',
      (bucket, input: PutBucketRequestPaymentRequest): object => {
        const payer = input.RequestPaymentConfiguration?.Payer;
        if (payer !== 'BucketOwner' && payer !== 'Requester') throw malformedXml();
        s3.buckets.change(bucket, { payer });
        return {};
      },
    ),

    GetBucketAccelerateConfiguration: onBucket(
      s3,
      's3:GetAccelerateConfiguration',
      ({ settings }, _input: GetBucketAccelerateConfigurationRequest): GetBucketAccelerateConfigurationOutput =>
        settings.acceleration ? { Status: settings.acceleration } : {},
    ),

    PutBucketAccelerateConfiguration: onBucket(
      s3,
      's3:PutAccelerateConfiguration',
      (bucket, input: PutBucketAccelerateConfigurationRequest): object => {
        const acceleration = input.AccelerateConfiguration?.Status;
        if (acceleration !== 'Enabled' && acceleration !== 'Suspended') throw malformedXml();
        if (bucket.name.includes('.')) {
          throw invalidRequest('S3 Transfer Acceleration is not supported for buckets with periods (.) in their names');
        }
        s3.buckets.change(bucket, { acceleration });
        return {};
      },
    ),
  };
}

function requireLogTarget(bucket: Bucket, target: Bucket | undefined): void {
  if (!target) {
    throw new AwsError('InvalidTargetBucketForLogging', 'The target bucket for logging does not exist', {
      members: { TargetBucket: '' },
    });
  }
  if (target.region === bucket.region) return;
  throw new AwsError('CrossLocationLoggingProhibitted', 'Cross S3 location logging not allowed.', {
    status: 403,
    members: { SourceBucketLocation: bucket.region, TargetBucketLocation: target.region },
  });
}
