// What IAM has to allow for a request to S3: actions, ARNs, condition keys, and the policy that the bucket itself has.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
import type { Grant } from '@aws-sdk/client-s3';

import type { Access, Call } from '../../kernel/service.ts';
import { aclsDisabled, ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY } from './acl.ts';
import type { Bucket, Buckets } from './buckets.ts';
import type { Objects, Tags, Version } from './objects.ts';
import { isPublicPolicy } from './public-access.ts';

type Context = NonNullable<Access['context']>;

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

/** What a request that names an object says of it. */
interface ObjectInput {
  Bucket?: string | undefined;
  Key?: string | undefined;
  VersionId?: string | undefined;
}

export class Guard {
  readonly #buckets: Buckets;
  readonly #objects: Objects;

  constructor(buckets: Buckets, objects: Objects) {
    this.#buckets = buckets;
    this.#objects = objects;
  }

  /** Everybody is told that a bucket is not there, whatever they may do: its name could be anybody's. */
  bucket(action: string, name: string | undefined, call: Call, context?: Context): Access {
    const bucket = this.#buckets.require(name);
    const resourcePolicy = policyFor(bucket, call, bucket.settings.acl, BUCKET_ACL_ACTIONS, bucketArn(bucket.name));
    return { ...this.newBucket(action, name, call, context), resourcePolicy };
  }

  /** An action on a bucket that need not exist. */
  newBucket(action: string, name: string | undefined, call: Call, context?: Context): Access {
    return { action, resource: bucketArn(name ?? ''), context: { ...requestContext(call), ...context } };
  }

  /** The root of the account may always mend a bucket's policy, whatever the policy says. */
  policyOf(action: string, name: string | undefined, call: Call): Access {
    const access = this.bucket(action, name, call);
    return call.principal.kind === 'root' ? { ...access, resourcePolicy: undefined } : access;
  }

  /** An action on an object that need not exist. */
  object(action: string, input: ObjectInput, call: Call, context?: Context): Access {
    return this.#onObject(action, input, call, undefined, context);
  }

  /**
   * Reading an object, or changing what is known of it: `versionAction` is needed where a version is named. Who may not list
   * the bucket is not told that an object is missing.
   */
  existing(action: string, versionAction: string, input: ObjectInput, call: Call, context: Context = {}): Access[] {
    const found = this.#find(input);
    const access = this.#onObject(input.VersionId === undefined ? action : versionAction, input, call, found, {
      ...context,
      ...(found?.about.tags && tagContext('s3:ExistingObjectTag/', found.about.tags)),
      ...(input.VersionId !== undefined && { 's3:VersionId': input.VersionId }),
    });
    return found ? [access] : [access, this.bucket('s3:ListBucket', input.Bucket, call)];
  }

  #find({ Bucket, Key = '', VersionId }: ObjectInput): Version | undefined {
    const bucket = this.#buckets.find(Bucket);
    if (!bucket) return undefined;
    if (VersionId !== undefined) return this.#objects.version(bucket, Key, VersionId);
    const latest = this.#objects.latest(bucket, Key);
    return latest?.marker ? undefined : latest;
  }

  #onObject(
    action: string,
    { Bucket = '', Key = '' }: ObjectInput,
    call: Call,
    found: Version | undefined,
    context: Context | undefined,
  ): Access {
    const resource = objectArn(Bucket, Key);
    const bucket = this.#buckets.require(Bucket);
    const resourcePolicy = policyFor(bucket, call, found?.about.acl, OBJECT_ACL_ACTIONS, resource);
    return { action, resource, resourcePolicy, context: { ...requestContext(call), ...context } };
  }
}

/** What S3 tells IAM of every request. https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html */
function requestContext({ account, signed }: Call): Context {
  return {
    's3:ResourceAccount': account,
    ...(signed && {
      's3:authType': AUTH_TYPES[signed.place],
      's3:signatureversion': signed.algorithm,
      's3:signatureAge': signed.age === undefined ? undefined : String(signed.age),
    }),
  };
}

const AUTH_TYPES = { header: 'REST-HEADER', query: 'REST-QUERY-STRING', form: 'POST' } as const;

/** What a request says of an object's lock. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html */
export const lockContext = (
  { mode, until, hold }: { mode?: string | undefined; until?: Date | undefined; hold?: string | undefined },
  now: number,
): Context => ({
  's3:object-lock-mode': mode,
  's3:object-lock-legal-hold': hold,
  's3:object-lock-retain-until-date': until?.toISOString(),
  's3:object-lock-remaining-retention-days': until && String(Math.ceil((until.getTime() - now) / DAY_MILLISECONDS)),
});

