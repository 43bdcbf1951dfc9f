// aws_s3_bucket and what protects it where a whole life does not lead: refusals, buckets that are not empty, and what a destroy leaves.
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { codeOf } from './test-s3.ts';
import { startTerraform, type TestTerraform } from './test-terraform.ts';

let terraform: TestTerraform;

beforeAll(async () => {
  terraform = await startTerraform();
});

afterAll(async () => {
  await terraform?.stop();
});

const refusals = async () => terraform.sentences((await terraform.root.plan()).diagnostics);

const failures = async () => terraform.sentences(await terraform.root.apply());

test('arguments that no bucket would take are refused by the plan', async () => {
  await terraform.configure({
    aws_s3_bucket: {
      versioned: { bucket: 'a-bucket', versioning: { enabled: true } },
      listed: { bucket: 'a-bucket', acl: 'private' },
      twice: { bucket: 'a-bucket', bucket_prefix: 'a-' },
      long: { bucket: 'x'.repeat(64) },
      prefixed: { bucket_prefix: 'x'.repeat(38) },
    },
    aws_s3_bucket_versioning: {
      paused: { bucket: 'a-bucket', versioning_configuration: { status: 'Paused' } },
      guarded: { bucket: 'a-bucket', versioning_configuration: { status: 'Enabled', mfa_delete: 'Enabled' } },
      foreign: { bucket: 'a-bucket', expected_bucket_owner: '12', versioning_configuration: { status: 'Enabled' } },
    },
    aws_s3_bucket_server_side_encryption_configuration: {
      rotated: { bucket: 'a-bucket', rule: { apply_server_side_encryption_by_default: { sse_algorithm: 'ROT13' } } },
    },
    aws_s3_bucket_policy: { wordy: { bucket: 'a-bucket', policy: 'let everybody in' } },
  });
  expect(await refusals()).toMatchInlineSnapshot(`
    {
      "aws_s3_bucket.listed": [
        "acl of aws_s3_bucket is deprecated, and not supported here: use aws_s3_bucket_acl.",
        "Argument acl of aws_s3_bucket.",
      ],
      "aws_s3_bucket.long": [
        "bucket has up to 63 characters, and this one has 64.",
        "Argument bucket of aws_s3_bucket.",
      ],
      "aws_s3_bucket.prefixed": [
        "bucket_prefix has up to 37 characters, and this one has 38.",
        "Argument bucket_prefix of aws_s3_bucket.",
      ],
      "aws_s3_bucket.twice": [
        "A bucket has a name or the prefix of one: bucket or bucket_prefix, not both.",
        "Argument bucket_prefix of aws_s3_bucket.",
      ],
      "aws_s3_bucket.versioned": [
        "versioning of aws_s3_bucket is deprecated, and not supported here: use aws_s3_bucket_versioning.",
        "Argument versioning of aws_s3_bucket.",
      ],
      "aws_s3_bucket_policy.wordy": [
        "policy contains an invalid JSON policy: it has to be a JSON object.",
        "Argument policy of aws_s3_bucket_policy.",
      ],
      "aws_s3_bucket_server_side_encryption_configuration.rotated": [
        "sse_algorithm is one of AES256, aws:kms, aws:kms:dsse, and not ROT13.",
        "Argument rule of aws_s3_bucket_server_side_encryption_configuration.",
      ],
      "aws_s3_bucket_versioning.foreign": [
        "12 is not an AWS account ID, which has exactly 12 digits.",
        "Argument expected_bucket_owner of aws_s3_bucket_versioning.",
      ],
      "aws_s3_bucket_versioning.guarded": [
        "No MFA device exists in this cloud.",
        "Argument versioning_configuration.0.mfa_delete of aws_s3_bucket_versioning.",
      ],
      "aws_s3_bucket_versioning.paused": [
        "status is one of Enabled, Suspended, Disabled, and not Paused.",
        "Argument versioning_configuration.0.status of aws_s3_bucket_versioning.",
      ],
    }
  `);
});

test("a bucket that is there already is nobody's to create, in any region", async () => {
  await terraform.client.send(new CreateBucketCommand({ Bucket: 'taken' }));
  await terraform.configure({ aws_s3_bucket: { taken: { bucket: 'taken' } } });
  expect(await failures()).toMatchInlineSnapshot(`
    {
      "aws_s3_bucket.taken": [
        "creating S3 Bucket (taken): BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already own it.",
        "aws_s3_bucket: s3:CreateBucket answered BucketAlreadyOwnedByYou (HTTP 409).
    Choose another name, or take what exists into the state: terraform import aws_s3_bucket.<name> taken",
      ],
    }
  `);

  await terraform.configure({ aws_s3_bucket: { first: { bucket: 'taken-in-virginia' } } }, 'us-east-1');
  expect(await failures()).toEqual({});
  await terraform.configure(
    { aws_s3_bucket: { first: { bucket: 'taken-in-virginia' }, second: { bucket: 'taken-in-virginia' } } },
    'us-east-1',
  );
  expect(await failures()).toMatchInlineSnapshot(`
    {
      "aws_s3_bucket.second": [
        "creating S3 Bucket (taken-in-virginia): BucketAlreadyExists: The bucket taken-in-virginia is there already, and this account's.",
        "aws_s3_bucket: AWS answers BucketAlreadyExists (HTTP 409).
    Choose another name, or take what exists into the state: terraform import aws_s3_bucket.<name> taken-in-virginia",
      ],
    }
  `);
  expect(await terraform.root.destroy()).toEqual([]);
});

