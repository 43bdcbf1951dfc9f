// IAM asked for every operation of every service: somebody without permissions is refused by name everywhere.
import { createHash } from 'node:crypto';

import { PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud } from './cloud.ts';
import type { Service } from './kernel/service.ts';
import { document, TestIdentity, type Keys } from './services/iam/test-identity.ts';
import { loadServices } from './services/index.ts';
import { valueOf } from './wire/arbitrary.ts';
import { loadWireModel, requiredMembers, type NativeProtocol, type WireModel } from './wire/schemas.ts';
import { protocolsOf, sdkRequest } from './wire/sdk-speaker.ts';
import { sendSigned, type Answer } from './wire/signed-request.ts';

/** The prefix of a service's actions, where it is not the service's name. */
const PREFIXES: Readonly<Record<string, string>> = { sns: 'SNS', 'dynamodb-streams': 'dynamodb' };

/**
 * The actions that are not called like their operations.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const ACTIONS: Readonly<Record<string, string>> = {
  'dynamodb TransactGetItems': 'dynamodb:GetItem',
  'dynamodb TransactWriteItems': 'dynamodb:PutItem',
  'dynamodb ExecuteStatement': 'dynamodb:PartiQLSelect',
  'dynamodb BatchExecuteStatement': 'dynamodb:PartiQLInsert',
  'dynamodb ExecuteTransaction': 'dynamodb:PartiQLDelete',
  'kms ReEncrypt': 'kms:ReEncryptFrom',
  'lambda Invoke': 'lambda:InvokeFunction',
  's3 CompleteMultipartUpload': 's3:PutObject',
  's3 CopyObject': 's3:GetObject',
  's3 CreateMultipartUpload': 's3:PutObject',
  's3 DeleteBucketCors': 's3:PutBucketCORS',
  's3 DeleteBucketEncryption': 's3:PutEncryptionConfiguration',
  's3 DeleteBucketLifecycle': 's3:PutLifecycleConfiguration',
  's3 DeleteBucketMetricsConfiguration': 's3:PutMetricsConfiguration',
  's3 DeleteBucketOwnershipControls': 's3:PutBucketOwnershipControls',
  's3 DeleteBucketReplication': 's3:PutReplicationConfiguration',
  's3 DeleteBucketTagging': 's3:PutBucketTagging',
  's3 DeletePublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  's3 DeleteObjects': 's3:DeleteObject',
  's3 GetBucketAccelerateConfiguration': 's3:GetAccelerateConfiguration',
  's3 GetBucketCors': 's3:GetBucketCORS',
  's3 GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3 GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
  's3 GetBucketNotificationConfiguration': 's3:GetBucketNotification',
  's3 GetBucketMetricsConfiguration': 's3:GetMetricsConfiguration',
  's3 GetBucketReplication': 's3:GetReplicationConfiguration',
  's3 GetObjectAttributes': 's3:GetObject',
  's3 GetObjectLockConfiguration': 's3:GetBucketObjectLockConfiguration',
  's3 GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
  's3 HeadBucket': 's3:ListBucket',
  's3 HeadObject': 's3:GetObject',
  's3 ListBucketMetricsConfigurations': 's3:GetMetricsConfiguration',
  's3 ListBuckets': 's3:ListAllMyBuckets',
  's3 ListMultipartUploads': 's3:ListBucketMultipartUploads',
  's3 ListObjectVersions': 's3:ListBucketVersions',
  's3 ListObjects': 's3:ListBucket',
  's3 ListObjectsV2': 's3:ListBucket',
  's3 ListParts': 's3:ListMultipartUploadParts',
  's3 PutBucketAccelerateConfiguration': 's3:PutAccelerateConfiguration',
  's3 PutBucketCors': 's3:PutBucketCORS',
  's3 PutBucketEncryption': 's3:PutEncryptionConfiguration',
  's3 PutBucketLifecycleConfiguration': 's3:PutLifecycleConfiguration',
  's3 PutBucketMetricsConfiguration': 's3:PutMetricsConfiguration',
  's3 PutBucketNotificationConfiguration': 's3:PutBucketNotification',
  's3 PutBucketReplication': 's3:PutReplicationConfiguration',
  's3 PutObjectLockConfiguration': 's3:PutBucketObjectLockConfiguration',
  's3 PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  's3 UploadPart': 's3:PutObject',
  's3 UploadPartCopy': 's3:GetObject',
  'sns PublishBatch': 'SNS:Publish',
  'sqs ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sqs DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs SendMessageBatch': 'sqs:SendMessage',
};

/** What anybody may ask who can sign, or who brings somebody else's word. */
const FREE = ['sts GetCallerIdentity', 'sts GetSessionToken', 'sts AssumeRoleWithWebIdentity'];