const DAY_MILLISECONDS = 86_400_000;

export function tagContext(prefix: string, tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [prefix + key, value]));
}

/** The condition keys of a request that sets tags. */
export const requestTags = (tags: Tags): Context => ({
  ...tagContext('s3:RequestObjectTag/', tags),
  's3:RequestObjectTagKeys': Object.keys(tags),
});

/** Condition keys by the headers that they are named after. */
export function headerContext(call: Call, ...headers: readonly string[]): Context {
  return Object.fromEntries(headers.map((header) => [`s3:${header}`, call.headers[header]]));
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
const BUCKET_ACL_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  READ: ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'],
  READ_ACP: ['s3:GetBucketAcl'],
  WRITE_ACP: ['s3:PutBucketAcl'],
};

const OBJECT_ACL_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  READ: ['s3:GetObject', 's3:GetObjectVersion'],
  READ_ACP: ['s3:GetObjectAcl', 's3:GetObjectVersionAcl'],
  WRITE_ACP: ['s3:PutObjectAcl', 's3:PutObjectVersionAcl'],
};

/**
 * The bucket's policy, with what its ACLs grant to groups said in the same words. Where public access is restricted, a
 * public policy grants nothing to those outside of the account, and public ACLs nothing to anybody.
 */
function policyFor(
  bucket: Bucket,
  call: Call,
  grants: readonly Grant[] | undefined,
  actions: Readonly<Record<string, readonly string[]>>,
  resource: string,
): string | undefined {
  const { policy, publicAccessBlock } = bucket.settings;
  const outsider = call.principal.kind === 'anonymous';
  // Who says not who they are cannot be charged. https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
  if (outsider && bucket.settings.payer === 'Requester') return undefined;
  const restricted = outsider && policy !== undefined && publicAccessBlock?.RestrictPublicBuckets;
  const effective = restricted && isPublicPolicy(policy) ? undefined : policy;
  // What S3 may deliver is not public.
  const ignored = publicAccessBlock?.IgnorePublicAcls && !isLogDelivery(call);
  if (aclsDisabled(bucket) || ignored) return effective;
  const statements = aclStatements(groupGrants(bucket, grants, resource), call, actions, resource);
  if (statements.length === 0) return effective;
  const own = effective === undefined ? [] : ([] as unknown[]).concat((JSON.parse(effective) as Document).Statement);
  return JSON.stringify({ Version: '2012-10-17', Statement: [...own, ...statements] });
}

interface Document {
  readonly Statement: unknown;
}

// The right to write objects is the bucket's to give.
function groupGrants(bucket: Bucket, grants: readonly Grant[] = [], resource: string): readonly Grant[] {
  const writes = (bucket.settings.acl ?? []).filter(({ Permission }) => Permission === 'WRITE');
  return resource.includes('/') ? [...grants, ...writes] : grants;
}

/** Whom S3 delivers access logs as. */
export const LOG_DELIVERY_SERVICE = 'logging.s3.amazonaws.com';

export const isLogDelivery = ({ principal }: Call): boolean =>
  principal.kind === 'service' && principal.name === LOG_DELIVERY_SERVICE;

function groupsOf(call: Call): string[] {
  if (isLogDelivery(call)) return [LOG_DELIVERY];
  return call.principal.kind === 'anonymous' ? [ALL_USERS] : [ALL_USERS, AUTHENTICATED_USERS];
}

function aclStatements(
  grants: readonly Grant[],
  call: Call,
  actions: Readonly<Record<string, readonly string[]>>,
  resource: string,
): object[] {
  const groups = groupsOf(call);
  return grants
    .filter(({ Grantee }) => groups.includes(Grantee?.URI ?? ''))
    .map(({ Permission = '' }) => ({
      Effect: 'Allow',
      Principal: isLogDelivery(call) ? { Service: LOG_DELIVERY_SERVICE } : '*',
      Action:
        Permission === 'FULL_CONTROL'
          ? Object.values(actions).flat()
          : Permission === 'WRITE' && resource.includes('/')
            ? ['s3:PutObject', 's3:DeleteObject']
            : (actions[Permission] ?? []),
      Resource: resource,
    }))
    .filter(({ Action }) => Action.length > 0);
}
