// Settings of buckets that S3 refuses, in its words.
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { errorOf, startS3, type TestS3 } from './test-s3.ts';

let s3: TestS3;
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(() => s3.stop());

const PREFIXES = {
  FilterRules: [
    { Name: 'prefix' as const, Value: 'a' },
    { Name: 'Prefix' as 'prefix', Value: 'b' },
  ],
};
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const index = { IndexDocument: { Suffix: 'index.html' } };

test.each<[what: string, code: string, message: string, command: (Bucket: string) => object]>([
  [
    'a website whose rule replaces a key twice',
    'InvalidRequest',
    'You can only define ReplaceKeyPrefix or ReplaceKey but not both.',
    website([{ Redirect: { ReplaceKeyWith: 'a', ReplaceKeyPrefixWith: 'b' } }]),
  ],
  [
    'a website whose rule redirects with 300',
    'InvalidRequest',
    'The provided HTTP redirect code (300) is not valid. Valid codes are 3XX except 300.',
    website([{ Redirect: { HttpRedirectCode: '300' } }]),
  ],
  [
    'a website whose rule is about no error',
    'InvalidRequest',
    'The provided HTTP error code (302) is not valid. Valid codes are 4XX or 5XX.',
    website([{ Condition: { HttpErrorCodeReturnedEquals: '302' }, Redirect: { HostName: 'a' } }]),
  ],
  [
    'a website whose condition says nothing',
    'InvalidRequest',
    "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    website([{ Condition: {}, Redirect: { HostName: 'a' } }]),
  ],
  [
    'a website that redirects over another protocol',
    'InvalidRequest',
    'Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.',
    website([{ Redirect: { Protocol: 'ftp' as never } }]),
  ],
  [
    'CORS headers with two wildcards',
    'InvalidRequest',
    'AllowedHeader "x-*-*" can not have more than one wildcard.',
    (Bucket) => {
      const CORSRules = [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'], AllowedHeaders: ['x-*-*'] }];
      return new S3.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } });
    },
  ],
  [
    'lifecycle rules for objects of an unknown size',
    'InvalidRequest',
    'Invalid TransitionDefaultMinimumObjectSize found: small',
    (Bucket) =>
      new S3.PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Filter: {}, Expiration: { Days: 1 } }] },
        TransitionDefaultMinimumObjectSize: 'small' as never,
      }),
  ],
  [
    'a notification whose filter has two prefixes',
    'InvalidArgument',
    'Cannot specify more than one prefix rule in a filter.',
    notification({ Events: ['s3:ObjectCreated:*'], Filter: { Key: PREFIXES } }),
  ],
  [
    'a notification of annotations',
    'NotImplemented',
    'The event s3:ObjectAnnotation:Put is not supported here.',
    notification({ Events: ['s3:ObjectAnnotation:Put'] }),
  ],
  [
    'an encryption that blocks what is none',
    'MalformedXML',
    'The XML you provided was not',
    (Bucket) => {
      const Rules = [{ BlockedEncryptionTypes: { EncryptionType: ['ROT13' as never] } }];
      return new S3.PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } });
    },
  ],
  [
    'a log whose keys are simple and partitioned',
    'MalformedXML',
    'The XML you provided was not',
    (Bucket) => {
      const TargetObjectKeyFormat = { SimplePrefix: {}, PartitionedPrefix: {} };
      const LoggingEnabled = { TargetBucket: Bucket, TargetPrefix: '', TargetObjectKeyFormat };
      return new S3.PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } });
    },
  ],
  [
    'metrics of one thing and no other',
    'MalformedXML',
    'The XML you provided was not',
    (Bucket) =>
      new S3.PutBucketMetricsConfigurationCommand({
        Bucket,
        Id: 'm',
        MetricsConfiguration: { Id: 'm', Filter: { And: { Prefix: 'a/' } } },
      }),
  ],
])('%s is refused', async (_what, code, message, command) => {
  const Bucket = s3.name();
  await s3.client.send(new S3.CreateBucketCommand({ Bucket }));
  expect(await errorOf(s3.client.send(command(Bucket) as S3.PutBucketCorsCommand))).toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
  });
});

function website(RoutingRules: S3.RoutingRule[]) {
  return (Bucket: string) =>
    new S3.PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: { ...index, RoutingRules } });
}

function notification(queue: Omit<S3.QueueConfiguration, 'QueueArn'>) {
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn: QUEUE, ...queue }] };
  return (Bucket: string) =>
    new S3.PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration,
      SkipDestinationValidation: true,
    });
}