test('a bucket is destroyed with what is in it only by force', async () => {
  const bucket = { bucket: 'full' };
  const versioning = {
    full: { bucket: '${aws_s3_bucket.full.id}', versioning_configuration: { status: 'Enabled' } },
  };
  await terraform.configure({ aws_s3_bucket: { full: bucket }, aws_s3_bucket_versioning: versioning });
  expect(await terraform.root.apply()).toEqual([]);
  for (const Body of ['one', 'two']) {
    await terraform.client.send(new PutObjectCommand({ Bucket: 'full', Key: 'a & b', Body }));
  }
  await terraform.client.send(new DeleteObjectCommand({ Bucket: 'full', Key: 'a & b' }));
  expect(terraform.sentences(await terraform.root.destroy())).toMatchInlineSnapshot(`
    {
      "": [
        "deleting S3 Bucket (full): BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
        "aws_s3_bucket: s3:DeleteBucket answered BucketNotEmpty (HTTP 409).
    Empty the bucket, or set force_destroy = true and apply that before you destroy it.",
      ],
    }
  `);

  await terraform.configure({ aws_s3_bucket: { full: { ...bucket, force_destroy: true } } });
  expect(await terraform.root.apply()).toEqual([]);
  expect(await terraform.root.destroy()).toEqual([]);
  expect(await codeOf(terraform.client.send(new HeadBucketCommand({ Bucket: 'full' })))).toEqual(['NotFound', 404]);
});

test('force goes past governance and legal holds, but never past compliance', async () => {
  const locked = { locked: { bucket: 'locked', object_lock_enabled: true, force_destroy: true } };
  await terraform.configure({
    aws_s3_bucket: locked,
    aws_s3_bucket_versioning: {
      locked: { bucket: '${aws_s3_bucket.locked.id}', versioning_configuration: { status: 'Enabled' } },
    },
  });
  expect(await terraform.root.apply()).toEqual([]);
  const until = new Date(terraform.cloud.kernel.clock.now() + 86_400_000);
  const put = (Key: string, ObjectLockMode: 'GOVERNANCE' | 'COMPLIANCE') =>
    terraform.client.send(
      new PutObjectCommand({ Bucket: 'locked', Key, Body: 'x', ObjectLockMode, ObjectLockRetainUntilDate: until }),
    );
  await put('governed', 'GOVERNANCE');
  await put('held', 'GOVERNANCE');
  await terraform.client.send(
    new PutObjectLegalHoldCommand({ Bucket: 'locked', Key: 'held', LegalHold: { Status: 'ON' } }),
  );
  await put('kept', 'COMPLIANCE');
  // Versioning stays what it is under an object lock, and its resource is forgotten nonetheless.
  expect((await terraform.root.destroy()).map(({ summary }) => summary)).toEqual([
    expect.stringMatching(/^deleting S3 Bucket \(locked\): AccessDenied: .+ \(kept, version .+\)$/),
  ]);
  expect([...(await terraform.root.state()).keys()]).toEqual(['aws_s3_bucket.locked']);
  await terraform.cloud.kernel.clock.advance(2 * 86_400_000);
  expect(await terraform.root.destroy()).toEqual([]);
});

