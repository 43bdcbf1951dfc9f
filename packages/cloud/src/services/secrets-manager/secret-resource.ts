// aws_secretsmanager_secret and aws_secretsmanager_secret_policy.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret
import type { DescribeSecretResponse, ReplicaRegionType, ReplicationStatusType } from '@aws-sdk/client-secrets-manager';

import { orNull } from '../../terraform/or-null.ts';
import { conflictProblems, jsonProblems, patternProblems, type Problem } from '../../terraform/problems.ts';
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import type { SecretsManagerOperations } from './operations.ts';
import { fromTags, RECOVERY_DAYS, toTags } from './secret-operations.ts';
import { DEFAULT_KEY } from './values.ts';

type Secrets = Client<SecretsManagerOperations>;

const NAME = /^[\w/+=.@-]+$/;

const secret: ResourceType = {
  type: 'aws_secretsmanager_secret',
  replace: ['name', 'name_prefix', 'type'],
  // No policy, said in two ways.
  same: { policy: (before, next) => !hasPolicy({ policy: before }) && !hasPolicy({ policy: next }) },
  defaults: { force_overwrite_replica_secret: false, recovery_window_in_days: RECOVERY_DAYS.most },
  validate: (config) => [
    ...conflictProblems(config, 'name', 'name_prefix'),
    ...patternProblems(config, 'name', NAME, 'must match [0-9A-Za-z/_+=.@-]'),
    ...patternProblems(config, 'name_prefix', NAME, 'must match [0-9A-Za-z/_+=.@-]'),
    ...windowProblems(config['recovery_window_in_days']),
    ...jsonProblems(config, 'policy'),
  ],
  async create(planned, context) {
    const secrets = clientOf(context);
    const replicas = replicasOf(planned);
    const { ARN } = await secrets('CreateSecret', {
      Name: nameFor(planned),
      Description: planned['description'] || undefined,
      KmsKeyId: planned['kms_key_id'] || undefined,
      ForceOverwriteReplicaSecret: planned['force_overwrite_replica_secret'] || undefined,
      AddReplicaRegions: replicas.length > 0 ? replicas : undefined,
      Type: planned['type'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    context.created({ id: ARN });
    if (hasPolicy(planned)) await secrets('PutResourcePolicy', { SecretId: ARN, ResourcePolicy: planned['policy'] });
    return { id: ARN };
  },
  async read({ id }, context) {
    const secrets = clientOf(context);
    const found = await findSecret(secrets, id);
    if (!found) return null;
    const { ResourcePolicy } = await secrets('GetResourcePolicy', { SecretId: id });
    return {
      arn: found.ARN,
      description: found.Description ?? '',
      kms_key_id: found.KmsKeyId ?? '',
      name: found.Name,
      name_prefix: prefixOf(found.Name ?? ''),
      policy: ResourcePolicy ?? '',
      replica: (found.ReplicationStatus ?? []).map(replicaAttributes),
      tags_all: fromTags(found.Tags),
    };
  },
  async update(prior, planned, context) {
    const secrets = clientOf(context);
    const SecretId: string = prior['id'];
    const changed = (name: string) => (prior[name] || '') !== (planned[name] || '');
    if (changed('description') || changed('kms_key_id')) {
      await secrets('UpdateSecret', {
        SecretId,
        Description: planned['description'] ?? '',
        KmsKeyId: planned['kms_key_id'] ?? '',
      });
    }
    if (changed('policy')) {
      if (hasPolicy(planned)) await secrets('PutResourcePolicy', { SecretId, ResourcePolicy: planned['policy'] });
      else await secrets('DeleteResourcePolicy', { SecretId });
    }
    await changeReplicas(secrets, prior, planned);
    const tags = tagChanges(prior, planned);
    if (tags.removed.length > 0) await secrets('UntagResource', { SecretId, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await secrets('TagResource', { SecretId, Tags: toTags(tags.set) });
  },
  async delete(state, context) {
    const secrets = clientOf(context);
    const regions = replicasOf(state).map(({ Region }) => Region!);
    if (regions.length > 0) {
      const remove = { SecretId: state['id'], RemoveReplicaRegions: regions };
      await orNull(secrets('RemoveRegionsFromReplication', remove), ...GONE);
    }
    const days: number = state['recovery_window_in_days'];
    const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days };
    await orNull(secrets('DeleteSecret', { SecretId: state['id'], ...how }), ...GONE);
  },
};

const replicasOf = (state: Attributes): ReplicaRegionType[] =>
  ((state['replica'] ?? []) as Attributes[]).map(({ region, kms_key_id: key }) => ({
    Region: region,
    ...(key && key !== DEFAULT_KEY && { KmsKeyId: key }),
  }));

const replicaAttributes = (replica: ReplicationStatusType): Attributes => ({
  region: replica.Region,
  kms_key_id: replica.KmsKeyId,
  status: replica.Status,
  status_message: replica.StatusMessage ?? '',
  last_accessed_date: replica.LastAccessedDate?.toISOString() ?? '',
});

async function changeReplicas(secrets: Secrets, prior: Attributes, planned: Attributes): Promise<void> {
  const SecretId: string = prior['id'];
  const [before, after] = [replicasOf(prior), replicasOf(planned)];
  const isIn = (list: ReplicaRegionType[]) => (one: ReplicaRegionType) =>
    list.some(({ Region, KmsKeyId }) => Region === one.Region && KmsKeyId === one.KmsKeyId);
  const gone = before.filter((one) => !isIn(after)(one)).map(({ Region }) => Region!);
  const added = after.filter((one) => !isIn(before)(one));
  if (gone.length > 0) await secrets('RemoveRegionsFromReplication', { SecretId, RemoveReplicaRegions: gone });
  if (added.length === 0) return;
  await secrets('ReplicateSecretToRegions', {
    SecretId,
    AddReplicaRegions: added,
    ForceOverwriteReplicaSecret: planned['force_overwrite_replica_secret'] || undefined,
  });
}

const secretPolicy: ResourceType = {
  type: 'aws_secretsmanager_secret_policy',
  replace: ['secret_arn'],
  validate: (config) => jsonProblems(config, 'policy'),
  async create(planned, context) {
    await putPolicy(planned, context);
    return { id: planned['secret_arn'] };
  },
  async read({ id }, context) {
    const found = await orNull(clientOf(context)('GetResourcePolicy', { SecretId: id }), ...GONE);
    return found?.ResourcePolicy === undefined ? null : { secret_arn: found.ARN, policy: found.ResourcePolicy };
  },
  update: (_prior, planned, context) => putPolicy(planned, context),
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteResourcePolicy', { SecretId: id }), ...GONE);
  },
};

export const secretResources: readonly ResourceType[] = [secret, secretPolicy];

/** What AWS answers of a secret that is gone, or waits to be. */
export const GONE = ['ResourceNotFoundException', 'InvalidRequestException'];

const clientOf = (context: ResourceContext): Secrets => context.client<SecretsManagerOperations>('secretsmanager');

/** The secret; null where it is gone, or waits to be. */
async function findSecret(secrets: Secrets, SecretId: string): Promise<DescribeSecretResponse | null> {
  const found = await orNull(secrets('DescribeSecret', { SecretId }), 'ResourceNotFoundException');
  return found && !found.DeletedDate ? found : null;
}

/** An empty document takes a policy away, as an empty text does. */
const hasPolicy = ({ policy }: Attributes): boolean =>
  policy !== undefined && policy !== null && !/^(\{\s*\})?$/.test(policy);

async function putPolicy(planned: Attributes, context: ResourceContext): Promise<void> {
  await clientOf(context)('PutResourcePolicy', {
    SecretId: planned['secret_arn'],
    ResourcePolicy: planned['policy'],
    BlockPublicPolicy: planned['block_public_policy'] ?? undefined,
  });
}

function windowProblems(days: number | undefined): Problem[] {
  const { least, most } = RECOVERY_DAYS;
  if (typeof days !== 'number' || days === 0 || (days >= least && days <= most)) return [];
  const message = `expected recovery_window_in_days to be 0, or in the range (${least} - ${most}), got ${days}`;
  return [{ attribute: 'recovery_window_in_days', message }];
}
