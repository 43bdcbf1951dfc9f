// aws_s3_bucket_replication_configuration.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_replication_configuration
import type { Destination, ReplicationRule, ReplicationRuleFilter, SourceSelectionCriteria } from '@aws-sdk/client-s3';

import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { bucketSetting } from './bucket-setting.ts';

/** Blocks of a rule, and of its destination, that the cloud would not do. */
const UNSERVED = ['existing_object_replication'];
const UNSERVED_IN_DESTINATION = ['access_control_translation'];

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
  const {
    Filter: filter,
    Destination: destination,
    DeleteMarkerReplication: markers,
    SourceSelectionCriteria: criteria,
  } = rule;
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
        encryption_configuration: destination?.EncryptionConfiguration
          ? [{ replica_kms_key_id: destination.EncryptionConfiguration.ReplicaKmsKeyID }]
          : [],
        metrics: destination?.Metrics
          ? [{ status: destination.Metrics.Status, event_threshold: minutesOf(destination.Metrics.EventThreshold) }]
          : [],
        replication_time: destination?.ReplicationTime
          ? [{ status: destination.ReplicationTime.Status, time: minutesOf(destination.ReplicationTime.Time) }]
          : [],
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
    source_selection_criteria: criteria
      ? [
          {
            replica_modifications: statusBlock(criteria.ReplicaModifications),
            sse_kms_encrypted_objects: statusBlock(criteria.SseKmsEncryptedObjects),
          },
        ]
      : [],
  };
}

const minutesOf = (time: { Minutes?: number | undefined } | undefined) => (time ? [{ minutes: time.Minutes }] : []);

const statusBlock = (part: { Status: string | undefined } | undefined) => (part ? [{ status: part.Status }] : []);

function ruleOf(rule: Attributes): ReplicationRule {
  const [destination = {}] = (rule['destination'] ?? []) as Attributes[];
  const [markers] = (rule['delete_marker_replication'] ?? []) as Attributes[];
  const [filter] = (rule['filter'] ?? []) as Attributes[];
  const [criteria] = (rule['source_selection_criteria'] ?? []) as Attributes[];
  return {
    ...(rule['id'] && { ID: rule['id'] as string }),
    Status: rule['status'],
    // Rules with a filter have a priority, those of the first kind have none.
    ...(filter ? { Priority: rule['priority'] ?? 0, Filter: filterOf(filter) } : { Prefix: rule['prefix'] ?? '' }),
    ...(markers && { DeleteMarkerReplication: { Status: markers['status'] } }),
    ...(criteria && { SourceSelectionCriteria: criteriaOf(criteria) }),
    Destination: {
      Bucket: destination['bucket'],
      ...(destination['account'] && { Account: destination['account'] as string }),
      ...(destination['storage_class'] && { StorageClass: destination['storage_class'] as 'STANDARD' }),
      ...timesOf(destination),
    },
  };
}

function criteriaOf(criteria: Attributes): SourceSelectionCriteria {
  const [modifications] = (criteria['replica_modifications'] ?? []) as Attributes[];
  const [encrypted] = (criteria['sse_kms_encrypted_objects'] ?? []) as Attributes[];
  return {
    ...(modifications && { ReplicaModifications: { Status: modifications['status'] } }),
    ...(encrypted && { SseKmsEncryptedObjects: { Status: encrypted['status'] } }),
  };
}

function timesOf(destination: Attributes): Partial<Destination> {
  const [encryption] = (destination['encryption_configuration'] ?? []) as Attributes[];
  const [metrics] = (destination['metrics'] ?? []) as Attributes[];
  const [time] = (destination['replication_time'] ?? []) as Attributes[];
  const minutes = (block: Attributes[] | undefined) => ({ Minutes: block?.[0]?.['minutes'] as number });
  return {
    ...(encryption && { EncryptionConfiguration: { ReplicaKmsKeyID: encryption['replica_kms_key_id'] } }),
    ...(metrics && {
      Metrics: {
        Status: metrics['status'],
        ...(metrics['event_threshold']?.length > 0 && { EventThreshold: minutes(metrics['event_threshold']) }),
      },
    }),
    ...(time && { ReplicationTime: { Status: time['status'], Time: minutes(time['time']) } }),
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
