// What CloudTrail calls an operation: mostly as its API does.
// https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html

const S3: Readonly<Record<string, string>> = {
  ListObjectsV2: 'ListObjects',
  GetBucketLifecycleConfiguration: 'GetBucketLifecycle',
  PutBucketLifecycleConfiguration: 'PutBucketLifecycle',
  GetBucketNotificationConfiguration: 'GetBucketNotification',
  PutBucketNotificationConfiguration: 'PutBucketNotification',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  DeletePublicAccessBlock: 'DeleteBucketPublicAccessBlock',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  PutObjectLockConfiguration: 'PutBucketObjectLockConfiguration',
};

/** Lambda's operations have the date of their API behind them; those that were changed since, a version too. */
const LAMBDA_DATE = '20150331';
const LAMBDA_CHANGED = new Set([
  'AddPermission',
  'GetFunction',
  'GetFunctionConfiguration',
  'GetPolicy',
  'RemovePermission',
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
]);
const LAMBDA_LATER: Readonly<Record<string, string>> = {
  DeleteFunctionConcurrency: '20171031',
  ListTags: '20170331',
  PutFunctionConcurrency: '20171031',
  TagResource: '20170331v2',
  UntagResource: '20170331v2',
};
const LAMBDA_DATED =
  /(Function(s|Code|Configuration)?|Permission|Alias(es)?|EventSourceMappings?|Policy|PublishVersion|VersionsByFunction)$/;

export function eventName(service: string, operation: string): string {
  if (service === 's3') return S3[operation] ?? operation;
  if (service !== 'lambda') return operation;
  const later = LAMBDA_LATER[operation];
  if (later !== undefined) return `${operation}${later}`;
  if (!LAMBDA_DATED.test(operation)) return operation;
  return `${operation}${LAMBDA_DATE}${LAMBDA_CHANGED.has(operation) ? 'v2' : ''}`;
}
