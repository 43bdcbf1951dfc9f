// Secrets made, described, listed, changed, tagged and deleted.
import type {
  CreateSecretRequest,
  DeleteSecretRequest,
  DescribeSecretResponse,
  ListSecretsRequest,
  SecretListEntry,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateSecretRequest,
} from '@aws-sdk/client-secrets-manager';

import { requestTags } from '../../kernel/identity/context.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onNothing, onSecret, unknownArn } from './access.ts';
import { alreadyExists, invalidParameter, invalidRequest } from './errors.ts';
import { matchesFilters } from './filters.ts';
import { putVersion } from './put-version.ts';
import { requirePrimary, statusOf } from './replicas.ts';
import { daysOf } from './rotation.ts';
import { newArn, requireName, type Secret } from './secrets.ts';
import { onOne, onPrimary, page, type SecretsManager } from './service.ts';
import { addVersion } from './stages.ts';
import { DEFAULT_KEY, resealed, sealValue, valueOf } from './values.ts';

type ById = { SecretId: string | undefined };

const DAY_MILLISECONDS = 86_400_000;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
export const RECOVERY_DAYS = { least: 7, most: 30 };

const TAGS_LIMIT = 50;

export function secretOperations(manager: SecretsManager) {
  const { kernel, secrets, times, replicas } = manager;

  return {
    CreateSecret: {
      access: (input: CreateSecretRequest, call: Call): Access[] => {
        const resource = unknownArn(call, input.Name ?? '');
        const context = {
          ...requestTags(fromTags(input.Tags)),
          'secretsmanager:Name': input.Name,
          'secretsmanager:Description': input.Description,
          'secretsmanager:KmsKeyId': input.KmsKeyId,
          'secretsmanager:AddReplicaRegions': input.AddReplicaRegions?.map(({ Region = '' }) => Region),
          'secretsmanager:ForceOverwriteReplicaSecret': String(input.ForceOverwriteReplicaSecret ?? false),
        };
        return ['CreateSecret', ...(input.Tags?.length ? ['TagResource'] : [])].map((operation) => ({
          action: `secretsmanager:${operation}`,
          resource,
          context,
        }));
      },
      run: async (input: CreateSecretRequest, call: Call) => {
        const { AddReplicaRegions: regions = [], ForceOverwriteReplicaSecret: force = false } = input;
        const name = requireName(input.Name);
        const value = valueOf(input);
        const id = input.ClientRequestToken ?? uuid();
        const existing = secrets.find(call, name);
        if (existing) {
          // The same request again, as a client sends it that did not hear the answer, finds the secret that it made.
          const known = existing.deletesAt === undefined && existing.versions.some((version) => version.id === id);
          if (!known || !value) throw existsAlready(existing);
          await putVersion(manager, call, existing, { id, value });
          return { ARN: existing.arn, Name: name, VersionId: id };
        }
        const secret: Secret = {
          name,
          arn: newArn(call, name),
          region: call.region,
          createdAt: call.now,
          changedAt: call.now,
          description: input.Description,
          kmsKeyId: ownKey(input.KmsKeyId),
          tags: withTags({}, input.Tags),
          versions: [],
        };
        if (value) {
          const sealed = await sealValue(kernel, call, secret, id, value);
          addVersion(secret, { id, createdAt: call.now, value: sealed, stages: [] });
        }
        const meanwhile = secrets.find(call, name);
        if (meanwhile) throw existsAlready(meanwhile);
        secrets.save(secret);
        const made = { ARN: secret.arn, Name: name, ...(value && { VersionId: id }) };
        if (regions.length === 0) return made;
        await replicas.add(call, secret.arn, { regions, force });
        return { ...made, ReplicationStatus: statusOf(secrets.require(call, secret.arn)) };
      },
    },
    DescribeSecret: {
      access: (input: ById, call: Call): Access[] => [onSecret(secrets, 'DescribeSecret', input.SecretId, call)],
      run: (input: ById, call: Call): DescribeSecretResponse => {
        const secret = secrets.require(call, input.SecretId);
        return { ...describe(secret), VersionIdsToStages: stagesOf(secret), ReplicationStatus: statusOf(secret) };
      },
    },
    ListSecrets: {
      access: (): Access[] => [onNothing('ListSecrets')],
      run: (input: ListSecretsRequest, call: Call) => {
        const found = secrets
          .list(call.region)
          .filter(({ deletesAt }) => deletesAt === undefined || input.IncludePlannedDeletion)
          .filter((secret) => matchesFilters(secret, input.Filters))
          .toSorted(orderOf(input));
        const { items, rest } = page(found, ({ name }) => name, input);
        const SecretList = items.map((secret): SecretListEntry => ({
          ...describe(secret),
          SecretVersionsToStages: stagesOf(secret),
        }));
        return { SecretList, ...rest };
      },
    },
    UpdateSecret: onOne(
      manager,
      'UpdateSecret',
      async (before, input: UpdateSecretRequest, call) => {
        const value = valueOf(input);
        // A replica's key alone is its own.
        if (value || input.Description !== undefined) requirePrimary(before);
        const id = input.ClientRequestToken ?? uuid();
        const kmsKeyId = input.KmsKeyId === undefined ? before.kmsKeyId : ownKey(input.KmsKeyId);
        const target = { ...before, kmsKeyId };
        if (value) await putVersion(manager, call, target, { id, value });
        const moved = kmsKeyId === before.kmsKeyId ? new Map() : await resealed(kernel, call, target);
        const secret = secrets.requireLive(call, before.arn);
        const { Description: description = secret.description } = input;
        const versions = secret.versions.map((version) => ({ ...version, ...moved.get(version.id) }));
        secrets.save({ ...secret, description, kmsKeyId, versions, changedAt: call.now });
        await replicas.sync(call, secret.arn);
        return { ARN: secret.arn, Name: secret.name, ...(value && { VersionId: id }) };
      },
      (input) => ({ 'secretsmanager:Description': input.Description, 'secretsmanager:KmsKeyId': input.KmsKeyId }),
    ),
    DeleteSecret: {
      access: (input: DeleteSecretRequest, call: Call): Access[] => [
        onSecret(secrets, 'DeleteSecret', input.SecretId, call, {
          'secretsmanager:RecoveryWindowInDays': input.RecoveryWindowInDays?.toString(),
          'secretsmanager:ForceDeleteWithoutRecovery': String(input.ForceDeleteWithoutRecovery ?? false),
        }),
      ],
      run: (input: DeleteSecretRequest, call: Call) => {
        const { ForceDeleteWithoutRecovery: force = false, RecoveryWindowInDays: window } = input;
        const days = force ? 0 : requireWindow(window);
        if (force && window !== undefined) {
          throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
        }
        const DeletionDate = new Date(call.now + days * DAY_MILLISECONDS);
        if (force && !secrets.find(call, input.SecretId ?? '')) {
          // What must be gone, and is not there, is answered as gone.
          const name = input.SecretId ?? '';
          return { ARN: name.startsWith('arn:') ? name : newArn(call, name), Name: name, DeletionDate };
        }
        const secret = force ? secrets.require(call, input.SecretId) : secrets.requireLive(call, input.SecretId);
        requirePrimary(secret);
        if (secret.replicas?.length) throw hasReplicas(secret);
        if (force) secrets.delete(secret);
        else secrets.save({ ...secret, deletesAt: DeletionDate.getTime() });
        times.arm({ ...secret, deletesAt: force ? undefined : DeletionDate.getTime(), rotation: undefined });
        return { ARN: secret.arn, Name: secret.name, DeletionDate };
      },
    },
    RestoreSecret: {
      access: (input: ById, call: Call): Access[] => [onSecret(secrets, 'RestoreSecret', input.SecretId, call)],
      run: (input: ById, call: Call) => {
        const { deletesAt: _deletesAt, ...secret } = secrets.require(call, input.SecretId);
        secrets.save(secret);
        times.arm(secret);
        return { ARN: secret.arn, Name: secret.name };
      },
    },
    TagResource: onPrimary(
      manager,
      'TagResource',
      (secret, input: TagResourceRequest) => {
        secrets.save({ ...secret, tags: withTags(secret.tags, input.Tags) });
        return {};
      },
      ({ Tags }) => requestTags(fromTags(Tags)),
    ),
    UntagResource: onPrimary(
      manager,
      'UntagResource',
      (secret, input: UntagResourceRequest) => {
        const removed = new Set(input.TagKeys);
        const kept = Object.entries(secret.tags).filter(([key]) => !removed.has(key));
        secrets.save({ ...secret, tags: Object.fromEntries(kept) });
        return {};
      },
      ({ TagKeys }) => ({ 'aws:TagKeys': TagKeys }),
    ),
  };
}