test('versioning cannot be undone, and is suspended when its resource goes', async () => {
  const bucket = { aws_s3_bucket: { once: { bucket: 'once' } } };
  const versioning = (status: string, more = {}) => ({
    ...bucket,
    aws_s3_bucket_versioning: {
      once: { bucket: '${aws_s3_bucket.once.id}', versioning_configuration: { status, ...more } },
    },
  });
  const status = async () => (await terraform.client.send(new GetBucketVersioningCommand({ Bucket: 'once' }))).Status;

  await terraform.configure(versioning('Disabled'));
  expect(await terraform.root.apply()).toEqual([]);
  expect(await status()).toBeUndefined();
  expect(await terraform.root.pending()).toEqual([]);

  await terraform.configure(versioning('Enabled', { mfa_delete: 'Disabled' }));
  expect(await terraform.root.apply()).toEqual([]);
  expect(await terraform.root.pending()).toEqual([]);

  await terraform.configure(versioning('Disabled'));
  expect(await refusals()).toMatchInlineSnapshot(`
    {
      "aws_s3_bucket_versioning.once": [
        "planning S3 Bucket Versioning (once): versioning_configuration.status cannot be updated from 'Enabled' to 'Disabled'",
        "aws_s3_bucket_versioning: S3 can suspend versioning, and not undo it: say Suspended.",
      ],
    }
  `);
  expect(await status()).toBe('Enabled');

  await terraform.configure(bucket);
  expect(await terraform.root.apply()).toEqual([]);
  expect(await status()).toBe('Suspended');

  // What was versioned outside Terraform is not turned off by a resource that says Disabled.
  await terraform.client.send(
    new PutBucketVersioningCommand({ Bucket: 'once', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await terraform.configure(versioning('Disabled'));
  expect(await terraform.root.apply()).toEqual([]);
  expect(await status()).toBe('Enabled');
  expect(Object.keys(await refusals())).toEqual(['aws_s3_bucket_versioning.once']);
  await terraform.configure(bucket);
  expect(await terraform.root.destroy()).toEqual([]);
});

test('without its resources, a bucket has the encryption of every new bucket, and no block of public access', async () => {
  const bucket = { aws_s3_bucket: { bare: { bucket: 'bare' } } };
  await terraform.configure({
    ...bucket,
    aws_s3_bucket_server_side_encryption_configuration: {
      bare: {
        bucket: '${aws_s3_bucket.bare.id}',
        rule: {
          apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' },
          bucket_key_enabled: true,
        },
      },
    },
    aws_s3_bucket_public_access_block: { bare: { bucket: '${aws_s3_bucket.bare.id}' } },
  });
  expect(await terraform.root.apply()).toEqual([]);
  expect(await terraform.root.pending()).toEqual([]);
  await terraform.configure(bucket);
  expect(await terraform.root.apply()).toEqual([]);
  const { ServerSideEncryptionConfiguration } = await terraform.client.send(
    new GetBucketEncryptionCommand({ Bucket: 'bare' }),
  );
  expect(ServerSideEncryptionConfiguration?.Rules).toMatchObject([
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
  ]);
  expect(await codeOf(terraform.client.send(new GetPublicAccessBlockCommand({ Bucket: 'bare' })))).toEqual([
    'NoSuchPublicAccessBlockConfiguration',
    404,
  ]);
  expect(await terraform.root.destroy()).toEqual([]);
});

test('who may only inspect a bucket can plan it with all of its settings', async () => {
  const bucket = '${aws_s3_bucket.seen.id}';
  const resource = {
    aws_s3_bucket: { seen: { bucket: 'seen', tags: { Team: 'storage' } } },
    aws_s3_bucket_versioning: { seen: { bucket, versioning_configuration: { status: 'Enabled' } } },
    aws_s3_bucket_server_side_encryption_configuration: {
      seen: { bucket, rule: { apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } } },
    },
    aws_s3_bucket_public_access_block: { seen: { bucket, block_public_acls: true } },
    aws_s3_bucket_policy: { seen: { bucket, policy: insecureDenied('seen') } },
  };
  await terraform.configure(resource);
  expect(await terraform.root.apply()).toEqual([]);

  const inspector = await terraform.as('inspector', { actions: INSPECT_ACTIONS, resource: 'arn:aws:s3:::seen' });
  inspector.root.write('terraform.tfstate', terraform.root.read('terraform.tfstate'));
  await inspector.configure(resource);
  expect(await inspector.root.pending()).toEqual([]);
  await inspector.configure({ ...resource, aws_s3_bucket: { seen: { bucket: 'seen' } } });
  expect(Object.keys(terraform.sentences(await inspector.root.apply()))).toEqual(['aws_s3_bucket.seen']);
  await inspector.close();
  expect(await terraform.root.destroy()).toEqual([]);
});

/** What a bucket of ours lets its recovery ask, as its block grants it. */
const INSPECT_ACTIONS = [
  's3:ListBucket',
  's3:GetAccelerateConfiguration',
  's3:GetBucketAcl',
  's3:GetBucketCORS',
  's3:GetBucketLogging',
  's3:GetBucketObjectLockConfiguration',
  's3:GetBucketOwnershipControls',
  's3:GetBucketPolicy',
  's3:GetBucketPublicAccessBlock',
  's3:GetBucketRequestPayment',
  's3:GetBucketTagging',
  's3:GetBucketVersioning',
  's3:GetBucketWebsite',
  's3:GetEncryptionConfiguration',
  's3:GetLifecycleConfiguration',
  's3:GetReplicationConfiguration',
  's3:ListTagsForResource',
];

const insecureDenied = (name: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${name}/*`,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
