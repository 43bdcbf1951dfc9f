// aws_s3_bucket_lifecycle_configuration.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_lifecycle_configuration
import type { LifecycleRule, LifecycleRuleFilter } from '@aws-sdk/client-s3';

import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting } from './bucket-setting.ts';
import { validateLifecycle } from './lifecycle-validation.ts';

export const lifecycleResource: ResourceType = bucketSetting({
  type: 'aws_s3_bucket_lifecycle_configuration',
  resets: {
    transition_default_minimum_object_size: 'all_storage_classes_128K',
    'rule.prefix': '',
    'rule.expiration.days': 0,
    'rule.expiration.expired_object_delete_marker': false,
    'rule.filter.prefix': null,
    'rule.filter.object_size_greater_than': null,
    'rule.filter.object_size_less_than': null,
    'rule.filter.and.prefix': '',
    'rule.filter.and.object_size_greater_than': 0,
    'rule.filter.and.object_size_less_than': 0,
  },
  validate: validateLifecycle,
  find: async (s3, target) => {
    const { Rules = [], TransitionDefaultMinimumObjectSize } = await s3('GetBucketLifecycleConfiguration', target);
    return {
      rule: Rules.map(readRule),
      transition_default_minimum_object_size: TransitionDefaultMinimumObjectSize,
      expected_bucket_owner: target.ExpectedBucketOwner ?? '',
    };
  },
  put: (s3, target, planned) =>
    s3('PutBucketLifecycleConfiguration', {
      ...target,
      TransitionDefaultMinimumObjectSize: planned['transition_default_minimum_object_size'],
      LifecycleConfiguration: { Rules: (planned['rule'] as Attributes[]).map(writeRule) },
    }),
  remove: (s3, target) => s3('DeleteBucketLifecycle', target),
});

const given = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** The value in a record of one, or no record where there is no value. */
const member = <Name extends string, Value>(name: Name, value: Value): { [key in Name]?: NonNullable<Value> } =>
  given(value) ? ({ [name]: value } as { [key in Name]: NonNullable<Value> }) : {};

/** As {@link member} for numbers, of which 0 says that there is none. */
const count = <Name extends string>(name: Name, value: number | null | undefined): { [key in Name]?: number } =>
  member(name, value === 0 ? undefined : value);

function writeRule(rule: Attributes): LifecycleRule {
  const [filter] = (rule['filter'] ?? []) as Attributes[];
  const [expiration] = (rule['expiration'] ?? []) as Attributes[];
  const [noncurrent] = (rule['noncurrent_version_expiration'] ?? []) as Attributes[];
  const [abort] = (rule['abort_incomplete_multipart_upload'] ?? []) as Attributes[];
  const transitions = (rule['transition'] ?? []) as Attributes[];
  const noncurrentTransitions = (rule['noncurrent_version_transition'] ?? []) as Attributes[];
  return {
    ID: rule['id'],
    Status: rule['status'],
    // S3 wants one of the two; a rule without either is about every object, and has no filter when it is read again.
    ...(filter ? { Filter: writeFilter(filter) } : { Prefix: rule['prefix'] ?? '' }),
    ...(abort && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abort['days_after_initiation'] } }),
    ...(expiration && {
      Expiration: {
        ...count('Days', expiration['days']),
        ...(given(expiration['date']) && { Date: new Date(expiration['date']) }),
        ...(expiration['expired_object_delete_marker'] && { ExpiredObjectDeleteMarker: true }),
      },
    }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrent['noncurrent_days'],
        ...count('NewerNoncurrentVersions', noncurrent['newer_noncurrent_versions']),
      },
    }),
    ...(transitions.length > 0 && {
      Transitions: transitions.map((transition) => ({
        StorageClass: transition['storage_class'],
        ...(given(transition['date']) ? { Date: new Date(transition['date']) } : { Days: transition['days'] ?? 0 }),
      })),
    }),
    ...(noncurrentTransitions.length > 0 && {
      NoncurrentVersionTransitions: noncurrentTransitions.map((transition) => ({
        StorageClass: transition['storage_class'],
        NoncurrentDays: transition['noncurrent_days'],
        ...count('NewerNoncurrentVersions', transition['newer_noncurrent_versions']),
      })),
    }),
  };
}

