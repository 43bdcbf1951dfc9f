// Buckets themselves: made, found, listed and removed.
import type {
  BucketLocationConstraint,
  CreateBucketOutput,
  CreateBucketRequest,
  DeleteBucketRequest,
  GetBucketLocationOutput,
  GetBucketLocationRequest,
  HeadBucketOutput,
  HeadBucketRequest,
  ListBucketsOutput,
  ListBucketsRequest,
} from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import type { Access, Call, Operation } from '../../kernel/service.ts';
import { bucketArn } from './access.ts';
import { isAclGiven, isOwnersAlone, ownerOf, requestedGrants } from './acl.ts';
import { requireValidName } from './bucket-name.ts';
import type { Bucket, Settings } from './buckets.ts';
import { invalidArgument, notSupported } from './errors.ts';
import { readToken, writeToken } from './listing.ts';
import { onBucket, requireOwned, type S3 } from './service.ts';
import { checkBucketTags } from './tags.ts';

/** The region whose endpoint is also the global one. */
const GLOBAL_REGION = 'us-east-1';

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

const OWNERSHIPS: readonly string[] = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'];

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
const LARGEST_PAGE = 10_000;

export function bucketOperations(s3: S3) {
  const { buckets, uploads, guard } = s3;

  const createAccess = (input: CreateBucketRequest, call: Call): Access[] => {
    const actions = ['s3:CreateBucket'];
    if (isAclGiven(input)) actions.push('s3:PutBucketAcl');
    if (input.ObjectOwnership !== undefined) actions.push('s3:PutBucketOwnershipControls');
    if (input.ObjectLockEnabledForBucket) actions.push('s3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning');
    if (input.CreateBucketConfiguration?.Tags) actions.push('s3:TagResource');
    const context = { 's3:LocationConstraint': input.CreateBucketConfiguration?.LocationConstraint };
    return actions.map((action) => guard.newBucket(action, input.Bucket, call, context));
  };

  const CreateBucket: Operation<CreateBucketRequest, CreateBucketOutput> = {
    access: createAccess,
    run: (input, call) => {
      const name = input.Bucket!;
      requireValidName(name);
      const region = regionFor(input.CreateBucketConfiguration?.LocationConstraint, call.region);
      const existing = buckets.find(name);
      if (existing) refuseUnlessRepeatable(existing, call);
      else buckets.create(name, region, call.now, initialSettings(input, call));
      return {
        Location: region === GLOBAL_REGION ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
        BucketArn: bucketArn(name),
      };
    },
  };

  const HeadBucket = onBucket(s3, 's3:ListBucket', (bucket, _input: HeadBucketRequest): HeadBucketOutput => ({
    BucketRegion: bucket.region,
    BucketArn: bucketArn(bucket.name),
    AccessPointAlias: false,
  }));

  const DeleteBucket = onBucket(s3, 's3:DeleteBucket', (bucket, _input: DeleteBucketRequest): object => {
    buckets.delete(bucket);
    uploads.abortAll(bucket);
    return {};
  });

  // Asked to find out a bucket's region, it is answered in every region.
  const GetBucketLocation: Operation<GetBucketLocationRequest, GetBucketLocationOutput> = {
    access: (input, call) => [guard.bucket('s3:GetBucketLocation', input.Bucket, call)],
    run: (input, call) => {
      const { region } = requireOwned(buckets.require(input.Bucket), input.ExpectedBucketOwner, call);
      return region === GLOBAL_REGION ? {} : { LocationConstraint: region as BucketLocationConstraint };
    },
  };

  const ListBuckets: Operation<ListBucketsRequest, ListBucketsOutput> = {
    access: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
    run: (input, call) => {
      const { Prefix: prefix = '', BucketRegion: region, ContinuationToken: token } = input;
      const limit = pageSize(input.MaxBuckets);
      const after = token === undefined ? '' : readToken(token);
      const matching = buckets
        .list()
        .filter((bucket) => bucket.name > after && bucket.name.startsWith(prefix))
        .filter((bucket) => region === undefined || bucket.region === region);
      const page = matching.slice(0, limit);
      return {
        Buckets: page.map((bucket) => ({
          Name: bucket.name,
          CreationDate: new Date(bucket.created),
          BucketRegion: bucket.region,
          BucketArn: bucketArn(bucket.name),
        })),
        Owner: ownerOf(call.account),
        ...(matching.length > limit && { ContinuationToken: writeToken(page.at(-1)!.name) }),
        ...(prefix !== '' && { Prefix: prefix }),
      };
    },
  };

  return { CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation, ListBuckets };
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
function regionFor(constraint: string | undefined, region: string): string {
  if (constraint === undefined || constraint === '') {
    if (region === GLOBAL_REGION) return region;
    throw illegalConstraint('unspecified');
  }
  const wanted = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (!REGION.test(wanted) || (wanted === GLOBAL_REGION && region === GLOBAL_REGION)) {
    throw new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', {
      members: { LocationConstraint: constraint },
    });
  }
  if (region !== GLOBAL_REGION && wanted !== region) throw illegalConstraint(constraint);
  return wanted;
}

const illegalConstraint = (constraint: string): AwsError =>
  new AwsError(
    'IllegalLocationConstraintException',
    `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );

// In us-east-1, and there alone, one's own bucket may be created again: it stays what it is.
function refuseUnlessRepeatable(existing: Bucket, call: Call): void {
  if (existing.region === GLOBAL_REGION && call.region === GLOBAL_REGION) return;
  throw new AwsError(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    { status: 409, members: { BucketName: existing.name } },
  );
}

/** What AWS gives new buckets since April 2023: ACLs off, public access blocked. */
function initialSettings(input: CreateBucketRequest, call: Call): Settings {
  if (input.BucketNamespace !== undefined && input.BucketNamespace !== 'global') {
    throw notSupported(`The bucket namespace ${input.BucketNamespace}`);
  }
  const ownership = input.ObjectOwnership ?? 'BucketOwnerEnforced';
  if (!OWNERSHIPS.includes(ownership)) {
    throw invalidArgument(`Invalid x-amz-object-ownership header: ${ownership}`, 'x-amz-object-ownership');
  }
  const owner = ownerOf(call.account);
  const allowing = { settings: { ownership: 'ObjectWriter' } } as Bucket;
  const grants = requestedGrants(input, allowing, owner);
  const own = !grants || isOwnersAlone(grants, owner);
  if (!own && ownership === 'BucketOwnerEnforced') throw invalidAclWithOwnership();
  const tags = input.CreateBucketConfiguration?.Tags;
  return {
    ownership,
    publicAccessBlock: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
    ...(grants && !own && { acl: grants }),
    ...(tags && { tags: checkBucketTags(tags) }),
    ...(input.ObjectLockEnabledForBucket && {
      versioning: 'Enabled',
      objectLock: { ObjectLockEnabled: 'Enabled' },
    }),
  };
}

export const invalidAclWithOwnership = (): AwsError =>
  new AwsError(
    'InvalidBucketAclWithObjectOwnership',
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  );

function pageSize(asked: number | undefined): number {
  if (asked === undefined) return LARGEST_PAGE;
  if (asked >= 1 && asked <= LARGEST_PAGE) return asked;
  throw invalidArgument(
    `Argument max-buckets must be an integer between 1 and ${LARGEST_PAGE}`,
    'max-buckets',
    String(asked),
  );
}