/** The customer's own key; AWS's managed one, which an empty text means too, goes without saying. */
const ownKey = (named: string | undefined): string | undefined => (!named || named === DEFAULT_KEY ? undefined : named);

/** What DescribeSecret and ListSecrets both tell. */
function describe(secret: Secret) {
  const { rotation, rotatedAt, versions } = secret;
  const accessed = Math.max(...versions.map(({ accessedAt = 0 }) => accessedAt), 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    // Nothing is said of a secret that was never to be rotated.
    RotationEnabled: rotation && !rotation.off,
    RotationLambdaARN: rotation?.functionArn,
    RotationRules: rotation && {
      AutomaticallyAfterDays: daysOf(rotation),
      Duration: rotation.duration,
      ScheduleExpression: rotation.schedule,
    },
    LastRotatedDate: date(rotatedAt),
    LastChangedDate: date(secret.changedAt),
    LastAccessedDate: dayOf(accessed || undefined),
    DeletedDate: date(secret.deletesAt),
    NextRotationDate: date(rotation?.nextAt),
    Tags: toTags(secret.tags),
    PrimaryRegion: secret.primaryRegion ?? (secret.replicas?.length ? secret.region : undefined),
    CreatedDate: date(secret.createdAt),
  };
}

const date = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));

/** Of accesses AWS tells the day alone. */
export const dayOf = (at: number | undefined): Date | undefined =>
  at === undefined ? undefined : new Date(at - (at % DAY_MILLISECONDS));

