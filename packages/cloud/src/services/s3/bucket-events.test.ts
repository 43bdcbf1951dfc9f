// What happens to objects reaches those whom the bucket's notification configuration names.
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectRetentionCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
  type Event,
  type NotificationConfiguration,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { AwsError } from '../../kernel/errors.ts';
import type { ServiceEvent } from '../../kernel/feed.ts';
import type { Call, Service } from '../../kernel/service.ts';
import { iam } from '../iam/index.ts';
import { sts } from '../sts/index.ts';
import { s3 } from './index.ts';
import { startS3, type TestS3 } from './test-s3.ts';

const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:objects';
const LambdaFunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:thumbnails';

interface Told {
  readonly MessageBody?: string;
  readonly InvocationType?: string;
  readonly Payload?: Uint8Array;
}

interface Record {
  readonly eventName: string;
  readonly s3: {
    readonly configurationId: string;
    readonly object: { readonly key: string; readonly sequencer: string };
  };
}

const told: { readonly input: Told; readonly call: Call }[] = [];
let failure: AwsError | undefined;
let world: TestS3;

/** Stands in for a service that is told something. */
const standIn = (name: string, operation: string) => (): Service => ({
  name,
  client: name,
  resources: [],
  operations: {
    [operation]: {
      access: () => [],
      run: (input: Told, call: Call) => {
        if (failure) throw failure;
        told.push({ input, call });
        return {};
      },
    },
  },
});

beforeAll(async () => {
  world = await startS3({ services: [sts, iam, s3, standIn('sqs', 'SendMessage'), standIn('lambda', 'Invoke')] });
});
afterAll(() => world.stop());

async function bucketThatTells(NotificationConfiguration: NotificationConfiguration): Promise<string> {
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket }));
  told.length = 0;
  await world.client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  return Bucket;
}

const put = (Bucket: string, Key: string) => world.client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));

/** Records of events, once there are so many. */
async function records(count: number): Promise<Record[]> {
  const found = () =>
    told.flatMap(({ input }) => {
      const text = input.MessageBody ?? (input.Payload && Buffer.from(input.Payload).toString()) ?? '{}';
      return (JSON.parse(text) as { Records?: Record[] }).Records ?? [];
    });
  while (found().length < count) await new Promise((resolve) => setImmediate(resolve));
  return found();
}

const queue = (
  Events: Event[],
  rules: { Name: 'prefix' | 'suffix'; Value: string }[] = [],
): NotificationConfiguration => ({
  QueueConfigurations: [{ Id: 'q', QueueArn, Events, Filter: { Key: { FilterRules: rules } } }],
});

test('a queue is tried out, then gets the events that it wants, of the keys that it wants', async () => {
  const Bucket = await bucketThatTells(
    queue(
      ['s3:ObjectCreated:*', 's3:ObjectRemoved:Delete'],
      [
        { Name: 'prefix', Value: 'images/' },
        { Name: 'suffix', Value: '.jpg' },
      ],
    ),
  );
  expect(JSON.parse(told[0]!.input.MessageBody!)).toMatchObject({ Event: 's3:TestEvent', Bucket });
  await put(Bucket, 'images/a b.jpg');
  await put(Bucket, 'images/a.png');
  await put(Bucket, 'b.jpg');
  await world.client.send(
    new CopyObjectCommand({
      Bucket,
      Key: 'images/c.jpg',
      CopySource: `${Bucket}/${encodeURIComponent('images/a b.jpg')}`,
    }),
  );
  await world.client.send(new DeleteObjectCommand({ Bucket, Key: 'images/c.jpg' }));
  const found = await records(3);
  expect(found.map(({ eventName, s3: { object } }) => [eventName, object.key])).toEqual([
    ['ObjectCreated:Put', 'images/a+b.jpg'],
    ['ObjectCreated:Copy', 'images/c.jpg'],
    ['ObjectRemoved:Delete', 'images/c.jpg'],
  ]);
  expect(found[0]).toMatchObject({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    s3: { configurationId: 'q', bucket: { name: Bucket, arn: `arn:aws:s3:::${Bucket}` }, object: { size: 1 } },
  });
  expect(told.at(-1)!.call).toMatchObject({
    principal: { name: 's3.amazonaws.com' },
    sourceArn: `arn:aws:s3:::${Bucket}`,
  });
});

