// An S3 bucket that is private, encrypted, versioned and reachable over TLS only, whatever its props.
import { S3BucketLifecycleConfiguration } from '@cdktn/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketOwnershipControls } from '@cdktn/provider-aws/lib/s3-bucket-ownership-controls/index.js';
import { S3BucketPolicy } from '@cdktn/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketPublicAccessBlock } from '@cdktn/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktn/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import { S3BucketVersioningA } from '@cdktn/provider-aws/lib/s3-bucket-versioning/index.js';
import { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js';
import { Construct } from 'constructs';

import { filledIn, validate, type Rule } from '../rules.ts';
import type { Key } from '../security/key.ts';
import { documentJson, statementJson, type Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';

export interface BucketProps {
  /** The bucket's name; `{account}` becomes the account id, since bucket names are global. */
  readonly name: string;
  /** Days for which a replaced or deleted version can still be had back. @default 90 */
  readonly keepVersionsDays?: number;
  /** Objects to delete by age, by prefix: what is only of interest for a while. @default none */
  readonly expire?: readonly { readonly prefix: string; readonly days: number }[];
  /** The key under which objects are encrypted, with a bucket key that spares KMS most calls. @default S3's own keys */
  readonly key?: Key;
}

const KEEP_VERSIONS_DAYS = 90;

/** Parts of uploads that were never completed are billed, but not listed. */
const ABORT_UPLOADS_DAYS = 7;

/**
 * A bucket with every public door shut, encrypted at rest, versions, its owner as the owner of every object, and a policy that
 * refuses plain HTTP. https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export class Bucket extends Construct {
  readonly resource: S3Bucket;
  readonly versioning: S3BucketVersioningA;
  readonly name: string;
  readonly arn: string;
  readonly #key: Key | undefined;

  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id);
    validate(RULES, props);
    this.name = Stack.of(this).withAccount(props.name);
    this.arn = `arn:aws:s3:::${this.name}`;
    this.#key = props.key;
    this.resource = new S3Bucket(this, 'Resource', { bucket: this.name });
    const bucket = this.resource.id;

    new S3BucketServerSideEncryptionConfigurationA(this, 'Encryption', {
      bucket,
      rule: [encryptionRule(props.key)],
    });
    new S3BucketOwnershipControls(this, 'Ownership', { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } });
    this.versioning = new S3BucketVersioningA(this, 'Versioning', {
      bucket,
      versioningConfiguration: { status: 'Enabled' },
    });
    new S3BucketLifecycleConfiguration(this, 'Lifecycle', {
      bucket,
      rule: lifecycleRules(props),
      dependsOn: [this.versioning],
    });
    const publicAccess = new S3BucketPublicAccessBlock(this, 'PublicAccess', {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    // S3 answers 409 where a policy and the public access block are written at the same time.
    new S3BucketPolicy(this, 'Policy', { bucket, policy: tlsOnly(this.arn), dependsOn: [publicAccess] });
  }

  /** Lets `to` list the bucket and read the objects under `prefix`. */
  grantRead(to: Grantee, prefix = ''): void {
    to.allow({ actions: ['s3:ListBucket'], resources: [this.arn], ...(prefix && listOnly(prefix)) });
    to.allow({ actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: [`${this.arn}/${prefix}*`] });
    this.#key?.grantDecrypt(to, 's3');
  }

  /** Lets `to` put objects under `prefix`; what they replace stays as a version. */
  grantWrite(to: Grantee, prefix = ''): void {
    to.allow({ actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resources: [`${this.arn}/${prefix}*`] });
    this.#key?.grantEncrypt(to, 's3');
    // S3 decrypts the parts of a multipart upload to put them together.
    this.#key?.grantDecrypt(to, 's3');
  }

  /** Lets Terraform, run by `to`, read the bucket's configuration, but no object. */
  grantInspect(to: Grantee): void {
    to.allow({ actions: INSPECT_ACTIONS, resources: [this.arn] });
  }
}

// What hashicorp/aws reads of a bucket on every refresh, set or not; 6.23 and later read the tags by ListTagsForResource.
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
] as const;

const RULES: readonly Rule<BucketProps>[] = [
  {
    code: 'bucket-name',
    holds: ({ name }) => /^(?!xn--|sthree-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(filledIn(named(name))),
    says: ({ name }) => `'${name}' is not a bucket name`,
    fix: 'Use 3 to 63 lower case letters, digits and dashes ({account} counts twelve); no dots, which break TLS.',
  },
  {
    code: 'bucket-days',
    holds: ({ keepVersionsDays, expire = [] }) =>
      [keepVersionsDays ?? 1, ...expire.map(({ days }) => days)].every((days) => Number.isInteger(days) && days > 0),
    says: ({ name }) => `'${name}' keeps something for less than a day`,
    fix: 'Give whole days, at least 1.',
  },
];

const named = (name: string): string => name.replaceAll('{account}', '000000000000');

const encryptionRule = (key: Key | undefined) =>
  key
    ? {
        applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key.arn },
        bucketKeyEnabled: true,
      }
    : { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } };

function lifecycleRules({ keepVersionsDays = KEEP_VERSIONS_DAYS, expire = [] }: BucketProps) {
  return [
    {
      id: 'old-versions',
      status: 'Enabled',
      filter: [{ prefix: '' }],
      noncurrentVersionExpiration: [{ noncurrentDays: keepVersionsDays }],
      abortIncompleteMultipartUpload: [{ daysAfterInitiation: ABORT_UPLOADS_DAYS }],
    },
    ...expire.map(({ prefix, days }) => ({
      id: `expire-${prefix.replaceAll(/[^A-Za-z0-9]+/g, '-').replace(/-$/, '')}`,
      status: 'Enabled',
      filter: [{ prefix }],
      expiration: [{ days }],
    })),
  ];
}

// Bucket and objects both: https://repost.aws/knowledge-center/s3-bucket-policy-for-config-rule
// IAM reads actions in any case. In lower case moto, which takes a conditional Deny for a plain one, would lock every object.
function tlsOnly(arn: string): string {
  const statement = {
    actions: ['S3:*'],
    resources: [arn, `${arn}/*`],
    conditions: { Bool: { 'aws:SecureTransport': ['false'] } },
  };
  return documentJson([statementJson(statement, { effect: 'Deny', principal: '*', sid: 'TlsOnly' })]);
}

const listOnly = (prefix: string) => ({ conditions: { StringLike: { 's3:prefix': [`${prefix}*`] } } });
