// The data source aws_s3_bucket.
import { AwsError } from '../../kernel/errors.ts';
import type { S3Operations } from '../../services/s3/operations.ts';
import { bucketNames, websiteNames } from '../bucket-names.ts';
import type { Client, DataSourceType } from '../resource.ts';

export const s3Bucket: DataSourceType = {
  type: 'aws_s3_bucket',
  async read({ bucket }, context) {
    const s3 = context.client<S3Operations>('s3');
    const { BucketRegion: region = context.region } = await s3('HeadBucket', { Bucket: bucket });
    return {
      id: bucket,
      ...bucketNames(bucket, region),
      ...((await hasWebsite(s3, bucket)) ? websiteNames(bucket, region) : {}),
    };
  },
};

async function hasWebsite(s3: Client<S3Operations>, bucket: string): Promise<boolean> {
  try {
    await s3('GetBucketWebsite', { Bucket: bucket });
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchWebsiteConfiguration') return false;
    throw error;
  }
}