test('a function is asked first, and told again until it takes the event', async () => {
  const Events: Event[] = ['s3:ObjectTagging:Put'];
  const Bucket = await bucketThatTells({ LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events }] });
  expect(told.map(({ input }) => input.InvocationType)).toEqual(['DryRun']);
  await put(Bucket, 'k');
  failure = new AwsError('TooManyRequestsException', 'Rate exceeded', { status: 429 });
  const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
  await world.client.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging }));
  await new Promise((resolve) => setImmediate(resolve));
  failure = undefined;
  await world.cloud.clock.advance(2_000);
  expect(await records(1)).toMatchObject([{ eventName: 'ObjectTagging:Put' }]);
});

test('a destination that S3 may not tell is refused, unless nobody wants to know', async () => {
  const Bucket = await bucketThatTells({});
  failure = new AwsError('AccessDenied', 'No', { status: 403 });
  const given = { Bucket, NotificationConfiguration: queue(['s3:ObjectCreated:*']) };
  await expect(world.client.send(new PutBucketNotificationConfigurationCommand(given))).rejects.toMatchObject({
    name: 'InvalidArgument',
    message: `Unable to validate the following destination configurations: ${QueueArn}: No`,
  });
  const unasked = { ...given, SkipDestinationValidation: true };
  await world.client.send(new PutBucketNotificationConfigurationCommand(unasked));
  failure = undefined;
  const kept = await world.client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  expect(kept.QueueConfigurations).toMatchObject([{ Id: 'q', QueueArn }]);
});

test('delete markers, expired objects and uploads that never end are told for what they are', async () => {
  const Bucket = await bucketThatTells(queue(['s3:ObjectCreated:*', 's3:ObjectRemoved:*', 's3:LifecycleExpiration:*']));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await world.client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const rule = { ID: 'all', Status: 'Enabled' as const, Filter: { Prefix: 'old' }, Expiration: { Days: 1 } };
  await world.client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
  );
  await put(Bucket, 'old');
  await put(Bucket, 'new');
  await world.client.send(new DeleteObjectCommand({ Bucket, Key: 'new' }));
  const { UploadId } = await world.client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'half' }));
  await world.client.send(new AbortMultipartUploadCommand({ Bucket, Key: 'half', UploadId }));
  await world.cloud.clock.advance(2 * 86_400_000);
  expect((await records(4)).map(({ eventName }) => eventName)).toEqual([
    'ObjectCreated:Put',
    'ObjectCreated:Put',
    'ObjectRemoved:DeleteMarkerCreated',
    'LifecycleExpiration:DeleteMarkerCreated',
  ]);
});

test('EventBridge hears of everything, where the bucket says so', async () => {
  const heard: ServiceEvent[] = [];
  const stop = world.cloud.kernel.events.subscribe((event) => heard.push(event));
  const Bucket = await bucketThatTells({ EventBridgeConfiguration: {} });
  await put(Bucket, 'k');
  await world.client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  stop();
  expect(heard).toMatchObject([
    {
      source: 'aws.s3',
      detailType: 'Object Created',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: { version: '0', bucket: { name: Bucket }, object: { key: 'k', size: 1 }, reason: 'PutObject' },
    },
    { detailType: 'Object Deleted', detail: { 'deletion-type': 'Permanently Deleted', reason: 'DeleteObject' } },
  ]);
});

test('a retention that is set is told', async () => {
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const NotificationConfiguration = queue(['s3:ObjectRetention:Put']);
  await world.client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  told.length = 0;
  await put(Bucket, 'k');
  const Retention = { Mode: 'GOVERNANCE' as const, RetainUntilDate: new Date(world.cloud.clock.now() + 86_400_000) };
  await world.client.send(new PutObjectRetentionCommand({ Bucket, Key: 'k', Retention }));
  expect(await records(1)).toMatchObject([{ eventName: 'ObjectRetention:Put', s3: { object: { key: 'k' } } }]);
});

