// aws_s3_bucket_replication_configuration.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_replication_configuration
import type { ReplicationRule, ReplicationRuleFilter } from '@aws-sdk/client-s3';

import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting } from './bucket-setting.ts';

/** Blocks of a rule, and of its destination, that the cloud would not do. */
const UNSERVED = ['existing_object_replication', 'source_selection_criteria'];
const UNSERVED_IN_DESTINATION = [
  'access_control_translation',
  'encryption_configuration',
  'metrics',
  'replication_time',
];

export const replicationConfiguration: ResourceType = bucketSetting({
  type: 'aws_s3_bucket_replication_configuration',
  validate: ({ rule = [] }) =>
    (rule as Attributes[]).flatMap((each, index) => {
      const [destination = {}] = (each['destination'] ?? []) as Attributes[];
      const served = (attributes: Attributes, path: string) => (name: string) =>
        attributes[name]?.length > 0
          ? [{ attribute: `${path}.${name}`, message: `${name} is not supported here` }]
          : [];
      return [
        ...UNSERVED.flatMap(served(each, `rule.${index}`)),
        ...UNSERVED_IN_DESTINATION.flatMap(served(destination, `rule.${index}.destination.0`)),
      ];
    }),
  find: async (s3, target) => {
    const { ReplicationConfiguration: found } = await s3('GetBucketReplication', target);
    return { role: found?.Role, rule: (found?.Rules ?? []).map(attributesOf) };
  },
  put: (s3, target, planned) =>
    s3('PutBucketReplication', {
      ...target,
      ReplicationConfiguration: { Role: planned['role'], Rules: ((planned['rule'] ?? []) as Attributes[]).map(ruleOf) },
    }),
  remove: (s3, target) => s3('DeleteBucketReplication', target),
});

function attributesOf(rule: ReplicationRule): Attributes {
  const { Filter: filter, Destination: destination, DeleteMarkerReplication: markers } = rule;
  return {
    id: rule.ID,
    prefix: rule.Prefix ?? '',
    priority: rule.Priority ?? 0,
    status: rule.Status,
    delete_marker_replication: markers ? [{ status: markers.Status }] : [],
    destination: [
      {
        account: destination?.Account ?? '',
        bucket: destination?.Bucket,
        storage_class: destination?.StorageClass ?? '',
        access_control_translation: [],
        encryption_configuration: [],
        metrics: [],
        replication_time: [],
      },
    ],
    existing_object_replication: [],
    filter: filter
      ? [
          {
            prefix: filter.And ? '' : (filter.Prefix ?? ''),
            tag: filter.Tag ? [{ key: filter.Tag.Key, value: filter.Tag.Value }] : [],
            and: filter.And
              ? [
                  {
                    prefix: filter.And.Prefix ?? '',
                    tags: Object.fromEntries((filter.And.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
                  },
                ]
              : [],
          },
        ]
      : [],
    source_selection_criteria: [],
  };
}

function ruleOf(rule: Attributes): ReplicationRule {
  const [destination = {}] = (rule['destination'] ?? []) as Attributes[];
  const [markers] = (rule['delete_marker_replication'] ?? []) as Attributes[];
  const [filter] = (rule['filter'] ?? []) as Attributes[];
  return {
    ...(rule['id'] && { ID: rule['id'] as string }),
    Status: rule['status'],
    // Rules with a filter have a priority, those of the first kind have none.
    ...(filter ? { Priority: rule['priority'] ?? 0, Filter: filterOf(filter) } : { Prefix: rule['prefix'] ?? '' }),
    ...(markers && { DeleteMarkerReplication: { Status: markers['status'] } }),
    Destination: {
      Bucket: destination['bucket'],
      ...(destination['account'] && { Account: destination['account'] as string }),
      ...(destination['storage_class'] && { StorageClass: destination['storage_class'] as 'STANDARD' }),
    },
  };
}

function filterOf(filter: Attributes): ReplicationRuleFilter {
  const [and] = (filter['and'] ?? []) as Attributes[];
  const [tag] = (filter['tag'] ?? []) as Attributes[];
  if (and) {
    const tags = Object.entries((and['tags'] ?? {}) as Record<string, string>);
    return { And: { Prefix: and['prefix'] || undefined, Tags: tags.map(([Key, Value]) => ({ Key, Value })) } };
  }
  return tag ? { Tag: { Key: tag['key'], Value: tag['value'] } } : { Prefix: filter['prefix'] ?? '' };
}
