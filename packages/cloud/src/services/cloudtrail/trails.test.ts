// Trails through the SDK: what was called reaches buckets, log groups and topics, on the cloud's clock.
import { gunzipSync } from 'node:zlib';

import * as CloudTrail from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateUserCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { account, allow, document, TestIdentity, trust } from '../iam/test-identity.ts';
import { logs } from '../logs/index.ts';
import { s3 } from '../s3/index.ts';
import { sts } from '../sts/index.ts';
import { cloudtrail } from './index.ts';
import type { TrailRecord } from './record.ts';

const FIVE_MINUTES = 5 * 60_000;

let world: TestIdentity;
let client: CloudTrail.CloudTrailClient;
let buckets: S3.S3Client;

beforeAll(async () => {
  world = new TestIdentity(await startCloud({ services: [iam, sts, s3, logs, cloudtrail] }));
  client = new CloudTrail.CloudTrailClient(world.as());
  buckets = new S3.S3Client({ ...world.as(), forcePathStyle: true });
  for (const Bucket of ['trail-logs', 'other-logs', 'watched'])
    await buckets.send(new S3.CreateBucketCommand({ Bucket }));
  for (const Bucket of ['trail-logs', 'other-logs']) {
    await buckets.send(new S3.PutBucketPolicyCommand({ Bucket, Policy: policyOf(Bucket) }));
  }
});
afterAll(() => world.cloud.stop());

