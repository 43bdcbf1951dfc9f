// Replicas of a secret in other regions: its values under a key there, its labels, tags and policy, and what they may do alone.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
import type { ReplicaRegionType, ReplicationStatusType } from '@aws-sdk/client-secrets-manager';

import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { invalidParameter, invalidRequest, notFound } from './errors.ts';
import type { Replica, Secret, Secrets, Version } from './secrets.ts';
import { openValue, sealValue } from './values.ts';

/** Where replicas are wanted, and what may be in their way. */
export interface WantedReplicas {
  readonly regions: readonly ReplicaRegionType[];
  /** Replaces secrets of the same name. */
  readonly force: boolean;
}

export class Replicas {
  readonly #kernel: Kernel;
  readonly #secrets: Secrets;

  constructor(kernel: Kernel, secrets: Secrets) {
    this.#kernel = kernel;
    this.#secrets = secrets;
  }

  /** Adds replicas, and brings them up to date as the caller. What fails is told by their status. */
  async add(call: Call, arn: string, { regions, force }: WantedReplicas): Promise<void> {
    const secret = this.#secrets.requireLive(call, arn);
    const added = regions.map(({ Region: region = '', KmsKeyId: kmsKeyId }): Replica => {
      if (region === '' || region === secret.region) throw invalidParameter('Invalid replica region.');
      const there = this.#replica(secret, region);
      const free = force || !there || there.arn === arnIn(secret, region);
      const key = kmsKeyId ? { kmsKeyId } : {};
      if (free) return { region, ...key, status: 'InProgress' };
      const message = `Replication failed: Secret name ${secret.name} already exists in region ${region}.`;
      return { region, ...key, status: 'Failed', message };
    });
    const names = new Set(added.map(({ region }) => region));
    const kept = (secret.replicas ?? []).filter(({ region }) => !names.has(region));
    this.#secrets.save({ ...secret, replicas: [...kept, ...added] });
    for (const { region, status } of added) {
      const there = status === 'InProgress' ? this.#replica(secret, region) : undefined;
      if (there && there.arn !== arnIn(secret, region)) this.#secrets.delete(there);
    }
    await this.sync(call, arn);
  }

  /** Brings what is in other regions to where the secret is. */
  async sync(call: Call, arn: string): Promise<void> {
    for (const { region } of this.#secrets.find(call, arn)?.replicas ?? []) {
      const there = this.#replica(this.#secrets.require(call, arn), region);
      if (there && there.arn !== arnIn({ arn }, region)) continue;
      const failure = await this.#bring(call, arn, region);
      const { message: _before, ...replica } = this.#entry(call, arn, region);
      const status = failure === undefined ? 'InSync' : 'Failed';
      this.#keep(call, arn, { ...replica, status, ...(failure !== undefined && { message: failure }) });
    }
  }

  /** Deletes the replicas in these regions. */
  remove(call: Call, secret: Secret, regions: readonly string[]): Secret {
    for (const region of regions) {
      if (!secret.replicas?.some((replica) => replica.region === region)) {
        throw invalidParameter(`The secret has no replica in region ${region}.`);
      }
    }
    for (const region of regions) {
      const there = this.#replica(secret, region);
      if (there?.primaryRegion === secret.region) this.#secrets.delete(there);
    }
    const left = { ...secret, replicas: secret.replicas?.filter(({ region }) => !regions.includes(region)) };
    this.#secrets.save(left);
    return left;
  }

  /** Makes a replica a secret of its own. */
  promote({ primaryRegion, ...secret }: Secret, { account }: Call): Secret {
    if (primaryRegion === undefined) throw invalidRequest('Operation only permitted on a replica secret.');
    this.#secrets.save(secret);
    const primary = this.#secrets.find({ region: primaryRegion, account }, secret.name);
    const replicas = primary?.replicas?.filter(({ region }) => region !== secret.region);
    if (primary) this.#secrets.save({ ...primary, replicas });
    return secret;
  }

  /** What went wrong; undefined where nothing did. */
  async #bring(call: Call, arn: string, region: string): Promise<string | undefined> {
    const { kmsKeyId } = this.#entry(call, arn, region);
    const target = { arn: arnIn({ arn }, region), ...(kmsKeyId !== undefined && { kmsKeyId }) };
    const sealed = new Map<string, Version['value']>();
    const primary = this.#secrets.require(call, arn);
    const known = this.#replica(primary, region)?.versions ?? [];
    try {
      for (const { id, value } of primary.versions) {
        if (!value || known.some((version) => version.id === id && version.value)) continue;
        const bytes = await openValue(this.#kernel, call, primary, id, value);
        sealed.set(id, await sealValue(this.#kernel, { ...call, region }, target, id, { form: value.form, bytes }));
      }
    } catch (error) {
      if (error instanceof AwsError) return error.message;
      throw error;
    }
    const { replicas: _replicas, rotation: _rotation, ...current } = this.#secrets.require(call, arn);
    const before = this.#replica(current, region);
    const versions = current.versions.map((version): Version => {
      const { value: _value, accessedAt: _accessedAt, ...rest } = version;
      const there = before?.versions.find(({ id }) => id === version.id);
      const value = sealed.get(version.id) ?? there?.value;
      return { ...there, ...rest, ...(value && { value }) };
    });
    this.#secrets.save({ ...current, ...target, kmsKeyId, region, primaryRegion: current.region, versions });
    return undefined;
  }

  #keep(call: Call, arn: string, replica: Replica): void {
    const secret = this.#secrets.require(call, arn);
    const replicas = secret.replicas?.map((each) => (each.region === replica.region ? replica : each));
    this.#secrets.save({ ...secret, replicas });
  }

  #entry(call: Call, arn: string, region: string): Replica {
    const found = this.#secrets.require(call, arn).replicas?.find((replica) => replica.region === region);
    if (!found) throw notFound();
    return found;
  }

  #replica({ name }: Pick<Secret, 'name'>, region: string): Secret | undefined {
    return this.#secrets.find({ region, account: this.#kernel.account }, name);
  }
}

/** Refuses on a replica what is its primary's to do. */
export function requirePrimary({ primaryRegion }: Secret): void {
  if (primaryRegion === undefined) return;
  throw invalidRequest("Operation not permitted on a replica secret. Call must be made in primary secret's region.");
}

/** Replicas as answers tell of them. */
export const statusOf = ({ replicas }: Secret): ReplicationStatusType[] | undefined =>
  replicas?.map(({ region, kmsKeyId, status, message }) => ({
    Region: region,
    KmsKeyId: kmsKeyId ?? 'alias/aws/secretsmanager',
    Status: status,
    ...(message !== undefined && { StatusMessage: message }),
  }));

/** Replicas have their primary's ARN, but for the region. */
const arnIn = ({ arn }: Pick<Secret, 'arn'>, region: string): string =>
  arn.replace(/^(arn:[^:]*:secretsmanager:)[^:]*/, `$1${region}`);
