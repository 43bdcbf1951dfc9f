import { describe, expect, test } from 'vitest';

import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Bucket } from './bucket.ts';

describe('Bucket', () => {
  test('the smallest use is private, encrypted, versioned and owned', () => {
    const stack = testStack();
    new Bucket(stack, 'uploads', { name: 'shop-uploads-{account}' });

    expect(addresses(stack)).toEqual([
      'aws_s3_bucket.uploads',
      'aws_s3_bucket_lifecycle_configuration.uploads',
      'aws_s3_bucket_ownership_controls.uploads',
      'aws_s3_bucket_policy.uploads',
      'aws_s3_bucket_public_access_block.uploads',
      'aws_s3_bucket_server_side_encryption_configuration.uploads',
      'aws_s3_bucket_versioning.uploads',
    ]);
    expect(resource(stack, 'aws_s3_bucket.uploads')).toEqual({ bucket: 'shop-uploads-{account}' });
    expect(resource(stack, 'aws_s3_bucket_public_access_block.uploads')).toMatchInlineSnapshot(`
      {
        "block_public_acls": true,
        "block_public_policy": true,
        "bucket": "\${aws_s3_bucket.uploads.id}",
        "ignore_public_acls": true,
        "restrict_public_buckets": true,
      }
    `);
    expect(resource(stack, 'aws_s3_bucket_versioning.uploads')).toMatchObject({
      versioning_configuration: { status: 'Enabled' },
    });
    expect(resource(stack, 'aws_s3_bucket_server_side_encryption_configuration.uploads')).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
    });
    expect(resource(stack, 'aws_s3_bucket_ownership_controls.uploads')).toMatchObject({
      rule: { object_ownership: 'BucketOwnerEnforced' },
    });
  });

  test('its policy refuses plain HTTP for the bucket and for its objects', () => {
    const stack = testStack();
    new Bucket(stack, 'uploads', { name: 'shop-uploads' });

    const { policy, depends_on } = resource(stack, 'aws_s3_bucket_policy.uploads');
    expect(JSON.parse(policy as string)).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": [
              "S3:*",
            ],
            "Condition": {
              "Bool": {
                "aws:SecureTransport": [
                  "false",
                ],
              },
            },
            "Effect": "Deny",
            "Principal": "*",
            "Resource": [
              "arn:aws:s3:::shop-uploads",
              "arn:aws:s3:::shop-uploads/*",
            ],
            "Sid": "TlsOnly",
          },
        ],
        "Version": "2012-10-17",
      }
    `);
    expect(depends_on).toEqual(['aws_s3_bucket_public_access_block.uploads']);
  });

  test('old versions, unfinished uploads and what is only of interest for a while are cleared away', () => {
    const stack = testStack();
    new Bucket(stack, 'uploads', { name: 'shop-uploads', keepVersionsDays: 30, expire: [{ prefix: 'tmp/', days: 1 }] });

    expect(resource(stack, 'aws_s3_bucket_lifecycle_configuration.uploads')['rule']).toEqual([
      {
        id: 'old-versions',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        noncurrent_version_expiration: [{ noncurrent_days: 30 }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
      },
      { id: 'expire-tmp', status: 'Enabled', filter: [{ prefix: 'tmp/' }], expiration: [{ days: 1 }] },
    ]);
  });

  test('options change settings, never addresses', () => {
    const plain = testStack();
    new Bucket(plain, 'uploads', { name: 'shop-uploads' });
    const full = testStack();
    new Bucket(full, 'uploads', { name: 'shop-uploads', keepVersionsDays: 1, expire: [{ prefix: 'a/', days: 2 }] });

    expect(addresses(full)).toEqual(addresses(plain));
  });

  test('grantRead lists and reads under the prefix only', () => {
    const stack = testStack();
    new Bucket(stack, 'uploads', { name: 'shop-uploads' }).grantRead(testRole(stack), 'in/');

    expect(grants(stack)).toEqual([
      's3:GetObject on arn:aws:s3:::shop-uploads/in/*',
      's3:GetObjectVersion on arn:aws:s3:::shop-uploads/in/*',
      's3:ListBucket on arn:aws:s3:::shop-uploads',
    ]);
    const { policy } = resource(stack, 'aws_iam_role_policy.reader');
    expect(policy).toContain('"Condition":{"StringLike":{"s3:prefix":["in/*"]}}');
  });

  test('grantWrite puts objects, and neither reads nor deletes any', () => {
    const stack = testStack();
    new Bucket(stack, 'uploads', { name: 'shop-uploads' }).grantWrite(testRole(stack));

    expect(grants(stack)).toEqual([
      's3:AbortMultipartUpload on arn:aws:s3:::shop-uploads/*',
      's3:PutObject on arn:aws:s3:::shop-uploads/*',
    ]);
  });

  test('grantInspect reads configuration and no object', () => {
    const stack = testStack();
    new Bucket(stack, 'uploads', { name: 'shop-uploads' }).grantInspect(testRole(stack));

    expect(grants(stack).every((grant) => /^s3:(Get|List)\w+ on arn:aws:s3:::shop-uploads$/.test(grant))).toBe(true);
    expect(grants(stack).join()).not.toContain('GetObject ');
  });

  test.each(['Uploads', 'a', 'has.dots', '-dash', 'x'.repeat(64), 'xn--puny'])('the name %j is refused', (name) => {
    expect(() => new Bucket(testStack(), 'uploads', { name })).toThrow(
      expect.objectContaining({ code: 'bucket-name', message: `'${name}' is not a bucket name` }),
    );
  });

  test('a day is the least that a version is kept', () => {
    expect(() => new Bucket(testStack(), 'b', { name: 'shop-uploads', keepVersionsDays: 0 })).toThrow(
      expect.objectContaining({ code: 'bucket-days' }),
    );
  });
});