/** As AWS's documentation has it. */
const policyOf = (bucket: string) =>
  document(
    {
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:GetBucketAcl',
      Resource: `arn:aws:s3:::${bucket}`,
    },
    {
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/*`,
      Condition: {
        StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' },
        ArnLike: { 'aws:SourceArn': `arn:aws:cloudtrail:us-east-1:${account}:trail/*` },
      },
    },
  );

const create = (Name: string, more: Partial<CloudTrail.CreateTrailCommandInput> = {}) =>
  client.send(new CloudTrail.CreateTrailCommand({ Name, S3BucketName: 'trail-logs', ...more }));
const begin = (Name: string) => client.send(new CloudTrail.StartLoggingCommand({ Name }));
const status = (Name: string) => client.send(new CloudTrail.GetTrailStatusCommand({ Name }));
const makeUser = (UserName: string, on = world) => on.iam.send(new CreateUserCommand({ UserName }));

async function delivered(Bucket: string, Prefix: string): Promise<TrailRecord[]> {
  const { Contents = [] } = await buckets.send(new S3.ListObjectsV2Command({ Bucket, Prefix }));
  const records: TrailRecord[] = [];
  for (const { Key } of Contents.filter(({ Key }) => Key!.endsWith('.json.gz'))) {
    const { Body } = await buckets.send(new S3.GetObjectCommand({ Bucket, Key }));
    const text = gunzipSync(await Body!.transformToByteArray()).toString();
    records.push(...(JSON.parse(text) as { Records: TrailRecord[] }).Records);
  }
  return records;
}

const names = (records: readonly TrailRecord[]) => records.map(({ eventName }) => eventName);

test('a trail that is on delivers what was called, every five minutes, from when it was begun', async () => {
  await create('all', { S3KeyPrefix: 'all' });
  await makeUser('before');
  expect(await status('all')).toMatchObject({ IsLogging: false });
  await begin('all');
  await makeUser('within');
  const folder = `all/AWSLogs/${account}/CloudTrail/us-east-1/`;
  expect(await delivered('trail-logs', folder)).toEqual([]);
  await world.cloud.clock.advance(FIVE_MINUTES);
  const made = (await delivered('trail-logs', folder)).filter(({ eventName }) => eventName === 'CreateUser');
  expect(made).toMatchObject([{ requestParameters: { userName: 'within' }, eventSource: 'iam.amazonaws.com' }]);
  const { Contents } = await buckets.send(new S3.ListObjectsV2Command({ Bucket: 'trail-logs', Prefix: folder }));
  expect(Contents!.at(-1)!.Key).toMatch(
    new RegExp(`${folder}\\d{4}/\\d\\d/\\d\\d/${account}_CloudTrail_us-east-1_\\d{8}T\\d{4}Z_\\w{16}\\.json\\.gz$`),
  );
  expect(await status('all')).toMatchObject({ IsLogging: true, LatestDeliveryTime: expect.any(Date) as Date });
  await makeUser('last');
  await client.send(new CloudTrail.StopLoggingCommand({ Name: 'all' }));
  await makeUser('after');
  await world.cloud.clock.advance(FIVE_MINUTES);
  const users = (await delivered('trail-logs', folder)).map(({ requestParameters }) => requestParameters);
  expect(users).toContainEqual({ userName: 'last' });
  expect(users).not.toContainEqual({ userName: 'after' });
  expect(names(await delivered('trail-logs', folder))).toContain('StopLogging');
});

test('a trail delivers what its selectors choose', async () => {
  await create('data', { S3BucketName: 'other-logs' });
  await client.send(
    new CloudTrail.PutEventSelectorsCommand({
      TrailName: 'data',
      EventSelectors: [
        {
          ReadWriteType: 'WriteOnly',
          IncludeManagementEvents: false,
          DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::watched/secret'] }],
        },
      ],
    }),
  );
  await begin('data');
  for (const Key of ['secret/a', 'open/b']) {
    await buckets.send(new S3.PutObjectCommand({ Bucket: 'watched', Key, Body: 'x' }));
  }
  await buckets.send(new S3.GetObjectCommand({ Bucket: 'watched', Key: 'secret/a' }));
  await makeUser('unseen');
  await world.cloud.clock.advance(FIVE_MINUTES);
  expect(await delivered('other-logs', 'AWSLogs/')).toMatchObject([
    { eventName: 'PutObject', requestParameters: { bucketName: 'watched', key: 'secret/a' } },
  ]);
  const { trailList } = await client.send(new CloudTrail.DescribeTrailsCommand({ trailNameList: ['data'] }));
  expect(trailList).toMatchObject([{ HasCustomEventSelectors: true }]);
  await client.send(new CloudTrail.StopLoggingCommand({ Name: 'data' }));
});

test('a trail delivers what its advanced selectors choose by the fields of records', async () => {
  await buckets.send(new S3.CreateBucketCommand({ Bucket: 'fields-logs' }));
  await buckets.send(new S3.PutBucketPolicyCommand({ Bucket: 'fields-logs', Policy: policyOf('fields-logs') }));
  await create('fields', { S3BucketName: 'fields-logs' });
  const put = (...FieldSelectors: CloudTrail.AdvancedFieldSelector[]) =>
    client.send(
      new CloudTrail.PutEventSelectorsCommand({
        TrailName: 'fields',
        AdvancedEventSelectors: [{ Name: 'chosen', FieldSelectors }],
      }),
    );
  const data = { Field: 'eventCategory', Equals: ['Data'] };
  const objects = { Field: 'resources.type', Equals: ['AWS::S3::Object'] };
  for (const [wrong, why] of [
    [[objects], 'eventCategory'],
    [[{ Field: 'eventCategory', Equals: ['NetworkActivity'] }], 'NetworkActivity'],
    [[data], 'resources.type'],
    [[data, { Field: 'resources.type', Equals: ['AWS::Cassandra::Table'] }], 'AWS::Cassandra::Table'],
    [[data, objects, { Field: 'readOnly', StartsWith: ['t'] }], 'readOnly'],
    [[data, objects, { Field: 'errorCode', Equals: ['x'] }], 'errorCode'],
    [
      [
        { Field: 'eventCategory', Equals: ['Management'] },
        { Field: 'eventName', Equals: ['x'] },
      ],
      'eventName',
    ],
  ] as [CloudTrail.AdvancedFieldSelector[], string][]) {
    // oxlint-disable-next-line no-await-in-loop -- each is a refusal of its own
    await expect(put(...wrong)).rejects.toMatchObject({
      name: 'InvalidEventSelectorsException',
      message: expect.stringContaining(why) as string,
    });
  }
  const chosen = [
    data,
    objects,
    { Field: 'eventName', NotEquals: ['DeleteObject'] },
    {
      Field: 'resources.ARN',
      StartsWith: ['arn:aws:s3:::watched/fields/'],
      EndsWith: ['.txt'],
      NotStartsWith: ['arn:aws:s3:::watched/fields/not'],
    },
  ];
  const { AdvancedEventSelectors } = await put(...chosen);
  const read = await client.send(new CloudTrail.GetEventSelectorsCommand({ TrailName: 'fields' }));
  expect(read.AdvancedEventSelectors).toEqual([{ Name: 'chosen', FieldSelectors: chosen }]);
  expect(read.AdvancedEventSelectors).toEqual(AdvancedEventSelectors);
  expect(read.EventSelectors).toBeUndefined();
  await begin('fields');
  for (const Key of ['fields/a', 'open.txt', 'open', 'fields/not']) {
    await buckets.send(new S3.PutObjectCommand({ Bucket: 'watched', Key, Body: 'x' }));
  }
  await buckets.send(new S3.DeleteObjectCommand({ Bucket: 'watched', Key: 'fields/a' }));
  await makeUser('unseen-by-fields');
  await world.cloud.clock.advance(FIVE_MINUTES);
  const keys = (await delivered('fields-logs', 'AWSLogs/')).map(({ requestParameters }) => requestParameters);
  expect(keys).toMatchObject([{ key: 'fields/a' }, { key: 'open.txt' }]);
  const { trailList } = await client.send(new CloudTrail.DescribeTrailsCommand({ trailNameList: ['fields'] }));
  expect(trailList).toMatchObject([{ HasCustomEventSelectors: true }]);
  await client.send(new CloudTrail.DeleteTrailCommand({ Name: 'fields' }));
});

test('a trail of every region is seen in each, and delivers to a log group as its role', async () => {
  const group = new CloudWatchLogsClient(world.as());
  await group.send(new CreateLogGroupCommand({ logGroupName: 'trails' }));
  const role = await world.role(
    'trail-writer',
    [trust({ Service: 'cloudtrail.amazonaws.com' })],
    allow('logs:CreateLogStream', 'logs:PutLogEvents'),
  );
  await create('everywhere', {
    IsMultiRegionTrail: true,
    S3KeyPrefix: 'everywhere',
    CloudWatchLogsLogGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:trails:*`,
    CloudWatchLogsRoleArn: role,
  });
  await begin('everywhere');
  const west = { ...world.as(), region: 'us-west-2' };
  await new CloudWatchLogsClient(west).send(new CreateLogGroupCommand({ logGroupName: 'western' }));
  const there = new CloudTrail.CloudTrailClient(west);
  const seen = async (includeShadowTrails: boolean) =>
    (await there.send(new CloudTrail.DescribeTrailsCommand({ includeShadowTrails }))).trailList!.map(
      ({ Name }) => Name,
    );
  expect(await seen(true)).toEqual(['everywhere']);
  expect(await seen(false)).toEqual([]);
  await world.cloud.clock.advance(FIVE_MINUTES);
  const folder = `everywhere/AWSLogs/${account}/CloudTrail/us-west-2/`;
  expect(names(await delivered('trail-logs', folder))).toContain('CreateLogGroup');
  const search = {
    logGroupName: 'trails',
    filterPattern: '{ $.awsRegion = "us-west-2" && $.eventName = "CreateLogGroup" }',
  };
  const { events } = await group.send(new FilterLogEventsCommand(search));
  expect(events).toMatchObject([{ logStreamName: `${account}_CloudTrail_us-east-1` }]);
  await client.send(new CloudTrail.DeleteTrailCommand({ Name: 'everywhere' }));
});

test('a log group and a topic that fail hold up nothing in the bucket, and the log group catches up', async () => {
  const group = new CloudWatchLogsClient(world.as());
  await group.send(new CreateLogGroupCommand({ logGroupName: 'late' }));
  const role = await world.role('late-writer', [trust({ Service: 'cloudtrail.amazonaws.com' })]);
  await create('late', {
    S3KeyPrefix: 'late',
    // There is no SNS in this cloud.
    SnsTopicName: 'nobody',
    CloudWatchLogsLogGroupArn: `arn:aws:logs:us-east-1:${account}:log-group:late:*`,
    CloudWatchLogsRoleArn: role,
  });
  await begin('late');
  await makeUser('early');
  await world.cloud.clock.advance(FIVE_MINUTES);
  expect(await status('late')).toMatchObject({
    LatestDeliveryTime: expect.any(Date) as Date,
    LatestCloudWatchLogsDeliveryError: 'AccessDeniedException',
    LatestNotificationError: 'NotImplemented',
  });
  const PolicyDocument = document(allow('logs:CreateLogStream', 'logs:PutLogEvents'));
  await world.iam.send(new PutRolePolicyCommand({ RoleName: 'late-writer', PolicyName: 'own', PolicyDocument }));
  await world.cloud.clock.advance(FIVE_MINUTES);
  const now = await status('late');
  expect(now).toMatchObject({ LatestCloudWatchLogsDeliveryTime: expect.any(Date) as Date });
  expect(now).not.toHaveProperty('LatestCloudWatchLogsDeliveryError');
  const { events } = await group.send(
    new FilterLogEventsCommand({ logGroupName: 'late', filterPattern: '{ $.requestParameters.userName = "early" }' }),
  );
  expect(events).toHaveLength(1);
  const users = (await delivered('trail-logs', 'late/')).filter(({ eventName }) => eventName === 'CreateUser');
  expect(users).toHaveLength(1);
  await client.send(new CloudTrail.DeleteTrailCommand({ Name: 'late' }));
});

test('a trail that cannot write says so, and delivers once it can', async () => {
  await create('stuck', { S3KeyPrefix: 'stuck' });
  await begin('stuck');
  await makeUser('waiting');
  await buckets.send(new S3.DeleteBucketPolicyCommand({ Bucket: 'trail-logs' }));
  await world.cloud.clock.advance(FIVE_MINUTES);
  expect(await status('stuck')).toMatchObject({ LatestDeliveryError: 'AccessDenied' });
  await buckets.send(new S3.PutBucketPolicyCommand({ Bucket: 'trail-logs', Policy: policyOf('trail-logs') }));
  await world.cloud.clock.advance(FIVE_MINUTES);
  expect(await status('stuck')).not.toHaveProperty('LatestDeliveryError');
  const users = (await delivered('trail-logs', 'stuck/')).map(({ requestParameters }) => requestParameters);
  expect(users).toContainEqual({ userName: 'waiting' });
});

test.for([
  [{ Name: 'ab' }, 'InvalidTrailNameException'],
  [{ Name: 'all' }, 'TrailAlreadyExistsException'],
  [{ Name: 'nowhere', S3BucketName: 'no-such-bucket' }, 'S3BucketDoesNotExistException'],
  [{ Name: 'closed', S3BucketName: 'watched' }, 'InsufficientS3BucketPolicyException'],
  [{ Name: 'shared', IsOrganizationTrail: true }, 'UnsupportedOperationException'],
  [{ Name: 'half', CloudWatchLogsRoleArn: 'arn:aws:iam::000000000000:role/x' }, 'InvalidParameterCombinationException'],
  [
    { Name: 'odd', IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
    'InvalidParameterCombinationException',
  ],
] as const)('%o is refused: %s', async ([{ Name, ...more }, name]) => {
  await expect(create(Name, more)).rejects.toMatchObject({ name });
});

test('a trail that is refused leaves nothing in its bucket', async () => {
  await expect(create('ab', { S3KeyPrefix: 'refused' })).rejects.toMatchObject({ name: 'InvalidTrailNameException' });
  const { KeyCount } = await buckets.send(new S3.ListObjectsV2Command({ Bucket: 'trail-logs', Prefix: 'refused/' }));
  expect(KeyCount).toBe(0);
});

test('what is not there is unknown', async () => {
  await expect(status('gone')).rejects.toMatchObject({ name: 'TrailNotFoundException' });
});
