// aws_kms_replica_key and aws_kms_external_key: keys whose material comes from elsewhere, another region or the customer.
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';

import { jsonProblems, lengthProblems, rangeProblems } from '../../terraform/problems.ts';
import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import { DELETION_DAYS, LONGEST_DESCRIPTION } from './key-operations.ts';
import { changeOwn, clientOf, findKey, scheduleDeletion, tagsOf, type Kms } from './key-resource.ts';
import type { KmsOperations } from './operations.ts';
import { toTags } from './tags.ts';

const problems: ResourceType['validate'] = (config) => [
  ...lengthProblems(config, 'description', 0, LONGEST_DESCRIPTION),
  ...rangeProblems(config, 'deletion_window_in_days', DELETION_DAYS.least, DELETION_DAYS.most),
  ...jsonProblems(config, 'policy'),
];

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_replica_key */
const replica: ResourceType = {
  type: 'aws_kms_replica_key',
  replace: ['primary_key_arn'],
  defaults: { bypass_policy_lockout_safety_check: false, enabled: true },
  validate: problems,
  async create(planned, context) {
    const [, , , primaryRegion = '', , resource = ''] = String(planned['primary_key_arn']).split(':');
    const { ReplicaKeyMetadata: metadata } = await context.client<KmsOperations>('kms', primaryRegion)('ReplicateKey', {
      KeyId: resource.replace(/^key\//, ''),
      ReplicaRegion: context.region,
      BypassPolicyLockoutSafetyCheck: planned['bypass_policy_lockout_safety_check'],
      Description: planned['description'] || undefined,
      Policy: planned['policy'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    const KeyId = metadata.KeyId!;
    context.created({ id: KeyId });
    if (!planned['enabled']) await clientOf(context)('DisableKey', { KeyId });
    return { id: KeyId };
  },
  async read(state, context) {
    const kms = clientOf(context);
    const metadata = await findKey(kms, state['id']);
    if (!metadata) return null;
    const KeyId = metadata.KeyId!;
    const { Policy } = await kms('GetKeyPolicy', { KeyId, PolicyName: 'default' });
    const rotation = await kms('GetKeyRotationStatus', { KeyId });
    return {
      arn: metadata.Arn,
      description: metadata.Description ?? '',
      enabled: metadata.Enabled,
      key_id: KeyId,
      key_rotation_enabled: rotation.KeyRotationEnabled,
      key_spec: metadata.KeySpec,
      key_usage: metadata.KeyUsage,
      policy: Policy,
      primary_key_arn: metadata.MultiRegionConfiguration?.PrimaryKey?.Arn,
      tags_all: await tagsOf(kms, KeyId),
    };
  },
  update: changeEnabled,
  delete: scheduleDeletion,
};

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_external_key */
const external: ResourceType = {
  type: 'aws_kms_external_key',
  replace: ['key_material_base64', 'key_spec', 'key_usage', 'multi_region'],
  defaults: { bypass_policy_lockout_safety_check: false },
  validate: problems,
  async create(planned, context) {
    const kms = clientOf(context);
    const { KeyMetadata: metadata } = await kms('CreateKey', {
      Origin: 'EXTERNAL',
      BypassPolicyLockoutSafetyCheck: planned['bypass_policy_lockout_safety_check'],
      Description: planned['description'] || undefined,
      KeySpec: planned['key_spec'] || undefined,
      KeyUsage: planned['key_usage'] || undefined,
      MultiRegion: planned['multi_region'] ?? undefined,
      Policy: planned['policy'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    const KeyId = metadata.KeyId!;
    context.created({ id: KeyId });
    if (planned['key_material_base64']) {
      await importMaterial(kms, KeyId, planned);
      if (planned['enabled'] === false) await kms('DisableKey', { KeyId });
    }
    return { id: KeyId };
  },
  async read(state, context) {
    const kms = clientOf(context);
    const metadata = await findKey(kms, state['id']);
    if (!metadata) return null;
    const KeyId = metadata.KeyId!;
    const { Policy } = await kms('GetKeyPolicy', { KeyId, PolicyName: 'default' });
    return {
      arn: metadata.Arn,
      description: metadata.Description ?? '',
      enabled: metadata.Enabled,
      expiration_model: metadata.ExpirationModel ?? '',
      key_spec: metadata.KeySpec,
      key_state: metadata.KeyState,
      key_usage: metadata.KeyUsage,
      multi_region: metadata.MultiRegion,
      policy: Policy,
      valid_to: metadata.ValidTo?.toISOString().replace('.000Z', 'Z') ?? '',
      tags_all: await tagsOf(kms, KeyId),
    };
  },
  async update(prior, planned, context) {
    if (prior['valid_to'] !== planned['valid_to']) await importMaterial(clientOf(context), prior['id'], planned);
    await changeEnabled(prior, planned, context);
  },
  delete: scheduleDeletion,
};

export const otherKeyResources: readonly ResourceType[] = [replica, external];

async function changeEnabled(...[prior, planned, context]: Parameters<NonNullable<ResourceType['update']>>) {
  const kms = clientOf(context);
  const KeyId: string = prior['id'];
  const changed = prior['enabled'] !== planned['enabled'];
  // A disabled key takes no other change: it is enabled before them, and disabled after them.
  if (changed && planned['enabled']) await kms('EnableKey', { KeyId });
  await changeOwn(kms, prior, planned);
  if (changed && planned['enabled'] === false) await kms('DisableKey', { KeyId });
}

async function importMaterial(kms: Kms, KeyId: string, planned: Attributes): Promise<void> {
  const { ImportToken, PublicKey } = await kms('GetParametersForImport', {
    KeyId,
    WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    WrappingKeySpec: 'RSA_3072',
  });
  const key = createPublicKey({ key: PublicKey, format: 'der', type: 'spki' });
  const wrapping = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const validTo = planned['valid_to'] ? new Date(planned['valid_to']) : undefined;
  await kms('ImportKeyMaterial', {
    KeyId,
    ImportToken,
    EncryptedKeyMaterial: publicEncrypt(wrapping, Buffer.from(planned['key_material_base64'], 'base64')),
    ExpirationModel: validTo ? 'KEY_MATERIAL_EXPIRES' : 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    ...(validTo && { ValidTo: validTo }),
  });
}
