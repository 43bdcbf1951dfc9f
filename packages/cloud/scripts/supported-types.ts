// The Terraform types whose schemas the provider serves: add a line, then run `node packages/cloud/scripts/extract-schema.ts`.
export const RESOURCE_TYPES = [
  'aws_cloudwatch_log_group',
  'aws_cloudwatch_log_stream',
  'aws_codebuild_project',
  'aws_dynamodb_table',
  'aws_dynamodb_table_item',
  'aws_iam_policy',
  'aws_iam_role',
  'aws_iam_role_policy',
  'aws_iam_role_policy_attachment',
  'aws_s3_bucket',
  'aws_s3_bucket_cors_configuration',
  'aws_s3_bucket_lifecycle_configuration',
  'aws_s3_bucket_logging',
  'aws_s3_bucket_notification',
  'aws_s3_bucket_ownership_controls',
  'aws_s3_bucket_policy',
  'aws_s3_bucket_public_access_block',
  'aws_s3_bucket_server_side_encryption_configuration',
  'aws_s3_bucket_versioning',
  'aws_s3_object',
] as const;

export const DATA_SOURCE_TYPES = [
  'aws_caller_identity',
  'aws_iam_policy_document',
  'aws_iam_role',
  'aws_partition',
  'aws_region',
  'aws_s3_bucket',
] as const;
