// A file of the Terraform root, kept in a bucket under a key that its content decides.
import { createHash } from 'node:crypto';

import { S3Object } from '@cdktn/provider-aws/lib/s3-object/index.js';
import { Construct } from 'constructs';

import type { Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';
import type { Bucket } from './bucket.ts';

export interface BucketObjectProps {
  /** The bucket that keeps it. */
  readonly bucket: Bucket;
  /** Where in the bucket, e.g. `recovery/`; the content's digest and the extension follow. */
  readonly prefix: string;
  /** The file's name without extension, for people who look into the root. */
  readonly name: string;
  /** With the dot, e.g. `.zip`. */
  readonly extension: `.${string}`;
  /** The content. */
  readonly bytes: Uint8Array;
  /** The media type, e.g. `application/zip`. */
  readonly contentType: string;
}

/** Content-addressed: new content gets a new key, so whoever was given a key always finds the same bytes behind it. */
export class BucketObject extends Construct {
  readonly resource: S3Object;
  readonly key: string;
  readonly arn: string;
  readonly bucketArn: string;

  constructor(scope: Construct, id: string, props: BucketObjectProps) {
    super(scope, id);
    const digest = createHash('sha256').update(props.bytes).digest('hex');
    const file = Stack.of(this).addAsset(`${props.name}-${digest}${props.extension}`, props.bytes);
    this.key = `${props.prefix}${digest}${props.extension}`;
    this.bucketArn = props.bucket.arn;
    this.arn = `${this.bucketArn}/${this.key}`;
    this.resource = new S3Object(this, 'Resource', {
      bucket: props.bucket.resource.id,
      key: this.key,
      source: file,
      // The ETag of an AES256 object is its MD5: bytes that someone exchanged show up as drift.
      etag: createHash('md5').update(props.bytes).digest('hex'),
      contentType: props.contentType,
      // An object that is older than its bucket's versions cannot be deleted for good, and then neither can the bucket.
      dependsOn: [props.bucket.versioning],
    });
  }

  /** Lets Terraform, run by `to`, read the object and its tags. */
  grantInspect(to: Grantee): void {
    to.allow({ actions: ['s3:GetObject', 's3:GetObjectTagging'], resources: [this.arn] });
  }
}
