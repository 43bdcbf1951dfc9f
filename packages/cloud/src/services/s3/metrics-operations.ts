// A bucket's metrics configurations: which of its requests CloudWatch hears of.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-configurations.html
import type {
  DeleteBucketMetricsConfigurationRequest,
  GetBucketMetricsConfigurationOutput,
  GetBucketMetricsConfigurationRequest,
  ListBucketMetricsConfigurationsOutput,
  ListBucketMetricsConfigurationsRequest,
  MetricsConfiguration,
  PutBucketMetricsConfigurationRequest,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Bucket } from './buckets.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import { readToken, writeToken } from './listing.ts';
import { onBucket, type S3 } from './service.ts';

const CONFIGURATIONS_LIMIT = 1_000;
const PAGE = 100;

export function metricsOperations(s3: S3) {
  const write = (bucket: Bucket, metrics: readonly MetricsConfiguration[]): object => {
    s3.buckets.change(bucket, { metrics: metrics.length > 0 ? metrics : undefined });
    return {};
  };
  return {
    GetBucketMetricsConfiguration: onBucket(
      s3,
      's3:GetMetricsConfiguration',
      (bucket, { Id }: GetBucketMetricsConfigurationRequest): GetBucketMetricsConfigurationOutput => ({
        MetricsConfiguration: require(bucket, Id),
      }),
    ),

    ListBucketMetricsConfigurations: onBucket(
      s3,
      's3:GetMetricsConfiguration',
      (
        { settings: { metrics = [] } },
        { ContinuationToken: token }: ListBucketMetricsConfigurationsRequest,
      ): ListBucketMetricsConfigurationsOutput => {
        const after = token === undefined ? '' : readToken(token);
        const rest = metrics.filter(({ Id = '' }) => Id > after);
        const page = rest.slice(0, PAGE);
        const more = rest.length > page.length;
        return {
          IsTruncated: more,
          MetricsConfigurationList: page,
          ...(token !== undefined && { ContinuationToken: token }),
          ...(more && { NextContinuationToken: writeToken(page.at(-1)!.Id!) }),
        };
      },
    ),

    PutBucketMetricsConfiguration: onBucket(
      s3,
      's3:PutMetricsConfiguration',
      (bucket, { Id, MetricsConfiguration: wanted }: PutBucketMetricsConfigurationRequest): object => {
        const configuration = check(wanted, Id);
        const { metrics = [] } = bucket.settings;
        const others = metrics.filter((each) => each.Id !== configuration.Id);
        if (others.length >= CONFIGURATIONS_LIMIT) {
          throw new AwsError(
            'TooManyConfigurations',
            'You are attempting to create a new configuration but have already reached the 1,000-configuration limit.',
          );
        }
        return write(
          bucket,
          [...others, configuration].toSorted((one, other) => (one.Id! < other.Id! ? -1 : 1)),
        );
      },
    ),

    DeleteBucketMetricsConfiguration: onBucket(
      s3,
      's3:PutMetricsConfiguration',
      (bucket, { Id }: DeleteBucketMetricsConfigurationRequest): object => {
        require(bucket, Id);
        return write(
          bucket,
          bucket.settings.metrics!.filter((each) => each.Id !== Id),
        );
      },
    ),
  };
}

function require({ settings, name }: Bucket, id: string | undefined): MetricsConfiguration {
  const found = settings.metrics?.find(({ Id }) => Id === id);
  if (found) return found;
  throw new AwsError('NoSuchConfiguration', 'The specified configuration does not exist.', {
    status: 404,
    members: { BucketName: name },
  });
}

function check(wanted: MetricsConfiguration | undefined, id: string | undefined): MetricsConfiguration {
  if (!wanted?.Id || wanted.Id !== id) throw malformedXml();
  if (!/^[\w.-]{1,64}$/.test(wanted.Id)) throw invalidArgument('Invalid metrics configuration id.', 'Id', wanted.Id);
  const { Filter: filter } = wanted;
  if (!filter) return wanted;
  const parts = [filter.Prefix, filter.Tag, filter.And].filter((part) => part !== undefined);
  if (parts.length !== 1) throw malformedXml();
  const { And: and } = filter;
  if (and && (and.Prefix === undefined ? 0 : 1) + (and.Tags?.length ?? 0) < 2) throw malformedXml();
  return wanted;
}
