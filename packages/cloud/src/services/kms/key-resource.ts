// aws_kms_key and aws_kms_key_policy.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key
import type { CreateKeyRequest, KeyMetadata } from '@aws-sdk/client-kms';

import { orNull } from '../../terraform/or-null.ts';
import {
  choiceProblems,
  jsonProblems,
  lengthProblems,
  rangeProblems,
  requiredWithProblems,
} from '../../terraform/problems.ts';
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { LONGEST_DESCRIPTION, DELETION_DAYS } from './key-operations.ts';
import { defaultPolicy } from './key-policy.ts';
import type { KmsOperations } from './operations.ts';
import { PERIOD_DAYS } from './rotation-operations.ts';
import { fromTags, toTags } from './tags.ts';

export type Kms = Client<KmsOperations>;

const USAGES = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'];

const key: ResourceType = {
  type: 'aws_kms_key',
  replace: ['customer_master_key_spec', 'key_usage', 'multi_region', 'custom_key_store_id', 'xks_key_id'],
  defaults: {
    bypass_policy_lockout_safety_check: false,
    customer_master_key_spec: 'SYMMETRIC_DEFAULT',
    enable_key_rotation: false,
    is_enabled: true,
    key_usage: 'ENCRYPT_DECRYPT',
  },
  validate: (config) => [
    ...lengthProblems(config, 'description', 0, LONGEST_DESCRIPTION),
    ...choiceProblems(config, 'key_usage', USAGES),
    ...rangeProblems(config, 'deletion_window_in_days', DELETION_DAYS.least, DELETION_DAYS.most),
    ...rangeProblems(config, 'rotation_period_in_days', PERIOD_DAYS.least, PERIOD_DAYS.most),
    ...requiredWithProblems(config, 'rotation_period_in_days', 'enable_key_rotation'),
    ...jsonProblems(config, 'policy'),
  ],
  async create(planned, context) {
    const kms = clientOf(context);
    const { KeyMetadata: metadata } = await kms('CreateKey', {
      BypassPolicyLockoutSafetyCheck: planned['bypass_policy_lockout_safety_check'],
      KeySpec: planned['customer_master_key_spec'],
      KeyUsage: planned['key_usage'],
      CustomKeyStoreId: planned['custom_key_store_id'] || undefined,
      XksKeyId: planned['xks_key_id'] || undefined,
      Description: planned['description'] || undefined,
      MultiRegion: planned['multi_region'] ?? undefined,
      Policy: planned['policy'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    } satisfies Partial<CreateKeyRequest>);
    const KeyId = metadata.KeyId!;
    context.created({ id: KeyId });
    if (planned['enable_key_rotation']) await syncRotation(kms, KeyId, planned);
    if (!planned['is_enabled']) await kms('DisableKey', { KeyId });
    return { id: KeyId };
  },
  async read(state, context) {
    const kms = clientOf(context);
    const metadata = await findKey(kms, state['id']);
    if (!metadata) return null;
    const { KeyId } = metadata as { KeyId: string };
    const { Policy } = await kms('GetKeyPolicy', { KeyId, PolicyName: 'default' });
    const rotation = await kms('GetKeyRotationStatus', { KeyId });
    return {
      arn: metadata.Arn,
      custom_key_store_id: metadata.CustomKeyStoreId ?? '',
      customer_master_key_spec: metadata.KeySpec,
      description: metadata.Description ?? '',
      enable_key_rotation: rotation.KeyRotationEnabled,
      is_enabled: metadata.Enabled,
      key_id: KeyId,
      key_usage: metadata.KeyUsage,
      multi_region: metadata.MultiRegion,
      policy: Policy,
      rotation_period_in_days: rotation.RotationPeriodInDays ?? 0,
      xks_key_id: '',
      tags_all: await tagsOf(kms, KeyId),
    };
  },
  async update(prior, planned, context) {
    const kms = clientOf(context);
    const KeyId: string = prior['id'];
    const changed = (...names: string[]) => names.some((name) => prior[name] !== planned[name]);
    // A disabled key takes no other change: it is enabled before them, and disabled after them.
    if (changed('is_enabled') && planned['is_enabled']) await kms('EnableKey', { KeyId });
    if (changed('enable_key_rotation', 'rotation_period_in_days')) await syncRotation(kms, KeyId, planned);
    await changeOwn(kms, prior, planned);
    if (changed('is_enabled') && !planned['is_enabled']) await kms('DisableKey', { KeyId });
  },
  delete: scheduleDeletion,
};

const keyPolicy: ResourceType = {
  type: 'aws_kms_key_policy',
  replace: ['key_id'],
  defaults: { bypass_policy_lockout_safety_check: false },
  validate: (config) => jsonProblems(config, 'policy'),
  async create(planned, context) {
    await putPolicy(clientOf(context), planned['key_id'], planned['policy'], planned);
    return { id: planned['key_id'] };
  },
  async read(state, context) {
    const kms = clientOf(context);
    if (!(await findKey(kms, state['id']))) return null;
    const { Policy } = await kms('GetKeyPolicy', { KeyId: state['id'], PolicyName: 'default' });
    return { key_id: state['id'], policy: Policy };
  },
  async update(prior, planned, context) {
    if (prior['policy'] !== planned['policy']) {
      await putPolicy(clientOf(context), prior['id'], planned['policy'], planned);
    }
  },
  async delete(state, context) {
    const kms = clientOf(context);
    if (!(await findKey(kms, state['id']))) return;
    await putPolicy(kms, state['id'], defaultPolicy(context.account), state);
  },
};

export const keyResources: readonly ResourceType[] = [key, keyPolicy];

export const clientOf = (context: ResourceContext): Kms => context.client<KmsOperations>('kms');

export async function scheduleDeletion(state: Attributes, context: ResourceContext): Promise<void> {
  const kms = clientOf(context);
  if (!(await findKey(kms, state['id']))) return;
  const PendingWindowInDays: number | undefined = state['deletion_window_in_days'] || undefined;
  await kms('ScheduleKeyDeletion', { KeyId: state['id'], PendingWindowInDays });
}

/** What KMS tells of the key; null where it is gone, or about to be. */
export async function findKey(kms: Kms, KeyId: string): Promise<KeyMetadata | null> {
  const metadata = (await orNull(kms('DescribeKey', { KeyId }), 'NotFoundException'))?.KeyMetadata;
  const gone = metadata?.KeyState?.startsWith('Pending') && metadata.KeyState.endsWith('Deletion');
  return metadata && !gone ? metadata : null;
}

export async function tagsOf(kms: Kms, KeyId: string): Promise<Record<string, string>> {
  const { Tags } = await kms('ListResourceTags', { KeyId });
  return fromTags(Tags);
}

async function syncRotation(kms: Kms, KeyId: string, planned: Attributes): Promise<void> {
  const RotationPeriodInDays: number | undefined = planned['rotation_period_in_days'] || undefined;
  if (planned['enable_key_rotation']) await kms('EnableKeyRotation', { KeyId, RotationPeriodInDays });
  else await kms('DisableKeyRotation', { KeyId });
}

/** Changes what each key has of its own: its description, its policy and its tags. */
export async function changeOwn(kms: Kms, prior: Attributes, planned: Attributes): Promise<void> {
  const KeyId: string = prior['id'];
  if (prior['description'] !== planned['description']) {
    await kms('UpdateKeyDescription', { KeyId, Description: planned['description'] ?? '' });
  }
  if (prior['policy'] !== planned['policy']) await putPolicy(kms, KeyId, planned['policy'], planned);
  const tags = tagChanges(prior, planned);
  if (tags.removed.length > 0) await kms('UntagResource', { KeyId, TagKeys: tags.removed });
  if (Object.keys(tags.set).length > 0) await kms('TagResource', { KeyId, Tags: toTags(tags.set) });
}

export const putPolicy = (kms: Kms, KeyId: string, Policy: string, planned: Attributes): Promise<unknown> =>
  kms('PutKeyPolicy', {
    KeyId,
    PolicyName: 'default',
    Policy,
    BypassPolicyLockoutSafetyCheck: planned['bypass_policy_lockout_safety_check'] ?? false,
  });