const services: Service[] = [];
let identity: TestIdentity;
let nobody: Keys;
let ciphertext: Uint8Array;
/** The last call's error, for HEAD has no body to say it in. */
let said: string;

beforeAll(async () => {
  const factories = (await loadServices()).map((create) => (kernel: Parameters<typeof create>[0]) => {
    const service = create(kernel);
    services.push(service);
    return service;
  });
  identity = new TestIdentity(await startCloud({ services: factories }));
  nobody = await identity.user('nobody');
  await new S3Client({ ...identity.as(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'bucket' }));
  identity.cloud.kernel.calls.subscribe(({ error }) => (said = error?.message ?? ''));
  const kms = new KMSClient(identity.as());
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const encrypt = new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: Buffer.from('x') });
  ciphertext = (await kms.send(encrypt)).CiphertextBlob!;
});
afterAll(() => identity.cloud.stop());

describe('somebody without permissions', () => {
  it('is refused every operation in every protocol of its service, with the action’s name', async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const { name, client, operations } of services) {
      const model = await loadWireModel(client);
      for (const operation of Object.keys(operations).filter((each) => !FREE.includes(`${name} ${each}`))) {
        for (const protocol of protocolsOf(model)) {
          asked++;
          const denied = deniedAction(await ask(name, operation, inputOf(model, name, operation), protocol));
          const expected = ACTIONS[`${name} ${operation}`] ?? `${PREFIXES[name] ?? name}:${operation}`;
          // SQS alone says it in small letters.
          if (denied !== (name === 'sqs' ? expected.toLowerCase() : expected))
            wrong.push(`${name} ${operation} in ${protocol}: ${denied} instead of ${expected}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(600);
  });
});

/** Who may do nothing is told so in these words by AWS, as people have reported them; captured 2026-11. */
const SENTENCES: [service: string, operation: string, input: object, words: string][] = [
  ['s3', 'ListBuckets', {}, 's3:ListAllMyBuckets because no'],
  ['s3', 'ListObjectsV2', { Bucket: 'bucket' }, 's3:ListBucket on resource: "arn:aws:s3:::bucket" because no'],
  ['secretsmanager', 'ListSecrets', {}, 'secretsmanager:ListSecrets because no'],
  ['codebuild', 'ListProjects', {}, 'codebuild:ListProjects because no'],
  ['cloudtrail', 'LookupEvents', {}, 'cloudtrail:LookupEvents because no'],
  ['sts', 'GetAccessKeyInfo', { AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }, 'sts:GetAccessKeyInfo because no'],
  ['cloudwatch', 'PutMetricData', { Namespace: 'n' }, 'cloudwatch:PutMetricData because no'],
  ['kms', 'ListKeys', {}, 'kms:ListKeys on resource: * because no'],
  ['lambda', 'ListFunctions', {}, 'lambda:ListFunctions on resource: * because no'],
  [
    'dynamodb',
    'ListTables',
    {},
    'dynamodb:ListTables on resource: arn:aws:dynamodb:us-east-1:000000000000:table/* because no',
  ],
  [
    'ssm',
    'DescribeParameters',
    {},
    'ssm:DescribeParameters on resource: arn:aws:ssm:us-east-1:000000000000:* because no',
  ],
  ['sns', 'ListTopics', {}, 'SNS:ListTopics on resource: arn:aws:sns:us-east-1:000000000000:* because no'],
  ['sqs', 'ListQueues', {}, 'sqs:listqueues on resource: arn:aws:sqs:us-east-1:000000000000: because no'],
  ['iam', 'ListPolicies', {}, 'iam:ListPolicies on resource: policy path / because no'],
  ['iam', 'ListUsers', {}, 'iam:ListUsers on resource: arn:aws:iam::000000000000:user/ because no'],
];

describe('a denial is worded as AWS words it', () => {
  it.each(SENTENCES)('by %s %s', async (service, operation, input, words) => {
    const { body } = await ask(service, operation, input);
    expect(body.replaceAll('&quot;', '"')).toContain(
      `User: arn:aws:iam::000000000000:user/nobody is not authorized to perform: ${words}`,
    );
  });
});

const ROLE = 'arn:aws:iam::000000000000:role/any';
const TAGS = [{ Key: 'team', Value: 'red' }];

/** What a request needs allowed beside the action of its own name, by what it asks for. */
const NEEDS: [service: string, operation: string, input: object, actions: string[]][] = [
  ['iam', 'CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: '{}', Tags: TAGS }, ['CreateRole', 'TagRole']],
  ['iam', 'CreateUser', { UserName: 'u', Tags: TAGS }, ['CreateUser', 'TagUser']],
  ['iam', 'CreatePolicy', { PolicyName: 'p', PolicyDocument: '{}', Tags: TAGS }, ['CreatePolicy', 'TagPolicy']],
  [
    'iam',
    'CreateInstanceProfile',
    { InstanceProfileName: '/', Tags: TAGS },
    ['CreateInstanceProfile', 'TagInstanceProfile'],
  ],
  [
    'iam',
    'CreateOpenIDConnectProvider',
    { Url: 'none', Tags: TAGS },
    ['CreateOpenIDConnectProvider', 'TagOpenIDConnectProvider'],
  ],
  [
    'iam',
    'AddRoleToInstanceProfile',
    { InstanceProfileName: 'none', RoleName: 'none' },
    ['AddRoleToInstanceProfile', 'PassRole'],
  ],
  ['kms', 'CreateKey', { Tags: [{ TagKey: 'team', TagValue: 'red' }], KeySpec: 'SM2' }, ['CreateKey', 'TagResource']],
  ['logs', 'CreateLogGroup', { logGroupName: '?', tags: { team: 'red' } }, ['CreateLogGroup', 'TagResource']],
  ['logs', 'FilterLogEvents', { logGroupName: 'none', unmask: true }, ['FilterLogEvents', 'Unmask']],
  ['cloudwatch', 'PutMetricAlarm', { ...alarm(), Tags: TAGS }, ['PutMetricAlarm', 'TagResource']],
  [
    'cloudwatch',
    'PutCompositeAlarm',
    { AlarmName: 'a', AlarmRule: '?', Tags: TAGS },
    ['PutCompositeAlarm', 'TagResource'],
  ],
  ['events', 'CreateEventBus', { Name: '?', Tags: TAGS }, ['CreateEventBus', 'TagResource']],
  ['events', 'PutRule', { Name: '?', RoleArn: ROLE, Tags: TAGS }, ['PutRule', 'TagResource', 'iam:PassRole']],
  [
    'events',
    'PutTargets',
    { Rule: 'none', Targets: [{ Id: '1', Arn: 'arn:aws:sqs:us-east-1:000000000000:q', RoleArn: ROLE }] },
    ['PutTargets', 'iam:PassRole'],
  ],
  ['scheduler', 'CreateSchedule', schedule(), ['CreateSchedule', 'iam:PassRole']],
  ['scheduler', 'UpdateSchedule', schedule(), ['UpdateSchedule', 'iam:PassRole']],
  ['scheduler', 'CreateScheduleGroup', { Name: '?', Tags: TAGS }, ['CreateScheduleGroup', 'TagResource']],
  ['scheduler', 'DeleteScheduleGroup', { Name: 'none' }, ['DeleteScheduleGroup', 'DeleteSchedule']],
  ['sqs', 'CreateQueue', { QueueName: '?', tags: { team: 'red' } }, ['CreateQueue', 'TagQueue']],
  [
    'sqs',
    'StartMessageMoveTask',
    {
      SourceArn: 'arn:aws:sqs:us-east-1:000000000000:none',
      DestinationArn: 'arn:aws:sqs:us-east-1:000000000000:other',
    },
    ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'SendMessage'],
  ],
  ['codebuild', 'CreateProject', project(), ['CreateProject', 'iam:PassRole']],
  ['codebuild', 'UpdateProject', { name: 'none', serviceRole: ROLE }, ['UpdateProject', 'iam:PassRole']],
  ['codebuild', 'StartBuild', { projectName: 'none', serviceRoleOverride: ROLE }, ['StartBuild', 'iam:PassRole']],
  [
    's3',
    'CreateBucket',
    {
      Bucket: 'A_',
      ACL: 'private',
      ObjectOwnership: 'ObjectWriter',
      ObjectLockEnabledForBucket: true,
      CreateBucketConfiguration: { Tags: TAGS },
    },
    [
      'CreateBucket',
      'PutBucketAcl',
      'PutBucketOwnershipControls',
      'PutBucketObjectLockConfiguration',
      'PutBucketVersioning',
      'TagResource',
    ],
  ],
  [
    's3',
    'PutObject',
    {
      Bucket: 'bucket',
      Key: 'k',
      Body: Buffer.from('x'),
      ACL: 'private',
      Tagging: 'team=red',
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: new Date(Date.UTC(2040, 0)),
      ObjectLockLegalHoldStatus: 'ON',
    },
    ['PutObject', 'PutObjectTagging', 'PutObjectAcl', 'PutObjectRetention', 'PutObjectLegalHold'],
  ],
  ['s3', 'GetObject', { Bucket: 'bucket', Key: 'none', VersionId: 'v' }, ['GetObjectVersion', 'ListBucket']],
  ['s3', 'HeadObject', { Bucket: 'bucket', Key: 'none' }, ['GetObject', 'ListBucket']],
  [
    's3',
    'DeleteObject',
    { Bucket: 'bucket', Key: 'k', VersionId: 'v', BypassGovernanceRetention: true },
    ['DeleteObjectVersion', 'BypassGovernanceRetention'],
  ],
  [
    's3',
    'PutBucketReplication',
    {
      Bucket: 'bucket',
      ReplicationConfiguration: {
        Role: ROLE,
        Rules: [{ Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::other' } }],
      },
    },
    ['PutReplicationConfiguration', 'iam:PassRole'],
  ],
  [
    's3',
    'CopyObject',
    { Bucket: 'bucket', Key: 'k', CopySource: 'bucket/k' },
    ['GetObject', 'ListBucket', 'PutObject'],
  ],
  ['secretsmanager', 'CreateSecret', { Name: '?', Tags: TAGS }, ['CreateSecret', 'TagResource']],
  ['secretsmanager', 'BatchGetSecretValue', { SecretIdList: [] }, ['BatchGetSecretValue']],
  ['ssm', 'PutParameter', { Name: '?', Value: 'v', Type: 'String', Tags: TAGS }, ['PutParameter', 'AddTagsToResource']],
  [
    'dynamodb',
    'TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 't', Item: { id: { S: '1' } } } },
        { Delete: { TableName: 't', Key: { id: { S: '2' } } } },
        { ConditionCheck: { TableName: 't', Key: { id: { S: '3' } }, ConditionExpression: 'attribute_exists(id)' } },
      ],
    },
    ['PutItem', 'DeleteItem', 'ConditionCheckItem'],
  ],
  ['lambda', 'CreateFunction', fn(), ['CreateFunction', 'TagResource', 'iam:PassRole']],
  [
    'lambda',
    'CreateEventSourceMapping',
    { FunctionName: 'none', Tags: { team: 'red' } },
    ['CreateEventSourceMapping', 'TagResource'],
  ],
  ['sns', 'CreateTopic', { Name: '?', Tags: TAGS }, ['CreateTopic', 'TagResource']],
];

describe('a request that asks for more than its operation’s name says', () => {
  it.each(NEEDS)('%s %s', async (service, operation, input, actions) => {
    const needed: string[] = [];
    for (let denied = ''; ; needed.push(denied)) {
      await identity.iam.send(policyOf(needed));
      denied = deniedAction(await ask(service, operation, input));
      if (!/^[\w-]+:\w+$/.test(denied) || needed.includes(denied)) break;
    }

    const prefix = PREFIXES[service] ?? service;
    const wanted = actions.map((action) => (action.includes(':') ? action : `${prefix}:${action}`));
    expect(needed).toEqual(service === 'sqs' ? wanted.map((action) => action.toLowerCase()) : wanted);
  });
});

const policyOf = (actions: readonly string[]) =>
  new PutUserPolicyCommand({
    UserName: 'nobody',
    PolicyName: 'so-far',
    PolicyDocument: document({ Effect: 'Allow', Action: ['sts:GetCallerIdentity', ...actions], Resource: '*' }),
  });

function alarm() {
  return { AlarmName: 'a', ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 0, Threshold: 1 };
}

function schedule() {
  const Target = { Arn: 'none', RoleArn: ROLE };
  return { Name: 's', ScheduleExpression: 'none', FlexibleTimeWindow: { Mode: 'OFF' }, Target };
}

function project() {
  const environment = { type: 'LINUX_CONTAINER', image: 'i', computeType: 'BUILD_GENERAL1_SMALL' };
  return {
    name: '?',
    serviceRole: ROLE,
    source: { type: 'NO_SOURCE' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment,
  };
}

function fn() {
  return { FunctionName: 'f', Role: ROLE, Code: { ZipFile: Buffer.from('x') }, Tags: { team: 'red' } };
}

/** What an operation cannot do without, made up at random but for what has to make sense before IAM is asked. */
function inputOf(model: WireModel, service: string, name: string): object {
  const operation = model.operations.get(name)!;
  if (operation.input.isUnitSchema()) return {};
  const required = new Set(requiredMembers(operation.input));
  const [sample = {}] = fc.sample(valueOf(operation.input) as fc.Arbitrary<object>, { numRuns: 1, seed: 1 });
  // What the cloud has nothing for is refused before IAM is asked.
  for (const path of services.find((each) => each.name === service)?.unsupported?.[name] ?? [])
    leaveOut(sample, path.split('.'));
  const needed = Object.entries(sample).filter(([member]) => required.has(member));
  return { ...Object.fromEntries(needed), ...sensible(service, name, required) };
}

/** Takes what is at `path` away, or turns it off, in each of the items where lists are on the way. */
function leaveOut(value: unknown, [member = '', ...rest]: readonly string[]): void {
  if (Array.isArray(value)) for (const item of value) leaveOut(item, [member, ...rest]);
  else if (typeof value === 'object' && value !== null) {
    if (rest.length === 0 && typeof Reflect.get(value, member) === 'boolean') Reflect.set(value, member, false);
    else if (rest.length === 0) Reflect.deleteProperty(value, member);
    else leaveOut(Reflect.get(value, member), rest);
  }
}

function sensible(service: string, operation: string, required: ReadonlySet<string>): object {
  const known: Readonly<Record<string, unknown>> = {
    QueueUrl: `${identity.cloud.endpoint}/000000000000/queue`,
    Bucket: 'bucket',
    Key: service === 's3' ? 'key' : undefined,
    CopySource: 'bucket/key',
    Body: service === 's3' ? Buffer.from('body') : undefined,
  };
  const members = Object.entries(known).filter(([member, value]) => required.has(member) && value !== undefined);
  return { ...Object.fromEntries(members), ...inputs()[`${service} ${operation}`] };
}

/** Where an operation wants one of several members, and what random values would never be. */
const inputs = (): Readonly<Record<string, object>> => ({
  'dynamodb RestoreTableToPointInTime': { SourceTableName: 'table', TargetTableName: 'other' },
  'dynamodb TransactWriteItems': { TransactItems: [{ Put: { TableName: 't', Item: { id: { S: '1' } } } }] },
  'dynamodb ExecuteStatement': { Statement: 'SELECT * FROM "t"' },
  'dynamodb BatchExecuteStatement': { Statements: [{ Statement: `INSERT INTO "t" VALUE {'id': '1'}` }] },
  'dynamodb ExecuteTransaction': { TransactStatements: [{ Statement: `DELETE FROM "t" WHERE id = '1'` }] },
  'logs StartQuery': { logGroupName: 'group' },
  'logs AssociateKmsKey': { logGroupName: 'group' },
  'logs DisassociateKmsKey': { logGroupName: 'group' },
  's3 PutObject': { Body: Buffer.from('body') },
  's3 UploadPart': { Body: Buffer.from('body') },
  'kms Decrypt': { CiphertextBlob: ciphertext },
  'kms ReEncrypt': { CiphertextBlob: ciphertext },
});

async function ask(service: string, name: string, input: object, protocol?: NativeProtocol): Promise<Answer> {
  const { client, signingName } = services.find((each) => each.name === service)!;
  const model = await loadWireModel(client);
  const scope = signingName ?? service;
  const made = await sdkRequest(scope, protocol ?? model.protocol, model, model.operations.get(name)!, input);
  // The SDK puts it in once the request is made; S3 deletes nothing without.
  const md5 = createHash('md5').update(made.body).digest('base64');
  const headers = name === 'DeleteObjects' ? { ...made.headers, 'content-md5': md5 } : made.headers;
  return sendSigned({ port: identity.cloud.port, credentials: nobody }, { ...made, headers });
}

/** The action that the answer says was not allowed; otherwise what it says instead. DeleteObjects says it of each key. */
function deniedAction({ status, headers, body }: Answer): string {
  const text = (body === '' ? `AccessDenied ${said}` : [headers['x-amzn-errortype'], body].flat().join(' '))
    .replaceAll('&quot;', '"')
    .replaceAll('\\"', '"');
  const [, action, again] =
    /User: arn:aws:iam::000000000000:user\/nobody is not authorized to perform: (\S+)(?: on resource: .+)? because no (?:identity|resource)-based policy allows the (\S+) action/s.exec(
      text,
    ) ?? [];
  return action !== undefined &&
    action === again &&
    (status === 200 || (status >= 400 && status < 500)) &&
    /AccessDenied|AuthorizationError/.test(text)
    ? action
    : `${status} ${text.slice(0, 300)}`;
}