const stagesOf = ({ versions }: Secret): Record<string, string[]> =>
  Object.fromEntries(versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, stages]));

function orderOf({ SortBy: by = 'created-date', SortOrder: order = 'desc' }: ListSecretsRequest) {
  const keys: Record<string, (secret: Secret) => string | number> = {
    name: ({ name }) => name,
    'created-date': ({ createdAt }) => createdAt,
    'last-changed-date': ({ changedAt }) => changedAt,
    'last-accessed-date': ({ versions }) => Math.max(...versions.map(({ accessedAt = 0 }) => accessedAt), 0),
  };
  const key = Object.hasOwn(keys, by) && keys[by];
  if (!key) throw invalidParameter(`SortBy ${by} is not known.`);
  const sign = order === 'asc' ? 1 : -1;
  return (left: Secret, right: Secret) => {
    const [one, other] = [key(left), key(right)];
    return one === other ? 0 : one < other ? -sign : sign;
  };
}

function requireWindow(days: number | undefined): number {
  const { least, most } = RECOVERY_DAYS;
  if (days === undefined || (days >= least && days <= most)) return days ?? most;
  throw invalidParameter(`The RecoveryWindowInDays value must be between ${least} and ${most} days (inclusive).`);
}

const hasReplicas = ({ name, replicas = [] }: Secret) =>
  invalidRequest(
    `You can't delete secret ${name} that still has replica regions [${replicas.map(({ region }) => region).join(', ')}].`,
  );

function existsAlready({ name, deletesAt }: Secret) {
  return deletesAt === undefined
    ? alreadyExists(`The operation failed because the secret ${name} already exists.`)
    : invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.");
}

export const fromTags = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

export const toTags = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

function withTags(tags: Readonly<Record<string, string>>, set: readonly Tag[] | undefined): Record<string, string> {
  const added = fromTags(set);
  for (const key of Object.keys(added)) {
    if (key === '' || key.startsWith('aws:')) throw invalidParameter(`Invalid tag key: ${key}`);
  }
  const merged = { ...tags, ...added };
  if (Object.keys(merged).length > TAGS_LIMIT) throw invalidParameter(`A secret may have ${TAGS_LIMIT} tags.`);
  return merged;
}
