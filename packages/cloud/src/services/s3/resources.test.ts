// What S3's Terraform types refuse, with the real engine: by the plan what no bucket would take, by the apply what S3 refuses.
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startTerraform, type TestTerraform } from './test-terraform.ts';

let terraform: TestTerraform;

beforeAll(async () => {
  terraform = await startTerraform();
});

afterAll(async () => {
  await terraform?.stop();
});

test('arguments that cannot be right are refused by the plan', async () => {
  const rule = { id: 'a', status: 'Enabled', filter: {}, expiration: { days: 1 } };
  await terraform.configure({
    aws_s3_bucket_lifecycle_configuration: {
      both: { bucket: 'b', rule: [{ ...rule, prefix: 'p/' }] },
      several: { bucket: 'b', rule: [{ ...rule, filter: { prefix: 'p/', tag: { key: 'k', value: 'v' } } }] },
      dated: { bucket: 'b', rule: [{ ...rule, expiration: { date: '2090-01-01' } }] },
      cold: { bucket: 'b', rule: [{ ...rule, transition: { days: 1, storage_class: 'COLD' } }] },
    },
    aws_s3_bucket_logging: {
      shapeless: { bucket: 'b', target_bucket: 'c', target_prefix: '', target_object_key_format: {} },
    },
    aws_s3_bucket_ownership_controls: { nobody: { bucket: 'b', rule: { object_ownership: 'Nobody' } } },
    aws_s3_bucket_cors_configuration: {
      owner: {
        bucket: 'b',
        expected_bucket_owner: '12',
        cors_rule: [{ allowed_methods: ['GET'], allowed_origins: ['*'] }],
      },
    },
    aws_s3_object: {
      twofold: { bucket: 'b', key: 'k', content: 'a', content_base64: 'YQ==' },
      loud: { bucket: 'b', key: 'k', metadata: { Loud: 'yes' } },
      sealed: { bucket: 'b', key: 'k', object_lock_mode: 'SEALED' },
    },
  });
  const { diagnostics } = await terraform.root.plan();
  expect(terraform.sentences(diagnostics)).toMatchInlineSnapshot(`
    {
      "aws_s3_bucket_cors_configuration.owner": [
        "12 is not an AWS account ID, which has exactly 12 digits.",
        "Argument expected_bucket_owner of aws_s3_bucket_cors_configuration.",
      ],
      "aws_s3_bucket_lifecycle_configuration.both": [
        "A rule has a filter or a prefix, not both.",
        "Argument rule.0.prefix of aws_s3_bucket_lifecycle_configuration.",
      ],
      "aws_s3_bucket_lifecycle_configuration.cold": [
        "storage_class is one of STANDARD_IA, INTELLIGENT_TIERING, ONEZONE_IA, GLACIER_IR, GLACIER, DEEP_ARCHIVE, and not COLD.",
        "Argument rule.0.transition of aws_s3_bucket_lifecycle_configuration.",
      ],
      "aws_s3_bucket_lifecycle_configuration.dated": [
        "2090-01-01 is not a time in RFC 3339 form, such as 2030-01-01T00:00:00Z.",
        "Argument rule.0.expiration.0.date of aws_s3_bucket_lifecycle_configuration.",
      ],
      "aws_s3_bucket_lifecycle_configuration.several": [
        "A filter has one of object_size_greater_than, object_size_less_than, prefix, and, tag, and this one has prefix, tag: put them into "and".",
        "Argument rule.0.filter.0 of aws_s3_bucket_lifecycle_configuration.",
      ],
      "aws_s3_bucket_logging.shapeless": [
        "A key format has one of simple_prefix and partitioned_prefix.",
        "Argument target_object_key_format.0 of aws_s3_bucket_logging.",
      ],
      "aws_s3_bucket_ownership_controls.nobody": [
        "object_ownership is one of BucketOwnerPreferred, ObjectWriter, BucketOwnerEnforced, and not Nobody.",
        "Argument rule.0.object_ownership of aws_s3_bucket_ownership_controls.",
      ],
      "aws_s3_object.loud": [
        "The metadata key Loud has to be in lower case.",
        "Argument metadata of aws_s3_object.",
      ],
      "aws_s3_object.sealed": [
        "object_lock_mode is one of GOVERNANCE, COMPLIANCE, and not SEALED.",
        "Argument object_lock_mode of aws_s3_object.",
      ],
      "aws_s3_object.twofold": [
        "An object has one of source, content, content_base64, not content and content_base64.",
        "Argument content of aws_s3_object.",
      ],
    }
  `);
});