test('restores are told when they begin, when the copy comes, and when it goes; moves to other classes and ACLs too', async () => {
  const heard: ServiceEvent[] = [];
  const stop = world.cloud.kernel.events.subscribe((event) => heard.push(event));
  const wanted = queue(['s3:ObjectRestore:*', 's3:LifecycleTransition', 's3:ObjectAcl:Put']);
  const Bucket = world.name();
  await world.client.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
  const NotificationConfiguration = { ...wanted, EventBridgeConfiguration: {} };
  await world.client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
  told.length = 0;
  const Transitions = [{ Days: 1, StorageClass: 'GLACIER' as const }];
  const rule = { ID: 'move', Status: 'Enabled' as const, Filter: { ObjectSizeGreaterThan: 0 }, Transitions };
  await world.client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
  );
  await put(Bucket, 'k');
  await world.client.send(new PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'private' }));
  await world.cloud.clock.advance(2 * 86_400_000);
  await world.client.send(new RestoreObjectCommand({ Bucket, Key: 'k', RestoreRequest: { Days: 1 } }));
  await world.cloud.clock.advance(3 * 86_400_000);
  const found = await records(5);
  stop();
  expect(found.map(({ eventName }) => eventName)).toEqual([
    'ObjectAcl:Put',
    'LifecycleTransition',
    'ObjectRestore:Post',
    'ObjectRestore:Completed',
    'ObjectRestore:Delete',
  ]);
  expect(found[3]).toMatchObject({
    glacierEventData: { restoreEventData: { lifecycleRestoreStorageClass: 'GLACIER' } },
  });
  const inside = heard.filter(
    ({ resources, detailType }) => resources[0]!.endsWith(Bucket) && detailType !== 'Object Created',
  );
  expect(inside).toMatchObject([
    { detailType: 'Object ACL Updated' },
    { detailType: 'Object Storage Class Changed', detail: { 'destination-storage-class': 'GLACIER' } },
    { detailType: 'Object Restore Initiated', detail: { 'source-storage-class': 'GLACIER' } },
    { detailType: 'Object Restore Completed', detail: { requester: 's3.amazonaws.com' } },
    { detailType: 'Object Restore Expired' },
  ]);
});

test.each([
  ['prefix under prefix', ['images/', ''], ['images/cats/', ''], true],
  ['everything and something', ['', ''], ['', '.jpg'], true],
  ['the same prefix, other suffixes', ['images/', '.jpg'], ['images/', '.png'], false],
  ['other prefixes, the same suffix', ['a/', '.jpg'], ['b/', '.jpg'], false],
])('two rules for one event, %s', async (_what, one, other, refused) => {
  const filter = ([prefix, suffix]: string[]) => ({
    Key: {
      FilterRules: [
        { Name: 'prefix' as const, Value: prefix },
        { Name: 'suffix' as const, Value: suffix },
      ],
    },
  });
  const configured = bucketThatTells({
    QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'], Filter: filter(one) }],
    LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events: ['s3:ObjectCreated:Put'], Filter: filter(other) }],
  });
  const reason = await configured.then(
    () => undefined,
    (error: Error) => error.message.split('.')[0],
  );
  expect(reason).toBe(refused ? 'Configuration is ambiguously defined' : undefined);
});

test('a filter may spell keys as events do', async () => {
  const Bucket = await bucketThatTells(queue(['s3:ObjectCreated:*'], [{ Name: 'prefix', Value: 'caf%C3%A9+menu/' }]));
  await put(Bucket, 'café menu/a');
  await put(Bucket, 'cafe/a');
  expect(await records(1)).toMatchObject([{ s3: { object: { key: 'caf%C3%A9+menu/a' } } }]);
});
