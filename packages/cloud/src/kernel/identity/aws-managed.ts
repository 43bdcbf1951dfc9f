// The AWS-managed policies that the cloud knows, word for word as AWS publishes them.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
import type { ManagedPolicy } from './directory.ts';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

const DOCUMENTS: Readonly<Record<string, { version: string; actions: readonly string[] }>> = {
  AdministratorAccess: { version: 'v1', actions: ['*'] },
  'service-role/AWSLambdaBasicExecutionRole': { version: 'v1', actions: LOGS },
  'service-role/AWSLambdaSQSQueueExecutionRole': {
    version: 'v1',
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...LOGS],
  },
  'service-role/AWSLambdaDynamoDBExecutionRole': {
    version: 'v1',
    actions: [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      ...LOGS,
    ],
  },
  'service-role/AmazonECSTaskExecutionRolePolicy': {
    version: 'v1',
    actions: [
      'ecr:GetAuthorizationToken',
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:BatchGetImage',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ],
  },
};

const PREFIX = 'arn:aws:iam::aws:policy/';

/** AWS's policy with this ARN; undefined for one that the cloud does not know. */
export function findManaged(arn: string): ManagedPolicy | undefined {
  const id = arn.startsWith(PREFIX) ? arn.slice(PREFIX.length) : '';
  const found = DOCUMENTS[id];
  if (!found) return undefined;
  const slash = id.lastIndexOf('/') + 1;
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: found.actions.length === 1 ? found.actions[0] : found.actions, Resource: '*' },
    ],
  });
  return {
    arn,
    id: `ANPA${id
      .replace(/[^A-Za-z]/g, '')
      .toUpperCase()
      .padEnd(16, 'A')
      .slice(0, 16)}`,
    name: id.slice(slash),
    path: `/${id.slice(0, slash)}`,
    createdAt: CREATED,
    updatedAt: CREATED,
    versions: [{ id: found.version, document, createdAt: CREATED }],
    nextVersion: 2,
    defaultVersion: found.version,
    tags: {},
  };
}

export const allManaged = (): ManagedPolicy[] => Object.keys(DOCUMENTS).map((id) => findManaged(PREFIX + id)!);

const CREATED = Date.UTC(2015, 3, 9, 15, 3, 43);
