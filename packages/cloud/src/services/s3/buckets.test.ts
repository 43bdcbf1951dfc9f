// Buckets and their settings, through the AWS SDK.
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { codeOf, errorOf, startS3, type TestS3 } from './test-s3.ts';

let s3: TestS3;
let send: S3.S3Client['send'];
beforeAll(async () => {
  s3 = await startS3();
  send = s3.client.send.bind(s3.client);
});
afterAll(() => s3.stop());

async function createBucket(input: Partial<S3.CreateBucketCommandInput> = {}): Promise<string> {
  const Bucket = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket, ...input }));
  return Bucket;
}

test('a bucket is created, found, listed, and deleted', async () => {
  const Bucket = await createBucket();
  expect(await send(new S3.HeadBucketCommand({ Bucket }))).toMatchObject({ BucketRegion: 'us-east-1' });
  const { Buckets = [] } = await send(new S3.ListBucketsCommand({ Prefix: Bucket }));
  expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
  await send(new S3.DeleteBucketCommand({ Bucket }));
  expect(await codeOf(send(new S3.HeadBucketCommand({ Bucket })))).toEqual(['NotFound', 404]);
  expect(await codeOf(send(new S3.ListObjectsV2Command({ Bucket })))).toEqual(['NoSuchBucket', 404]);
});

test('buckets are listed page by page', async () => {
  for (const name of ['paged-a', 'paged-b', 'paged-c']) await send(new S3.CreateBucketCommand({ Bucket: name }));
  const first = await send(new S3.ListBucketsCommand({ Prefix: 'paged-', MaxBuckets: 2 }));
  const second = await send(
    new S3.ListBucketsCommand({ Prefix: 'paged-', MaxBuckets: 2, ContinuationToken: first.ContinuationToken }),
  );
  expect([first, second].map(({ Buckets = [] }) => Buckets.map(({ Name }) => Name))).toEqual([
    ['paged-a', 'paged-b'],
    ['paged-c'],
  ]);
  expect(second.ContinuationToken).toBeUndefined();
});

test.each([
  'ab',
  'a'.repeat(64),
  'Upper-case',
  'under_score',
  '-first',
  'last-',
  'two..dots',
  '192.168.5.4',
  'xn--name',
  'name-s3alias',
])('the name %j is refused', async (Bucket) => {
  expect(await codeOf(send(new S3.CreateBucketCommand({ Bucket })))).toEqual(['InvalidBucketName', 400]);
});

test('one’s own bucket may be created again in us-east-1, and nowhere else', async () => {
  const Bucket = await createBucket();
  await send(new S3.CreateBucketCommand({ Bucket }));
  const elsewhere = s3.clientFor({ region: 'eu-west-1' });
  expect(await codeOf(elsewhere.send(new S3.CreateBucketCommand({ Bucket })))).toEqual([
    'BucketAlreadyOwnedByYou',
    409,
  ]);
});