function writeFilter(filter: Attributes): LifecycleRuleFilter {
  const [and] = (filter['and'] ?? []) as Attributes[];
  const [tag] = (filter['tag'] ?? []) as Attributes[];
  if (and) {
    const tags = Object.entries((and['tags'] ?? {}) as Record<string, string>);
    return {
      And: {
        ...count('ObjectSizeGreaterThan', and['object_size_greater_than']),
        ...count('ObjectSizeLessThan', and['object_size_less_than']),
        ...member('Prefix', and['prefix']),
        ...(tags.length > 0 && { Tags: tags.map(([Key, Value]) => ({ Key, Value })) }),
      },
    };
  }
  const about = {
    ...member('Prefix', filter['prefix']),
    ...member('ObjectSizeGreaterThan', filter['object_size_greater_than']),
    ...member('ObjectSizeLessThan', filter['object_size_less_than']),
    ...(tag && { Tag: { Key: tag['key'], Value: tag['value'] } }),
  };
  // A size of 0 may be left from before: it counts where nothing else is said. A filter of nothing is about every object.
  const telling = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== 0));
  if (Object.keys(telling).length > 0) return telling;
  return Object.keys(about).length > 0 ? about : { Prefix: '' };
}

function readRule(rule: LifecycleRule): Attributes {
  const { Filter: filter, Expiration: expiration, NoncurrentVersionExpiration: noncurrent } = rule;
  const abort = rule.AbortIncompleteMultipartUpload;
  return {
    id: rule.ID,
    status: rule.Status,
    prefix: rule.Prefix ?? '',
    filter: filter ? [readFilter(filter)] : [],
    abort_incomplete_multipart_upload: abort ? [{ days_after_initiation: abort.DaysAfterInitiation }] : [],
    expiration: expiration
      ? [
          {
            date: dateText(expiration.Date),
            days: expiration.Days ?? 0,
            expired_object_delete_marker: expiration.ExpiredObjectDeleteMarker ?? false,
          },
        ]
      : [],
    noncurrent_version_expiration: noncurrent
      ? [
          {
            newer_noncurrent_versions: noncurrent.NewerNoncurrentVersions,
            noncurrent_days: noncurrent.NoncurrentDays,
          },
        ]
      : [],
    noncurrent_version_transition: (rule.NoncurrentVersionTransitions ?? []).map((transition) => ({
      newer_noncurrent_versions: transition.NewerNoncurrentVersions,
      noncurrent_days: transition.NoncurrentDays,
      storage_class: transition.StorageClass,
    })),
    transition: (rule.Transitions ?? []).map((transition) => ({
      date: dateText(transition.Date),
      days: transition.Date ? undefined : (transition.Days ?? 0),
      storage_class: transition.StorageClass,
    })),
  };
}

function readFilter({ And: and, Tag: tag, ...filter }: LifecycleRuleFilter): Attributes {
  return {
    prefix: filter.Prefix,
    object_size_greater_than: filter.ObjectSizeGreaterThan,
    object_size_less_than: filter.ObjectSizeLessThan,
    tag: tag ? [{ key: tag.Key, value: tag.Value }] : [],
    and: and
      ? [
          {
            prefix: and.Prefix ?? '',
            object_size_greater_than: and.ObjectSizeGreaterThan ?? 0,
            object_size_less_than: and.ObjectSizeLessThan ?? 0,
            tags: Object.fromEntries((and.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
          },
        ]
      : [],
  };
}

const dateText = (date: Date | undefined): string | undefined => date?.toISOString().replace('.000Z', 'Z');
