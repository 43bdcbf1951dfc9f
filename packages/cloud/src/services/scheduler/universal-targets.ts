// Universal targets: operations of AWS's APIs that a schedule calls by itself, with the request that its input is.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
import { unsupported } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/service.ts';
import { loadWireModel, type WireOperation } from '../../wire/schemas.ts';
import { validation } from './errors.ts';
import type { Schedule } from './schedules.ts';
import { readRequest } from './universal-request.ts';

/** Services by the names that AWS's SDKs have for them: what they are called here, and the package with their shapes. */
const SERVICES: Readonly<Record<string, readonly [name: string, client: string]>> = {
  cloudtrail: ['cloudtrail', 'cloudtrail'],
  cloudwatch: ['cloudwatch', 'cloudwatch'],
  cloudwatchlogs: ['logs', 'cloudwatch-logs'],
  codebuild: ['codebuild', 'codebuild'],
  dynamodb: ['dynamodb', 'dynamodb'],
  eventbridge: ['events', 'eventbridge'],
  iam: ['iam', 'iam'],
  kms: ['kms', 'kms'],
  lambda: ['lambda', 'lambda'],
  s3: ['s3', 's3'],
  scheduler: ['scheduler', 'scheduler'],
  secretsmanager: ['secretsmanager', 'secrets-manager'],
  sns: ['sns', 'sns'],
  sqs: ['sqs', 'sqs'],
  ssm: ['ssm', 'ssm'],
  sts: ['sts', 'sts'],
};

/** What only reads is nothing to do at a moment, in whatever case it is written. */
const READS =
  /^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|invokeModel)/i;

const ARN = /^arn:aws:scheduler:::aws-sdk:([a-z0-9]+):([A-Za-z0-9]+)$/;

interface UniversalTarget {
  /** As the cloud calls it. */
  readonly service: string;
  readonly operation: WireOperation;
}

export const isUniversal = (arn: string): boolean => arn.startsWith('arn:aws:scheduler:::aws-sdk:');

/** Refuses a request that could never be sent. */
export async function checkUniversalTarget(kernel: Kernel, arn: string, input: string | undefined): Promise<void> {
  const { service, operation } = await findTarget(arn);
  kernel.requireLive(service, operation.name, readRequest(operation.input, input));
}

/** Sends the request; rejects with the AWS error that stood in the way. */
export async function tellUniversalTarget(
  kernel: Kernel,
  principal: Parameters<Kernel['invoke']>[3]['principal'],
  { target, region }: Schedule,
  input: string,
): Promise<void> {
  const { service, operation } = await findTarget(target.Arn);
  await kernel.invoke(service, operation.name, readRequest(operation.input, input), { principal, region });
}

async function findTarget(arn: string): Promise<UniversalTarget> {
  const [, name = '', api = ''] = ARN.exec(arn) ?? [];
  if (name === '') throw validation(`Invalid target ARN: ${arn}`);
  if (READS.test(api)) throw validation(`${arn} is no target: actions that only read are not supported.`);
  const [service, client] = (Object.hasOwn(SERVICES, name) && SERVICES[name]) || [];
  if (service === undefined || client === undefined) throw unsupported(`A universal target of the service ${name}`);
  const { operations } = await loadWireModel(client);
  const wanted = api.toLowerCase();
  const operation = [...operations.values()].find((each) => each.name.toLowerCase() === wanted);
  if (!operation) throw validation(`${arn} is no target: the service ${name} has no action ${api}.`);
  return { service, operation };
}
