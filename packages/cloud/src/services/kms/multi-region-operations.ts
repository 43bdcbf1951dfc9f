// Multi-Region keys: one key's id and material in several regions, each with a policy, aliases and tags of its own.
// https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
import type { ReplicateKeyRequest, UpdatePrimaryRegionRequest } from '@aws-sdk/client-kms';

import type { Access, Call } from '../../kernel/service.ts';
import { onNothing, tagsContext } from './access.ts';
import { alreadyExists, unsupported, validation } from './errors.ts';
import { metadataOf, requireDescription } from './key-operations.ts';
import { checkPolicy, defaultPolicy } from './key-policy.ts';
import { requireNotDeleting, type Key } from './keys.ts';
import { onKeyItself, type Kms } from './service.ts';
import { fromTags, toTags, withTags } from './tags.ts';

export function multiRegionOperations(kms: Kms) {
  const { keys, times, kernel } = kms;
  const { directory } = kernel.identity;

  const ReplicateKey = onKeyItself(
    kms,
    'ReplicateKey',
    (key, input: ReplicateKeyRequest, call) => {
      requirePrimary(key, 'ReplicateKey');
      requireNotDeleting(key);
      const region = requireRegion(input.ReplicaRegion, key);
      if (keys.get(region, key.id)) throw alreadyExists(`Key ${arnIn(key, region)} already exists.`);
      const arn = arnIn(key, region);
      const bypassLockout = input.BypassPolicyLockoutSafetyCheck;
      const { deletion: _deletion, rotation: _rotation, expiresAt: _expiresAt, imported: _imported, ...shared } = key;
      const replica: Key = {
        ...shared,
        arn,
        region,
        createdAt: call.now,
        description: requireDescription(input.Description ?? ''),
        policy:
          input.Policy === undefined
            ? defaultPolicy(call.account)
            : checkPolicy(input.Policy, call, { directory, arn, bypassLockout }),
        enabled: true,
        tags: withTags({}, input.Tags),
        multiRegion: 'REPLICA',
        // Imported material is imported region by region.
        material: key.external ? [] : key.material,
      };
      keys.save(replica);
      return {
        ReplicaKeyMetadata: metadataOf(replica, call, keys.related(replica)),
        ReplicaPolicy: replica.policy,
        ReplicaTags: toTags(replica.tags),
      };
    },
    (input) => ({ context: { 'kms:ReplicaRegion': input.ReplicaRegion } }),
  );

  return {
    ReplicateKey: {
      ...ReplicateKey,
      access: (input: ReplicateKeyRequest, call: Call): Access[] => {
        const there = { ...call, region: input.ReplicaRegion ?? call.region };
        const context = tagsContext(fromTags(input.Tags));
        return [
          ...ReplicateKey.access(input, call),
          onNothing('CreateKey', there, context),
          ...(input.Tags?.length ? [onNothing('TagResource', there, context)] : []),
        ];
      },
    },
    UpdatePrimaryRegion: onKeyItself(
      kms,
      'UpdatePrimaryRegion',
      (key, input: UpdatePrimaryRegionRequest) => {
        requirePrimary(key, 'UpdatePrimaryRegion');
        const region = requireRegion(input.PrimaryRegion, key);
        const next = keys.get(region, key.id);
        if (!next)
          throw validation(`Key ${arnIn(key, region)} does not exist: the primary region has to have a replica.`);
        requireNotDeleting(key);
        requireNotDeleting(next);
        const { rotation, ...before } = key;
        const [replica, primary]: [Key, Key] = [
          { ...before, multiRegion: 'REPLICA' },
          { ...next, multiRegion: 'PRIMARY', ...(rotation && { rotation }) },
        ];
        kernel.store.transaction(() => {
          keys.save(replica);
          keys.save(primary);
        });
        times.arm(replica);
        times.arm(primary);
        return {};
      },
      (input) => ({ context: { 'kms:PrimaryRegion': input.PrimaryRegion } }),
    ),
  };
}

function requirePrimary({ arn, multiRegion }: Key, operation: string): void {
  if (multiRegion === 'PRIMARY') return;
  throw unsupported(`${arn} is not a multi-Region primary key, which ${operation} needs.`);
}

function requireRegion(region: string | undefined, key: Key): string {
  if (region !== undefined && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) && region !== key.region) return region;
  throw validation(`Region ${region} has to be another region than that of ${key.arn}.`);
}

const arnIn = ({ arn }: Key, region: string): string => arn.replace(/^(arn:[^:]*:kms:)[^:]*/, `$1${region}`);
