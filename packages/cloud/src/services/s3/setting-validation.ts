// The sentences about a configuration that several of S3's Terraform types share.
import type { Attributes, ResourceType } from '../../terraform/resource.ts';

export type Problem = ReturnType<NonNullable<ResourceType['validate']>>[number];

export const problem = (attribute: string, message: string): Problem => ({ attribute, message });

export const bucketProblems = ({ bucket }: Attributes): Problem[] =>
  typeof bucket === 'string' && (bucket.length < 1 || bucket.length > 63)
    ? [problem('bucket', `The name of a bucket has 1 to 63 characters, and this one has ${bucket.length}.`)]
    : [];

export const ownerProblems = ({ expected_bucket_owner: owner }: Attributes): Problem[] =>
  typeof owner === 'string' && owner !== '' && !/^\d{12}$/.test(owner)
    ? [problem('expected_bucket_owner', `${owner} is not an AWS account ID, which has exactly 12 digits.`)]
    : [];

/** Says of an attribute that is set, but to none of its values, which ones it may have. */
export const requireOneOf = (block: Attributes, name: string, values: readonly string[], path?: string): Problem[] =>
  typeof block[name] === 'string' && block[name] !== '' && !values.includes(block[name])
    ? [
        problem(
          path === undefined ? name : `${path}.${name}`,
          `${name} is one of ${values.join(', ')}, and not ${block[name]}.`,
        ),
      ]
    : [];
