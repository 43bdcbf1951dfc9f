// The data source aws_s3_bucket.
import { AwsError } from '../../kernel/errors.ts';
import type { DataSourceType } from '../resource.ts';

export const s3Bucket: DataSourceType = {
  type: 'aws_s3_bucket',
  async read(config, context) {
    throw new AwsError('NotImplemented', '');
  },
};