test('what S3 refuses is refused by the apply, in its words', async () => {
  const bucket = '${aws_s3_bucket.here.id}';
  await terraform.configure({
    aws_s3_bucket: { here: { bucket: 'here' } },
    aws_s3_bucket_notification: {
      queue: { bucket, queue: [{ queue_arn: 'arn:aws:sqs:eu-west-1:000000000000:q', events: ['s3:ObjectCreated:*'] }] },
    },
    aws_s3_object: {
      listed: { bucket, key: 'listed', acl: 'private' },
      encrypted: { bucket, key: 'encrypted', kms_key_id: 'arn:aws:kms:eu-west-1:000000000000:key/k' },
      retained: { bucket, key: 'retained', object_lock_legal_hold_status: 'ON' },
      sourceless: { bucket, key: 'sourceless', source: 'nowhere.txt' },
    },
    aws_s3_bucket_cors_configuration: {
      patched: { bucket, cors_rule: [{ allowed_methods: ['PATCH'], allowed_origins: ['*'] }] },
    },
    aws_s3_bucket_lifecycle_configuration: {
      foreign: {
        bucket,
        expected_bucket_owner: '111111111111',
        rule: [{ id: 'a', status: 'Enabled', filter: {}, expiration: { days: 1 } }],
      },
    },
  });
  expect(terraform.sentences(await terraform.root.apply())).toMatchInlineSnapshot(`
    {
      "aws_s3_bucket_cors_configuration.patched": [
        "creating S3 Bucket CORS Configuration (here): InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is PATCH",
        "aws_s3_bucket_cors_configuration: s3:PutBucketCors answered InvalidRequest (HTTP 400).
    Correct the value in the configuration: AWS would refuse it as well.",
      ],
      "aws_s3_bucket_lifecycle_configuration.foreign": [
        "creating S3 Bucket Lifecycle Configuration (here): AccessDenied: Access Denied",
        "aws_s3_bucket_lifecycle_configuration: s3:PutBucketLifecycleConfiguration answered AccessDenied (HTTP 403).
    Allow the action in a policy of the caller, as in AWS: IAM decides here as it does there.",
      ],
      "aws_s3_bucket_notification.queue": [
        "creating S3 Bucket Notification (here): InvalidArgument: Unable to validate the following destination configurations: arn:aws:sqs:eu-west-1:000000000000:q: User: s3.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:eu-west-1:000000000000:q because no resource-based policy allows the sqs:sendmessage action",
        "aws_s3_bucket_notification: s3:PutBucketNotificationConfiguration answered InvalidArgument (HTTP 400).
    Correct the value in the configuration: AWS would refuse it as well.",
      ],
      "aws_s3_object.encrypted": [
        "creating S3 Object (here): KMS.NotFoundException: Invalid keyId 'arn:aws:kms:eu-west-1:000000000000:key/k'",
        "aws_s3_object: s3:PutObject answered KMS.NotFoundException (HTTP 400).",
      ],
      "aws_s3_object.listed": [
        "creating S3 Object (here): AccessControlListNotSupported: The bucket does not allow ACLs",
        "aws_s3_object: s3:PutObject answered AccessControlListNotSupported (HTTP 400).",
      ],
      "aws_s3_object.retained": [
        "creating S3 Object (here): InvalidRequest: Bucket is missing Object Lock Configuration",
        "aws_s3_object: s3:PutObject answered InvalidRequest (HTTP 400).
    Correct the value in the configuration: AWS would refuse it as well.",
      ],
      "aws_s3_object.sourceless": [
        "creating S3 Object (here): opening S3 object source (nowhere.txt): ENOENT: no such file or directory, open './nowhere.txt'",
        "aws_s3_object: Let source name a file; a relative one starts where Terraform runs.",
      ],
    }
  `);
  const kept = (await terraform.root.state()).keys();
  expect([...kept]).toEqual(['aws_s3_bucket.here']);
});

test('an object may do without the provider’s default tags', async () => {
  const configure = (overridden: boolean) =>
    terraform.root.init({
      provider: { aws: { region: 'eu-west-1', default_tags: { tags: { Team: 'default' } } } },
      resource: {
        aws_s3_bucket: { tagged: { bucket: 'tagged', force_destroy: true } },
        aws_s3_object: {
          own: {
            bucket: '${aws_s3_bucket.tagged.id}',
            key: 'own',
            content: 'own',
            tags: { Own: 'yes' },
            ...(overridden && { override_provider: { default_tags: { tags: {} } } }),
          },
        },
      },
    });
  const tags = async () => {
    const { tags_all } = (await terraform.root.state()).get('aws_s3_object.own') ?? {};
    const { TagSet } = await terraform.client.send(new GetObjectTaggingCommand({ Bucket: 'tagged', Key: 'own' }));
    expect(Object.fromEntries(TagSet!.map(({ Key, Value }) => [Key, Value]))).toEqual(tags_all);
    return tags_all as object;
  };
  await configure(true);
  expect(await terraform.root.apply()).toEqual([]);
  expect(await tags()).toEqual({ Own: 'yes' });
  expect(await terraform.root.pending()).toEqual([]);
  await configure(false);
  expect(await terraform.root.apply()).toEqual([]);
  expect(await tags()).toEqual({ Own: 'yes', Team: 'default' });
  await configure(true);
  expect(await terraform.root.apply()).toEqual([]);
  expect(await tags()).toEqual({ Own: 'yes' });
  expect(await terraform.root.pending()).toEqual([]);
});