test('the location constraint has to suit the region', async () => {
  const frankfurt = s3.clientFor({ region: 'eu-central-1' });
  const Bucket = s3.name();
  const create = (client: S3.S3Client, LocationConstraint?: string) =>
    client.send(
      new S3.CreateBucketCommand({
        Bucket,
        CreateBucketConfiguration: { LocationConstraint: LocationConstraint as never },
      }),
    );
  expect(await errorOf(create(frankfurt, 'eu-west-1'))).toMatchObject({
    code: 'IllegalLocationConstraintException',
    message:
      'The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.',
  });
  expect(await codeOf(create(s3.client, 'us-east-1'))).toEqual(['InvalidLocationConstraint', 400]);
  await create(frankfurt, 'eu-central-1');
  expect((await frankfurt.send(new S3.GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-central-1');
  expect((await send(new S3.GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-central-1');
});

test('a request signed for another region is sent to the bucket’s own', async () => {
  const Bucket = s3.name();
  const frankfurt = s3.clientFor({ region: 'eu-central-1' });
  await frankfurt.send(new S3.CreateBucketCommand({ Bucket }));
  expect(await codeOf(send(new S3.ListObjectsV2Command({ Bucket })))).toEqual(['PermanentRedirect', 301]);
  const following = s3.clientFor({ followRegionRedirects: true });
  expect((await following.send(new S3.ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
});

test('who may not see a bucket is told where it is, or that it is not there', async () => {
  const west = s3.clientFor({ region: 'eu-west-1' });
  const Bucket = s3.name();
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
  await west.send(new S3.CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  const ask = async (path: string) => {
    const { status, headers } = await fetch(s3.cloud.endpoint + path, { method: 'HEAD' });
    return [status, headers.get('x-amz-bucket-region')];
  };
  expect(await ask(`/${Bucket}`)).toEqual([403, 'eu-west-1']);
  expect(await ask(`/${Bucket}/key`)).toEqual([403, null]);
  expect(await ask('/never-made')).toEqual([404, null]);
  expect(await ask('/never-made/key')).toEqual([404, null]);
});

test('a bucket of another account than expected is refused', async () => {
  const Bucket = await createBucket();
  const call = send(new S3.GetBucketVersioningCommand({ Bucket, ExpectedBucketOwner: '111111111111' }));
  expect(await codeOf(call)).toEqual(['AccessDenied', 403]);
});

test('a bucket with anything in it, even a delete marker, is not deleted', async () => {
  const Bucket = await createBucket();
  await send(new S3.PutObjectCommand({ Bucket, Key: 'a', Body: 'a' }));
  expect(await errorOf(send(new S3.DeleteBucketCommand({ Bucket })))).toMatchObject({
    code: 'BucketNotEmpty',
    message: 'The bucket you tried to delete is not empty',
  });
  await send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await send(new S3.DeleteObjectCommand({ Bucket, Key: 'a' }));
  await send(new S3.DeleteObjectCommand({ Bucket, Key: 'a', VersionId: 'null' }));
  expect(await errorOf(send(new S3.DeleteBucketCommand({ Bucket })))).toMatchObject({
    code: 'BucketNotEmpty',
    message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
  });
});

test('a new bucket has the defaults that AWS gives since 2023', async () => {
  const Bucket = await createBucket();
  const encryption = await send(new S3.GetBucketEncryptionCommand({ Bucket }));
  expect(encryption.ServerSideEncryptionConfiguration?.Rules).toEqual([
    {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      BucketKeyEnabled: false,
      BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
    },
  ]);
  const block = await send(new S3.GetPublicAccessBlockCommand({ Bucket }));
  expect(block.PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  });
  const ownership = await send(new S3.GetBucketOwnershipControlsCommand({ Bucket }));
  expect(ownership.OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
  const acl = await send(new S3.GetBucketAclCommand({ Bucket }));
  expect(acl.Grants).toEqual([{ Grantee: { ID: acl.Owner?.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }]);
  expect((await send(new S3.GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
  expect((await send(new S3.GetBucketLoggingCommand({ Bucket }))).LoggingEnabled).toBeUndefined();
  expect((await send(new S3.GetBucketRequestPaymentCommand({ Bucket }))).Payer).toBe('BucketOwner');
  expect((await send(new S3.GetBucketAccelerateConfigurationCommand({ Bucket }))).Status).toBeUndefined();
});

test.each([
  ['NoSuchBucketPolicy', (Bucket: string) => send(new S3.GetBucketPolicyCommand({ Bucket }))],
  ['NoSuchBucketPolicy', (Bucket: string) => send(new S3.GetBucketPolicyStatusCommand({ Bucket }))],
  ['NoSuchCORSConfiguration', (Bucket: string) => send(new S3.GetBucketCorsCommand({ Bucket }))],
  ['NoSuchWebsiteConfiguration', (Bucket: string) => send(new S3.GetBucketWebsiteCommand({ Bucket }))],
  ['NoSuchLifecycleConfiguration', (Bucket: string) => send(new S3.GetBucketLifecycleConfigurationCommand({ Bucket }))],
  ['ReplicationConfigurationNotFoundError', (Bucket: string) => send(new S3.GetBucketReplicationCommand({ Bucket }))],
  [
    'ObjectLockConfigurationNotFoundError',
    (Bucket: string) => send(new S3.GetObjectLockConfigurationCommand({ Bucket })),
  ],
  ['NoSuchTagSet', (Bucket: string) => send(new S3.GetBucketTaggingCommand({ Bucket }))],
])('what is not set answers %s', async (code, read) => {
  expect(await codeOf(read(await createBucket()))).toEqual([code, 404]);
});

test('public access block and ownership controls can be taken away', async () => {
  const Bucket = await createBucket();
  await send(new S3.DeletePublicAccessBlockCommand({ Bucket }));
  await send(new S3.DeleteBucketOwnershipControlsCommand({ Bucket }));
  expect(await codeOf(send(new S3.GetPublicAccessBlockCommand({ Bucket })))).toEqual([
    'NoSuchPublicAccessBlockConfiguration',
    404,
  ]);
  expect(await codeOf(send(new S3.GetBucketOwnershipControlsCommand({ Bucket })))).toEqual([
    'OwnershipControlsNotFoundError',
    404,
  ]);
});

test('what is set is read back', async () => {
  const Bucket = await createBucket();
  const target = await createBucket();
  const TagSet = [{ Key: 'team', Value: 'core' }];
  await send(new S3.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  expect((await send(new S3.GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);

  const CORSRules = [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://example.com'], MaxAgeSeconds: 60 }];
  await send(new S3.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  expect((await send(new S3.GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);

  const website = { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'error.html' } };
  await send(new S3.PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: website }));
  expect(await send(new S3.GetBucketWebsiteCommand({ Bucket }))).toMatchObject(website);

  const LoggingEnabled = { TargetBucket: target, TargetPrefix: 'logs/' };
  await send(new S3.PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } }));
  expect((await send(new S3.GetBucketLoggingCommand({ Bucket }))).LoggingEnabled).toEqual(LoggingEnabled);

  await send(
    new S3.PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status: 'Enabled' } }),
  );
  expect((await send(new S3.GetBucketAccelerateConfigurationCommand({ Bucket }))).Status).toBe('Enabled');

  const notification = { EventBridgeConfiguration: {} };
  await send(new S3.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: notification }));
  expect(await send(new S3.GetBucketNotificationConfigurationCommand({ Bucket }))).toMatchObject(notification);
});

test('a notification to a queue that is not there is refused', async () => {
  const Bucket = await createBucket();
  const QueueArn = 'arn:aws:sqs:eu-west-1:000000000000:nowhere';
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*' as const] }] };
  await expect(
    send(new S3.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration })),
  ).rejects.toMatchObject({ name: 'InvalidArgument', message: expect.stringContaining(QueueArn) });
  expect(await send(new S3.GetBucketNotificationConfigurationCommand({ Bucket }))).not.toHaveProperty(
    'QueueConfigurations',
  );
});

test('lifecycle rules are read back with ids and dates', async () => {
  const Bucket = await createBucket();
  const Rules: S3.LifecycleRule[] = [
    {
      ID: 'old',
      Status: 'Enabled',
      Filter: { Prefix: 'tmp/' },
      Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
    },
    {
      ID: 'parts',
      Status: 'Enabled',
      Filter: {},
      NoncurrentVersionExpiration: { NoncurrentDays: 90 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ];
  await send(new S3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const read = await send(new S3.GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(read.Rules).toEqual(Rules);
  expect(read.TransitionDefaultMinimumObjectSize).toBe('all_storage_classes_128K');
});

test.each<[string, string, S3.LifecycleRule]>([
  ['InvalidRequest', 'no action', { ID: 'x', Status: 'Enabled', Filter: {} }],
  ['MalformedXML', 'no filter', { ID: 'x', Status: 'Enabled', Expiration: { Days: 1 } }],
  ['MalformedXML', 'an unknown status', { ID: 'x', Status: 'On' as never, Filter: {}, Expiration: { Days: 1 } }],
  ['InvalidArgument', 'zero days', { ID: 'x', Status: 'Enabled', Filter: {}, Expiration: { Days: 0 } }],
  [
    'InvalidArgument',
    'a date within a day',
    { ID: 'x', Status: 'Enabled', Filter: {}, Expiration: { Date: new Date('2030-01-01T01:00:00Z') } },
  ],
  [
    'InvalidArgument',
    'infrequent access before thirty days',
    { ID: 'x', Status: 'Enabled', Filter: {}, Transitions: [{ Days: 29, StorageClass: 'STANDARD_IA' }] },
  ],
  [
    'InvalidArgument',
    'an end before a transition',
    {
      ID: 'x',
      Status: 'Enabled',
      Filter: {},
      Expiration: { Days: 30 },
      Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }],
    },
  ],
  [
    'InvalidRequest',
    'aborting uploads by tag',
    {
      ID: 'x',
      Status: 'Enabled',
      Filter: { Tag: { Key: 'a', Value: 'b' } },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
  ],
])('%s for a lifecycle rule with %s', async (code, _name, rule) => {
  const Bucket = await createBucket();
  const call = send(
    new S3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
  );
  expect(await codeOf(call)).toEqual([code, 400]);
});

test('a listing is not gone on with by a token that was never given', async () => {
  const Bucket = await createBucket();
  const ContinuationToken = 'bm9uc2Vuc2U';
  for (const command of [
    new S3.ListBucketsCommand({ ContinuationToken }),
    new S3.ListObjectsV2Command({ Bucket, ContinuationToken }),
    new S3.ListBucketMetricsConfigurationsCommand({ Bucket, ContinuationToken }),
  ]) {
    expect(await codeOf(send(command as S3.ListBucketsCommand))).toEqual(['InvalidArgument', 400]);
  }
});

test('settings that make no sense are refused with AWS’s codes', async () => {
  const Bucket = await createBucket();
  const tags = (...keys: string[]) => ({ TagSet: keys.map((Key) => ({ Key, Value: 'v' })) });
  const versioning = (Status?: string) =>
    codeOf(send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: Status as never } })));
  expect(await codeOf(send(new S3.PutBucketTaggingCommand({ Bucket, Tagging: tags('a', 'a') })))).toEqual([
    'InvalidTag',
    400,
  ]);
  expect(await codeOf(send(new S3.PutBucketTaggingCommand({ Bucket, Tagging: tags('aws:a') })))).toEqual([
    'InvalidTag',
    400,
  ]);
  expect(await versioning('enabled')).toEqual(['MalformedXML', 400]);
  expect(await versioning()).toEqual(['IllegalVersioningConfigurationException', 400]);
  const replicate = new S3.PutBucketReplicationCommand({
    Bucket,
    ReplicationConfiguration: {
      Role: 'arn:aws:iam::000000000000:role/r',
      Rules: [{ Status: 'Enabled', Prefix: '', Destination: { Bucket: `arn:aws:s3:::${Bucket}` } }],
    },
  });
  expect(await codeOf(send(replicate))).toEqual(['InvalidRequest', 400]);
  const missing = { LoggingEnabled: { TargetBucket: 'not-there', TargetPrefix: '' } };
  expect(await codeOf(send(new S3.PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: missing })))).toEqual([
    'InvalidTargetBucketForLogging',
    400,
  ]);
});
