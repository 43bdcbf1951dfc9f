// What the Terraform types of a bucket's settings share: each is one setting under the bucket's name, found or absent.
import { AwsError } from '../../kernel/errors.ts';
import type { Attributes, Client, ResourceType } from '../../terraform/resource.ts';
import type { S3Operations } from './operations.ts';

/** The bucket, and the owner that it is expected to have. */
export interface Target {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
}

export interface BucketSetting extends Pick<
  ResourceType,
  'type' | 'defaults' | 'resets' | 'validate' | 'checkChange' | 'computedBlocks'
> {
  /** Attributes, besides the bucket and its owner, whose change needs a new resource. */
  readonly replace?: readonly string[];
  /** The setting's attributes as they are; rejects with a 404 where the bucket has none. */
  readonly find: (s3: Client<S3Operations>, target: Target, state: Attributes) => Promise<Attributes | undefined>;
  readonly put: (s3: Client<S3Operations>, target: Target, planned: Attributes) => Promise<unknown>;
  readonly remove: (s3: Client<S3Operations>, target: Target, state: Attributes) => Promise<unknown>;
}

/** The resource type of a setting. */
export function bucketSetting({ find, put, remove, replace = [], ...type }: BucketSetting): ResourceType {
  return {
    ...type,
    replace: ['bucket', 'expected_bucket_owner', ...replace],
    create: async (planned, context) => {
      await put(context.client<S3Operations>('s3'), targetOf(planned), planned);
      return { id: idOf(planned) };
    },
    read: async (state, context) => {
      const found = await orAbsent(find(context.client<S3Operations>('s3'), targetOf(state), state));
      return found ? { id: idOf(state), ...found } : null;
    },
    update: async (_prior, planned, context) => {
      await put(context.client<S3Operations>('s3'), targetOf(planned), planned);
    },
    delete: async (state, context) => {
      await orAbsent(remove(context.client<S3Operations>('s3'), targetOf(state), state));
    },
    importState: (id) => {
      const [bucket, expected_bucket_owner] = id.split(',');
      return { id, bucket, ...(expected_bucket_owner && { expected_bucket_owner }) };
    },
  };
}

/** The answer, or undefined where S3 says that there is no such setting, or no such bucket. */
export async function orAbsent<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AwsError && error.status === 404) return undefined;
    throw error;
  }
}

const targetOf = ({ bucket, expected_bucket_owner: owner }: Attributes): Target => ({
  Bucket: bucket,
  ...(owner && { ExpectedBucketOwner: owner }),
});

const idOf = ({ bucket, expected_bucket_owner: owner }: Attributes): string => (owner ? `${bucket},${owner}` : bucket);
