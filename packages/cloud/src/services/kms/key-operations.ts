// Keys made, described, changed, disabled and deleted.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
import { randomUUID } from 'node:crypto';

import type {
  CreateKeyRequest,
  CustomerMasterKeySpec,
  DescribeKeyRequest,
  KeyMetadata,
  MultiRegionConfiguration,
  ListKeysRequest,
  ScheduleKeyDeletionRequest,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateKeyDescriptionRequest,
} from '@aws-sdk/client-kms';

import { notSupported } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onNothing, tagsContext } from './access.ts';
import { invalidState, unsupported, validation } from './errors.ts';
import { checkPolicy, defaultPolicy } from './key-policy.ts';
import { DAY_MILLISECONDS, originOf, requireNotDeleting, stateOf, type Key } from './keys.ts';
import { generate } from './material.ts';
import { onKey, onKeyItself, page, type Kms, type PageInput } from './service.ts';
import { requireSpec, requireUsage, SPECS } from './specs.ts';
import { fromTags, toTags, withTags } from './tags.ts';

type ByKey = { KeyId: string | undefined };

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const DELETION_DAYS = { least: 7, most: 30 };

export const LONGEST_DESCRIPTION = 8192;

export function keyOperations(kms: Kms) {
  const { keys, times, kernel } = kms;
  const { directory } = kernel.identity;

  return {
    CreateKey: {
      access: (input: CreateKeyRequest, call: Call): Access[] => {
        const context = {
          ...tagsContext(fromTags(input.Tags)),
          'kms:KeySpec': input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
          'kms:KeyUsage': input.KeyUsage ?? 'ENCRYPT_DECRYPT',
          'kms:KeyOrigin': input.Origin ?? 'AWS_KMS',
          'kms:MultiRegion': String(input.MultiRegion ?? false),
          'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
        };
        return ['CreateKey', ...(input.Tags?.length ? ['TagResource'] : [])].map((name) =>
          onNothing(name, call, context),
        );
      },
      run: async (input: CreateKeyRequest, call: Call) => {
        refuseOtherOrigins(input);
        const spec = requireSpec(input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT');
        const usage = requireUsage(spec, input.KeyUsage);
        const id = input.MultiRegion ? `mrk-${randomUUID().replaceAll('-', '')}` : randomUUID();
        const external = input.Origin === 'EXTERNAL';
        if (external && SPECS[spec].family === 'ml-dsa') throw unsupported(`${spec} keys take no imported material.`);
        const arn = `arn:aws:kms:${call.region}:${call.account}:key/${id}`;
        const bypassLockout = input.BypassPolicyLockoutSafetyCheck;
        const key: Key = {
          id,
          arn,
          region: call.region,
          createdAt: call.now,
          spec,
          usage,
          manager: 'CUSTOMER',
          description: requireDescription(input.Description ?? ''),
          policy:
            input.Policy === undefined
              ? defaultPolicy(call.account)
              : checkPolicy(input.Policy, call, { directory, arn, bypassLockout }),
          enabled: true,
          tags: withTags({}, input.Tags),
          material: external ? [] : [await generate(spec, call.now)],
          ...(external && { external }),
          ...(input.MultiRegion && { multiRegion: 'PRIMARY' }),
        };
        keys.save(key);
        return { KeyMetadata: metadataOf(key, call, keys.related(key)) };
      },
    },
    DescribeKey: onKey(kms, 'DescribeKey', (key, _input: DescribeKeyRequest, call) => ({
      KeyMetadata: metadataOf(key, call, keys.related(key)),
    })),
    ListKeys: {
      access: (_: ListKeysRequest, call: Call): Access[] => [onNothing('ListKeys', call)],
      run: (input: ListKeysRequest, call: Call) => {
        const { items, rest } = page(keys.list(call.region), ({ id }) => id, input);
        return { Keys: items.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...rest };
      },
    },
    UpdateKeyDescription: onKeyItself(kms, 'UpdateKeyDescription', (key, input: UpdateKeyDescriptionRequest) => {
      requireNotDeleting(key);
      keys.save({ ...key, description: requireDescription(input.Description ?? '') });
      return {};
    }),
    EnableKey: onKeyItself(kms, 'EnableKey', (key) => {
      requireNotDeleting(key);
      requireMaterial(key);
      const enabled = { ...key, enabled: true };
      keys.save(enabled);
      times.arm(enabled);
      return {};
    }),
    DisableKey: onKeyItself(kms, 'DisableKey', (key) => {
      requireNotDeleting(key);
      requireMaterial(key);
      const disabled = { ...key, enabled: false };
      keys.save(disabled);
      times.arm(disabled);
      return {};
    }),
    ScheduleKeyDeletion: onKeyItself(
      kms,
      'ScheduleKeyDeletion',
      (key, { PendingWindowInDays: days = DELETION_DAYS.most }: ScheduleKeyDeletionRequest, call) => {
        const { least, most } = DELETION_DAYS;
        if (days < least || days > most) {
          throw validation(`PendingWindowInDays must be between ${least} and ${most}, and is ${days}.`);
        }
        requireNotDeleting(key);
        // A primary waits for its replicas, and its own days begin when the last of them is gone.
        const waits = key.multiRegion === 'PRIMARY' && keys.related(key).length > 1;
        const at = call.now + days * DAY_MILLISECONDS;
        const doomed: Key = { ...key, enabled: false, deletion: waits ? { days } : { at, days } };
        keys.save(doomed);
        times.arm(doomed);
        return {
          KeyId: key.arn,
          ...(!waits && { DeletionDate: new Date(at) }),
          KeyState: stateOf(doomed),
          PendingWindowInDays: days,
        };
      },
      ({ PendingWindowInDays: days }) => ({
        context: { 'kms:ScheduleKeyDeletionPendingWindowInDays': days === undefined ? undefined : String(days) },
      }),
    ),
    CancelKeyDeletion: onKeyItself(kms, 'CancelKeyDeletion', (key) => {
      if (!key.deletion) throw invalidState(`${key.arn} is not pending deletion.`);
      const { deletion: _deletion, ...kept } = key;
      keys.save(kept);
      times.arm(kept);
      return { KeyId: key.arn };
    }),
    TagResource: onKeyItself(
      kms,
      'TagResource',
      (key, input: TagResourceRequest) => {
        requireNotDeleting(key);
        keys.save({ ...key, tags: withTags(key.tags, input.Tags) });
        return {};
      },
      ({ Tags }) => ({ context: tagsContext(fromTags(Tags)) }),
    ),
    UntagResource: onKeyItself(
      kms,
      'UntagResource',
      (key, input: UntagResourceRequest) => {
        requireNotDeleting(key);
        const removed = new Set(input.TagKeys);
        const kept = Object.entries(key.tags).filter(([name]) => !removed.has(name));
        keys.save({ ...key, tags: Object.fromEntries(kept) });
        return {};
      },
      ({ TagKeys }) => ({ context: { 'aws:TagKeys': TagKeys } }),
    ),
    ListResourceTags: onKeyItself(kms, 'ListResourceTags', (key, input: ByKey & PageInput) => {
      const { items, rest } = page(toTags(key.tags), ({ TagKey }) => TagKey!, input);
      return { Tags: items, ...rest };
    }),
  };
}

function requireMaterial(key: Key): void {
  if (key.material.length === 0) throw invalidState(`${key.arn} is pending import.`);
}

/** As DescribeKey answers it. */
export function metadataOf(key: Key, { account }: Pick<Call, 'account'>, related: readonly Key[]): KeyMetadata {
  const { encryption, signing, mac, agreement, family } = SPECS[key.spec];
  return {
    AWSAccountId: account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: stateOf(key) === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: stateOf(key),
    Origin: originOf(key),
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec as CustomerMasterKeySpec,
    KeySpec: key.spec,
    MultiRegion: key.multiRegion !== undefined,
    ...(key.multiRegion && { MultiRegionConfiguration: multiRegionOf(key, related) }),
    ...(key.usage === 'ENCRYPT_DECRYPT' && { EncryptionAlgorithms: [...encryption] }),
    ...(key.usage === 'SIGN_VERIFY' && { SigningAlgorithms: [...signing] }),
    ...(key.usage === 'GENERATE_VERIFY_MAC' && { MacAlgorithms: [...mac] }),
    ...(key.usage === 'KEY_AGREEMENT' && { KeyAgreementAlgorithms: [...agreement] }),
    ...deletionOf(key),
    ...(key.external && key.material.length > 0 && importOf(key)),
    ...(family === 'symmetric' && !key.deletion && { CurrentKeyMaterialId: key.material.at(-1)?.id }),
  };
}

const importOf = ({ expiresAt }: Key): Partial<KeyMetadata> =>
  expiresAt === undefined
    ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
    : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(expiresAt) };

function deletionOf({ deletion }: Key): Partial<KeyMetadata> {
  if (!deletion) return {};
  return deletion.at === undefined
    ? { PendingDeletionWindowInDays: deletion.days }
    : { DeletionDate: new Date(deletion.at) };
}

function multiRegionOf({ multiRegion }: Key, related: readonly Key[]): MultiRegionConfiguration {
  const place = ({ arn, region }: Key) => ({ Arn: arn, Region: region });
  const primary = related.find((key) => key.multiRegion === 'PRIMARY');
  return {
    MultiRegionKeyType: multiRegion,
    ...(primary && { PrimaryKey: place(primary) }),
    ReplicaKeys: related.filter((key) => key.multiRegion === 'REPLICA').map(place),
  };
}

function refuseOtherOrigins({ Origin = 'AWS_KMS' }: CreateKeyRequest): void {
  if (Origin !== 'AWS_KMS' && Origin !== 'EXTERNAL') {
    throw notSupported(`Origin ${Origin} is not supported here: there are no custom key stores.`);
  }
}

export function requireDescription(description: string): string {
  if (description.length <= LONGEST_DESCRIPTION) return description;
  throw validation(
    `1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to ${LONGEST_DESCRIPTION}`,
  );
}
