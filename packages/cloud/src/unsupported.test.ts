// What AWS has and the cloud has not: answered 501 with its name, and one line in the log. Nothing is taken in silence.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { NormalizedSchema } from '@smithy/core/schema';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud, type Cloud } from './cloud.ts';
import type { Service } from './kernel/service.ts';
import { loadServices } from './services/index.ts';
import { valueOf } from './wire/arbitrary.ts';
import { loadWireModel, requiredMembers } from './wire/schemas.ts';
import { sdkRequest } from './wire/sdk-speaker.ts';
import { sendSigned } from './wire/signed-request.ts';

const services: Service[] = [];
const lines: [event: string, about: Record<string, unknown>][] = [];
let cloud: Cloud;

beforeAll(async () => {
  const factories = (await loadServices()).map((create) => (kernel: Parameters<typeof create>[0]) => {
    const service = create(kernel);
    services.push(service);
    return service;
  });
  cloud = await startCloud({ services: factories, log: (event, about) => lines.push([event, { ...about }]) });
});
afterAll(() => cloud.stop());

const topic = 'arn:aws:sns:us-east-1:000000000000:t';

/** One thing of each service, in an operation that is there. */
const REQUESTS: [service: string, operation: string, input: object, name: string][] = [
  [
    'iam',
    'SimulateCustomPolicy',
    { PolicyInputList: ['{}'], ActionNames: ['a:b'], ResourceHandlingOption: 'EC2-Classic' },
    'ResourceHandlingOption',
  ],
  ['sts', 'GetSessionToken', { MinimumSessionTokenSize: 4_096 }, 'MinimumSessionTokenSize'],
  ['kms', 'CreateKey', { CustomKeyStoreId: 'cks-1' }, 'CustomKeyStoreId'],
  ['logs', 'DescribeLogGroups', { includeLinkedAccounts: true }, 'includeLinkedAccounts'],
  [
    'cloudwatch',
    'PutMetricAlarm',
    { AlarmName: 'a', EvaluationPeriods: 1, ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold' },
    'LessThanLowerOrGreaterThanUpperThreshold',
  ],
  ['cloudtrail', 'LookupEvents', { EventCategory: 'insight' }, 'EventCategory'],
  ['events', 'CreateEventBus', { Name: 'b', KmsKeyIdentifier: 'alias/k' }, 'KmsKeyIdentifier'],
  [
    'scheduler',
    'CreateSchedule',
    {
      Name: 's',
      ScheduleExpression: 'rate(1 day)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'a', RoleArn: 'r' },
      KmsKeyArn: 'k',
    },
    'KmsKeyArn',
  ],
  ['codebuild', 'StartBuild', { projectName: 'p', hostKernelOverride: 'X' }, 'hostKernelOverride'],
  [
    's3',
    'CopyObject',
    { Bucket: 'bucket', Key: 'k', CopySource: 'bucket/k', AnnotationDirective: 'COPY' },
    'AnnotationDirective',
  ],
  ['secretsmanager', 'CreateSecret', { Name: 's', SecretString: 'x', Type: 'SalesforceClientSecret' }, 'Type'],
  ['ssm', 'PutParameter', { Name: 'p', Value: 'ami-1', Type: 'String', DataType: 'aws:ec2:image' }, 'aws:ec2:image'],
  [
    'dynamodb',
    'CreateTable',
    { TableName: 'table', KeySchema: [], AttributeDefinitions: [], WarmThroughput: { ReadUnitsPerSecond: 12_000 } },
    'WarmThroughput',
  ],
  ['lambda', 'UpdateFunctionCode', { FunctionName: 'f', S3ObjectStorageMode: 'X' }, 'S3ObjectStorageMode'],
  ['sns', 'Subscribe', { TopicArn: topic, Protocol: 'sms', Endpoint: '+15551234567' }, 'the protocol sms'],
];

describe('what the cloud has not', () => {
  it.each(REQUESTS)('is refused by %s %s', async (service, operation, input, name) => {
    if (service === 'sns') await ask('sns', 'CreateTopic', { Name: 't' });
    lines.length = 0;

    const { status, body } = await ask(service, operation, input);
    expect({ status, names: body.includes(name) ? name : body }).toEqual({ status: 501, names: name });
    expect(body.includes('NotImplemented') || service === 'scheduler' || service === 'lambda').toBe(true);
    expect(lines.filter(([event]) => event === 'refused')).toEqual([
      [
        'refused',
        expect.objectContaining({ service, code: 'NotImplemented', reason: expect.stringContaining(name) as string }),
      ],
    ]);
  });

  it('is every operation of AWS’s that is not live, by its name', async () => {
    const wrong: string[] = [];
    for (const { name, client, operations } of services) {
      const model = await loadWireModel(client);
      for (const { name: operation, input } of model.operations.values()) {
        // A host of its own has this one, of S3 Object Lambda.
        if (operation in operations || operation === 'WriteGetObjectResponse') continue;
        const made = input.isUnitSchema() ? {} : sample(input);
        const { status, body } = await ask(name, operation, { ...made, ...('Bucket' in made && { Bucket: 'bucket' }) });
        if (status !== 501 || !body.includes(operation))
          wrong.push(`${name} ${operation}: ${status} ${body.slice(0, 200)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is every member that a service declares, wherever it is in a request', async () => {
    const wrong: string[] = [];
    for (const { name, client, unsupported = {} } of services) {
      const model = await loadWireModel(client);
      for (const [operation, paths] of Object.entries(unsupported)) {
        for (const path of paths) {
          const input = bringing(model.operations.get(operation)!.input, path.split('.'));
          const { status, body } = await ask(name, operation, {
            ...input,
            ...('Bucket' in input && { Bucket: 'bucket' }),
          });
          if (status !== 501 || !body.includes(path)) wrong.push(`${name} ${operation} ${path}: ${status} ${body}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is not among what it reads: every member of every operation is known to its service, or refused', async () => {
    const unknown: string[] = [];
    for (const { name, client, operations, unsupported = {} } of services) {
      const words = new Set(sourceOf(name).match(/\w+/g));
      const model = await loadWireModel(client);
      for (const [operation, { raw }] of Object.entries(operations)) {
        // The table engine reads what is handed to it as it is.
        if (raw) continue;
        const refused = unsupported[operation] ?? [];
        const isKnown = (member: string) => words.has(member) || NO_EFFECT[name]?.includes(member);
        for (const path of membersOf(model.operations.get(operation)!.input, isKnown, refused)) {
          unknown.push(`${name} ${operation} ${path}`);
        }
      }
    }
    expect(unknown).toEqual([]);
  });
});

/** An input with whatever is required, and with something at `path`. */
function bringing(schema: NormalizedSchema, [member, ...rest]: readonly string[]): Record<string, unknown> {
  if (schema.isListSchema()) return [bringing(schema.getValueSchema(), [member!, ...rest])] as never;
  const child = schema.getMemberSchema(member!);
  const made = schema.isUnionSchema() ? {} : requiredOf(schema);
  return {
    ...made,
    [member!]: rest.length > 0 ? bringing(child, rest) : child.isBooleanSchema() ? true : sample(child),
  };
}

const sample = (schema: NormalizedSchema): object =>
  fc.sample(valueOf(schema) as fc.Arbitrary<object>, { numRuns: 1, seed: 1 })[0]!;

const requiredOf = (schema: NormalizedSchema): object =>
  Object.fromEntries(requiredMembers(schema).map((member) => [member, sample(schema.getMemberSchema(member))]));

/** The paths of all members, at any depth, that are neither known nor below what is refused. */
function* membersOf(
  schema: NormalizedSchema,
  isKnown: (member: string) => boolean | undefined,
  refused: readonly string[],
  path = '',
  within: readonly (string | undefined)[] = [],
): Generator<string> {
  if (schema.isUnitSchema()) return;
  if (schema.isListSchema() || schema.isMapSchema())
    yield* membersOf(schema.getValueSchema(), isKnown, refused, path, within);
  if (!schema.isStructSchema() || within.includes(schema.getName())) return;
  for (const [member, child] of schema.structIterator()) {
    const here = path === '' ? member : `${path}.${member}`;
    if (refused.includes(here)) continue;
    if (isKnown(member)) yield* membersOf(child, isKnown, refused, here, [...within, schema.getName()]);
    else yield here;
  }
}

/** Members that change nothing for who sends them, by the service; where a reason is needed, it is there. */
const NO_EFFECT: Readonly<Record<string, readonly string[]>> = {
  // There is nothing that could be decoded.
  sts: ['EncodedMessage'],
  // Sequence tokens are not checked since 2023; pages are in order; an entity is for consoles; definitions have names.
  logs: ['sequenceToken', 'interleaved', 'entity', 'keyAttributes', 'attributes', 'clientToken'],
  // Says how entities are checked, of which there are none.
  cloudwatch: ['StrictEntityValidation'],
  // Rules that AWS manages are not here.
  events: ['Force'],
  codebuild: ['description'],
  // Nobody is charged; a bucket's owner may always mend its policy; Object Lock needs no token of AWS Support's; S3 shows no
  // names of owners any more, and describes no jobs but queries.
  s3: ['RequestPayer', 'ConfirmRemoveSelfBucketAccess', 'Token', 'DisplayName', 'Description'],
  // For rotation across accounts.
  secretsmanager: ['RotationToken'],
  // A table's owner may always mend its policy. Requests for items go to the table engine as they are, which knows their members.
  dynamodb: [
    'ConfirmRemoveSelfResourceAccess',
    'ConditionalOperator',
    'ReturnItemCollectionMetrics',
    'ReturnValuesOnConditionCheckFailure',
    'Parameters',
    'NextToken',
    'ClientRequestToken',
    'ScanIndexForward',
    'TotalSegments',
    'Segment',
  ],
};

const SERVICES = join(import.meta.dirname, 'services');

/** What a service is written in, tests and Terraform aside. */
function sourceOf(service: string): string {
  const folder = readdirSync(SERVICES).find((each) => each === service || each.replaceAll('-', '') === service)!;
  return readdirSync(join(SERVICES, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/test|cases|resources?\.ts$/.test(file))
    .map((file) => readFileSync(join(SERVICES, folder, file), 'utf8'))
    .join('\n');
}

async function ask(service: string, name: string, input: object) {
  const { client, signingName } = services.find((each) => each.name === service)!;
  const model = await loadWireModel(client);
  const made = await sdkRequest(signingName ?? service, model.protocol, model, model.operations.get(name)!, input);
  return sendSigned(cloud, made);
}
