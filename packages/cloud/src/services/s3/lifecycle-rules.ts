// Lifecycle rules: which ones S3 takes, and which objects a rule is about.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
import type { LifecycleRule, Transition, TransitionDefaultMinimumObjectSize } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import { alphanumeric } from '../../kernel/ids.ts';
import { ARCHIVE_CLASSES } from './archive.ts';
import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import type { Tags } from './objects.ts';

const RULES_LIMIT = 1_000;
const LONGEST_ID = 255;

/** Classes that an object may move to, in the order in which it may. */
export const TRANSITION_CLASSES: readonly string[] = [
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];

/**
 * Which of the classes wins where an object may move to several on one day: the cheapest one, but for S3 Intelligent-Tiering.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html
 */
export const PREFERRED_CLASSES: readonly string[] = [
  'STANDARD_IA',
  'ONEZONE_IA',
  'GLACIER_IR',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
];

/**
 * Whether an object is large enough to move: rules that speak of sizes decide for themselves.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
export function mayMove(
  { largerThan, smallerThan }: Scope,
  size: number,
  storageClass: string,
  minimum: TransitionDefaultMinimumObjectSize,
): boolean {
  if (size >= SMALLEST_MOVED || largerThan >= 0 || smallerThan !== Infinity) return true;
  return minimum === 'varies_by_storage_class' && ARCHIVE_CLASSES.includes(storageClass);
}

const SMALLEST_MOVED = 128 * 1024;

/** Classes that an object has to be thirty days old for. */
const INFREQUENT: readonly string[] = ['STANDARD_IA', 'ONEZONE_IA'];

/** The rules as they are stored, each with an id; throws what S3 answers to rules that it refuses. */
export function checkLifecycleRules(rules: readonly LifecycleRule[] | undefined): LifecycleRule[] {
  if (!rules || rules.length === 0 || rules.length > RULES_LIMIT) throw malformedXml();
  const ids = new Set<string>();
  return rules.map((rule) => {
    checkRule(rule);
    const id = rule.ID || alphanumeric(48);
    if (id.length > LONGEST_ID)
      throw invalidArgument(`ID length should not exceed allowed limit of ${LONGEST_ID}`, 'ID', id);
    if (ids.has(id)) throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule', 'ID', id);
    ids.add(id);
    return { ...rule, ID: id };
  });
}

/** What an object has to be for a rule to be about it. */
export interface Scope {
  readonly prefix: string;
  readonly tags: Tags;
  readonly largerThan: number;
  readonly smallerThan: number;
}

export function scopeOf(rule: LifecycleRule): Scope {
  const { Filter: filter } = rule;
  const source = filter?.And ?? filter;
  const tags = filter?.And?.Tags ?? (filter?.Tag ? [filter.Tag] : []);
  return {
    prefix: source?.Prefix ?? rule.Prefix ?? '',
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    largerThan: source?.ObjectSizeGreaterThan ?? -1,
    smallerThan: source?.ObjectSizeLessThan ?? Number.POSITIVE_INFINITY,
  };
}

export function inScope(scope: Scope, key: string, size: number, tags: Tags = {}): boolean {
  if (!key.startsWith(scope.prefix) || size <= scope.largerThan || size >= scope.smallerThan) return false;
  return Object.entries(scope.tags).every(([name, value]) => tags[name] === value);
}

