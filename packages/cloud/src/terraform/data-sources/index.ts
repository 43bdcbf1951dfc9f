// Data sources that belong to no service, or only ask one.
import type { DataSourceType } from '../resource.ts';
import { iamRole } from './iam-role.ts';
import { policyDocument } from './policy-document.ts';
import { s3Bucket } from './s3-bucket.ts';
import { callerIdentity, partitionDataSource, region } from './surroundings.ts';

export const DATA_SOURCES: readonly DataSourceType[] = [
  callerIdentity,
  iamRole,
  partitionDataSource,
  policyDocument,
  region,
  s3Bucket,
];
