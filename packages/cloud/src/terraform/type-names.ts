// A Terraform type in words, as the real provider's messages say it: `aws_iam_role_policy` is an "IAM Role Policy".

/** Names of services whose types do not simply begin with the service's word; longer ones first. */
const SERVICES: readonly (readonly [prefix: string, name: string])[] = [
  ['api_gateway_', 'API Gateway '],
  ['cloudwatch_event_', 'EventBridge '],
  ['cloudwatch_log_', 'CloudWatch Logs Log '],
  ['cloudwatch_', 'CloudWatch '],
  ['codebuild_', 'CodeBuild '],
  ['dynamodb_', 'DynamoDB '],
  ['secretsmanager_', 'Secrets Manager '],
  ['scheduler_', 'EventBridge Scheduler '],
];

const UPPER_CASE = new Set(['acl', 'cors', 'ecr', 'ecs', 'iam', 'kms', 'rds', 's3', 'sns', 'sqs', 'ssm', 'sts', 'vpc']);

export function typeInWords(type: string): string {
  const rest = type.replace(/^aws_/, '');
  const [prefix, service] = SERVICES.find(([candidate]) => rest.startsWith(candidate)) ?? ['', ''];
  const words = rest.slice(prefix.length).split('_');
  return service + words.map((word) => (UPPER_CASE.has(word) ? word.toUpperCase() : capitalize(word))).join(' ');
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