function checkRule(rule: LifecycleRule): void {
  if (rule.Status !== 'Enabled' && rule.Status !== 'Disabled') throw malformedXml();
  if ((rule.Filter === undefined) === (rule.Prefix === undefined)) throw malformedXml();
  const actions = [
    rule.Expiration,
    rule.Transitions,
    rule.NoncurrentVersionExpiration,
    rule.NoncurrentVersionTransitions,
    rule.AbortIncompleteMultipartUpload,
  ];
  if (!actions.some((action) => action !== undefined)) {
    throw invalidRequest('At least one action needs to be specified in a rule');
  }
  checkFilter(rule);
  checkExpiration(rule);
  for (const transition of rule.Transitions ?? []) checkTransition(transition);
  checkNoncurrent(rule);
  const abort = rule.AbortIncompleteMultipartUpload;
  if (abort) requirePositive(abort.DaysAfterInitiation, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload');
}

function checkFilter({
  Filter: filter,
  AbortIncompleteMultipartUpload: abort,
  Expiration: expiration,
}: LifecycleRule): void {
  if (!filter) return;
  const { And: and, ...single } = filter;
  const given = Object.values(single).filter((value) => value !== undefined).length + (and ? 1 : 0);
  if (given > 1) throw malformedXml();
  if (and) {
    const parts = [and.Prefix, and.ObjectSizeGreaterThan, and.ObjectSizeLessThan, ...(and.Tags ?? [])];
    if (parts.filter((part) => part !== undefined).length < 2) throw malformedXml();
  }
  const keys = (and?.Tags ?? []).map(({ Key }) => Key);
  if (new Set(keys).size < keys.length) throw invalidRequest('Duplicate Tag Keys are not allowed.');
  const tagged = filter.Tag !== undefined || (and?.Tags ?? []).length > 0;
  if (tagged && abort) throw invalidRequest('AbortIncompleteMultipartUpload cannot be specified with Tags.');
  if (tagged && expiration?.ExpiredObjectDeleteMarker) {
    throw invalidRequest('ExpiredObjectDeleteMarker cannot be specified with Tags.');
  }
}

function checkExpiration({ Expiration: expiration, Transitions: transitions = [] }: LifecycleRule): void {
  if (!expiration) return;
  const { Days: days, Date: date, ExpiredObjectDeleteMarker: marker } = expiration;
  if ([days, date, marker].filter((given) => given !== undefined).length !== 1) throw malformedXml();
  if (days !== undefined) requirePositive(days, 'Days', 'Expiration');
  if (date) requireMidnight(date);
  for (const transition of transitions) {
    if ((transition.Days !== undefined && date) || (transition.Date && days !== undefined)) {
      throw invalidRequest("Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule");
    }
    if (days !== undefined && transition.Days !== undefined && days <= transition.Days) {
      throw invalidArgument(
        "'Days' in the Expiration action must be greater than 'Days' in the Transition action",
        'Days',
      );
    }
  }
}

function checkTransition({ Days: days, Date: date, StorageClass }: Transition): void {
  const storageClass: string = StorageClass ?? '';
  if ((days === undefined) === (date === undefined)) throw malformedXml();
  if (!TRANSITION_CLASSES.includes(storageClass)) throw malformedXml();
  if (date) requireMidnight(date);
  if (days !== undefined && (!Number.isInteger(days) || days < 0)) {
    throw invalidArgument("'Days' for Transition action must be nonnegative", 'Days', String(days));
  }
  if (days !== undefined) requireThirtyDays(days, 'Days', 'Transition', storageClass);
}

function checkNoncurrent(rule: LifecycleRule): void {
  const { NoncurrentVersionExpiration: expiration, NoncurrentVersionTransitions: transitions = [] } = rule;
  if (expiration) {
    requirePositive(expiration.NoncurrentDays, 'NoncurrentDays', 'NoncurrentVersionExpiration');
    requireNewerVersions(expiration.NewerNoncurrentVersions);
  }
  for (const { NoncurrentDays: days, StorageClass, NewerNoncurrentVersions: newer } of transitions) {
    const storageClass: string = StorageClass ?? '';
    if (days === undefined || days < 0 || !TRANSITION_CLASSES.includes(storageClass)) throw malformedXml();
    requireThirtyDays(days, 'NoncurrentDays', 'NoncurrentVersionTransition', storageClass);
    requireNewerVersions(newer);
    if (expiration?.NoncurrentDays !== undefined && expiration.NoncurrentDays <= days) {
      throw invalidArgument(
        "'NoncurrentDays' in the NoncurrentVersionExpiration action must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action",
        'NoncurrentDays',
      );
    }
  }
}

function requirePositive(days: number | undefined, name: string, action: string): void {
  if (days === undefined) throw malformedXml();
  if (!Number.isInteger(days) || days <= 0) {
    throw invalidArgument(`'${name}' for ${action} action must be a positive integer`, name, String(days));
  }
}

function requireThirtyDays(days: number, name: string, action: string, storageClass: string): void {
  if (days >= 30 || !INFREQUENT.includes(storageClass)) return;
  throw invalidArgument(
    `'${name}' in ${action} action must be greater than or equal to 30 for storageClass '${storageClass}'`,
    name,
    String(days),
  );
}

function requireNewerVersions(count: number | undefined): void {
  if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= 100)) return;
  throw new AwsError('InvalidArgument', "'NewerNoncurrentVersions' must be a positive integer up to 100");
}

function requireMidnight(date: Date): void {
  if (date.getTime() % 86_400_000 !== 0)
    throw invalidArgument("'Date' must be at midnight GMT", 'Date', date.toISOString());
}
