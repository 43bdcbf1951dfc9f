// What RESOURCE_TYPE means in Terraform types, and which types hold data that no plan brings back.

/** Terraform types, by prefix, that a recovery of one kind of resource may touch. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  alarm: ['aws_cloudwatch_metric_alarm', 'aws_cloudwatch_composite_alarm'],
  apigateway: ['aws_api_gateway_', 'aws_apigatewayv2_', 'aws_lambda_permission'],
  dynamodb: ['aws_dynamodb_', 'aws_appautoscaling_'],
  ec2: ['aws_instance', 'aws_eip', 'aws_ebs_', 'aws_volume_attachment', 'aws_launch_template', 'aws_autoscaling_'],
  ecs: ['aws_ecs_', 'aws_appautoscaling_'],
  elb: ['aws_lb', 'aws_alb'],
  events: ['aws_cloudwatch_event_', 'aws_scheduler_'],
  lambda: ['aws_lambda_'],
  logs: ['aws_cloudwatch_log_'],
  route53: ['aws_route53_'],
  s3: ['aws_s3_'],
  sns: ['aws_sns_'],
  sqs: ['aws_sqs_'],
  ssm: ['aws_ssm_parameter'],
};

export const FAMILY_NAMES = Object.keys(FAMILIES).sort();

/** The family that a RESOURCE_TYPE names: `dynamodb`, `dynamodb-table`, `aws_dynamodb_table` and `AWS::DynamoDB::Table` all do. */
export function familyOf(resourceType: string): string | undefined {
  const words = resourceType.toLowerCase().split(/[^a-z0-9]+/);
  const [first = '', second = ''] = words[0] === 'aws' ? words.slice(1) : words;
  return FAMILY_NAMES.find(
    (name) => name === first || (first === 'cloudwatch' && (name === second || name === `${second}s`)),
  );
}

export const inFamily = (family: string, type: string): boolean =>
  (FAMILIES[family] ?? []).some((prefix) => type.startsWith(prefix));

/** Stateful types that recovery may create anew, empty, saying so; the attribute that names them, and what is lost. */
export const COMES_BACK_EMPTY: Readonly<
  Record<string, { readonly name: string; readonly kind: string; readonly lost: string }>
> = {
  aws_cloudwatch_log_group: { name: 'name', kind: 'log group', lost: 'its lines are gone' },
  aws_dynamodb_table: { name: 'name', kind: 'table', lost: 'its items are gone' },
  aws_s3_bucket: { name: 'bucket', kind: 'bucket', lost: 'its objects and all their versions are gone' },
  aws_sqs_queue: { name: 'name', kind: 'queue', lost: 'the messages that waited in it are gone' },
};

/** Types that an empty copy would only pretend to restore: a person restores their data first, and imports them. */
export const NEVER_CREATED: readonly string[] = [
  'aws_db_instance',
  'aws_docdb_cluster',
  'aws_ebs_volume',
  'aws_efs_file_system',
  'aws_elasticache_replication_group',
  'aws_kms_key',
  'aws_neptune_cluster',
  'aws_opensearch_domain',
  'aws_rds_cluster',
  'aws_rds_global_cluster',
  'aws_redshift_cluster',
  'aws_secretsmanager_secret',
];

/** Types by which somebody is allowed something, and the types that recovery itself is made of. */
export const NEVER_CHANGED: readonly string[] = ['aws_iam_', 'aws_kms_', 'aws_codebuild_'];
