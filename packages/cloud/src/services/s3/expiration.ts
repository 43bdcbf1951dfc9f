// When lifecycle rules let an object expire: told in an answer's header, and done by the daily run.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
import type { LifecycleRule } from '@aws-sdk/client-s3';

import type { Bucket } from './buckets.ts';
import { inScope, scopeOf } from './lifecycle-rules.ts';
import type { Entry } from './objects.ts';

export const DAY = 86_400_000;

/** The midnight, UTC, at which something has been so for a number of days: S3 rounds up to the next day. */
export const dueAfter = (since: number, days: number): number => Math.floor(since / DAY + 1 + days) * DAY;

/** When a rule expires a current object; undefined where it never does. */
export function expiryBy(rule: LifecycleRule, entry: Entry): number | undefined {
  const { Days: days, Date: date } = rule.Expiration ?? {};
  if (rule.Status !== 'Enabled' || (days === undefined && !date)) return undefined;
  if (!inScope(scopeOf(rule), entry.key, entry.size, entry.about.tags)) return undefined;
  return date ? date.getTime() : dueAfter(entry.modified, days!);
}

/** The `x-amz-expiration` header of a current object. */
function expirationOf({ settings }: Bucket, entry: Entry): string | undefined {
  if (!settings.lifecycle || !entry.current) return undefined;
  const found = settings.lifecycle.rules
    .map((rule) => ({ rule, at: expiryBy(rule, entry) }))
    .filter((one): one is { rule: LifecycleRule; at: number } => one.at !== undefined)
    .toSorted((a, b) => a.at - b.at)[0];
  return found && `expiry-date="${new Date(found.at).toUTCString()}", rule-id="${encodeURIComponent(found.rule.ID!)}"`;
}

/** The same as a member of the answer to who wrote it. */
export function expirationMember(bucket: Bucket, entry: Entry): { Expiration?: string } {
  const Expiration = expirationOf(bucket, entry);
  return Expiration === undefined ? {} : { Expiration };
}

/** When a rule ends an upload in parts that is not complete by then; undefined where it never does. */
export function abortBy(rule: LifecycleRule, key: string, started: number): number | undefined {
  const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
  if (rule.Status !== 'Enabled' || days === undefined || !key.startsWith(scopeOf(rule).prefix)) return undefined;
  return dueAfter(started, days);
}

/** What an answer says of when an upload will be ended, as the bucket's rules are now. */
export function abortOf(
  { settings }: Bucket,
  { key, started }: { readonly key: string; readonly started: number },
): { AbortDate?: Date; AbortRuleId?: string } {
  const [first] = (settings.lifecycle?.rules ?? [])
    .map((rule) => ({ rule, at: abortBy(rule, key, started) ?? Infinity }))
    .filter(({ at }) => at !== Infinity)
    .toSorted((a, b) => a.at - b.at);
  return first ? { AbortDate: new Date(first.at), AbortRuleId: encodeURIComponent(first.rule.ID!) } : {};
}
