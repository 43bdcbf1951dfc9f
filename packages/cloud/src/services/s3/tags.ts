// Tags of buckets and objects: what they may be, and how they travel.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
import type { Tag } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import type { Tags } from './objects.ts';

const BUCKET_TAGS = 50;
const OBJECT_TAGS = 10;

const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

export function checkBucketTags(set: readonly Tag[] | undefined): readonly Tag[] {
  if (!set) throw malformedXml();
  check(set, 'System tags cannot be added/updated by requester');
  if (set.length > BUCKET_TAGS) {
    throw new AwsError('BadRequest', `Bucket tag count cannot be greater than ${BUCKET_TAGS}`);
  }
  return set.map(({ Key, Value }) => ({ Key: Key ?? '', Value: Value ?? '' }));
}

export function checkObjectTags(set: readonly Tag[] | undefined): Tags {
  if (!set) throw malformedXml();
  check(set, 'Your TagKey cannot be prefixed with aws:');
  if (set.length > OBJECT_TAGS) {
    throw new AwsError('BadRequest', `Object tags cannot be greater than ${OBJECT_TAGS}`);
  }
  return Object.fromEntries(set.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

/** Reads the `x-amz-tagging` header: tags as URL query parameters. */
export function parseTagging(header: string | undefined): Tags | undefined {
  if (header === undefined || header === '') return undefined;
  const pairs = [...new URLSearchParams(header)];
  if (pairs.length !== new Set(pairs.map(([key]) => key)).size) throw invalidHeader(header);
  try {
    return checkObjectTags(pairs.map(([Key, Value]) => ({ Key, Value })));
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidTag') throw invalidHeader(header);
    throw error;
  }
}

/** The tags without undefined where there are none, as they are stored. */
export const orNothing = (tags: Tags | undefined): { tags?: Tags } =>
  tags && Object.keys(tags).length > 0 ? { tags } : {};

export const tagSet = (tags: Tags = {}): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function check(set: readonly Tag[], prefixMessage: string): void {
  const seen = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of set) {
    if (seen.has(key)) throw invalidTag('Cannot provide multiple Tags with the same key', { TagKey: key });
    seen.add(key);
    if (key.startsWith('aws:')) throw invalidTag(prefixMessage, { TagKey: key });
    if (!KEY.test(key)) throw invalidTag('The TagKey you have provided is invalid', { TagKey: key });
    if (!VALUE.test(value)) {
      throw invalidTag('The TagValue you have provided is invalid', { TagKey: key, TagValue: value });
    }
  }
}

const invalidTag = (message: string, members: Record<string, string>): AwsError =>
  new AwsError('InvalidTag', message, { members });

const invalidHeader = (header: string): AwsError =>
  invalidArgument(
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    'x-amz-tagging',
    header,
  );
