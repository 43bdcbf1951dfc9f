// KMS keys: what they are, which are there, and how a request names one.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
import type { KeyState, KeyUsageType, OriginType } from '@aws-sdk/client-kms';

import type { Clock } from '../../kernel/clock.ts';
import { Remembered } from '../../kernel/remembered.ts';
import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { aliasNotFound, disabled, invalidArn, invalidState, invalidUsage, keyNotFound, notFound } from './errors.ts';
import { isManagedAlias, managedKey } from './managed-keys.ts';
import { newMaterial, type Material } from './material.ts';
import type { SpecName } from './specs.ts';

export const DAY_MILLISECONDS = 86_400_000;

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly createdAt: number;
  readonly spec: SpecName;
  readonly usage: KeyUsageType;
  /** `AWS`: a key that a service has in the account, which nobody manages. */
  readonly manager: 'CUSTOMER' | 'AWS';
  description: string;
  policy: string;
  enabled: boolean;
  /** When a key that is to be deleted goes, on the cloud's clock; a primary with replicas waits until they are gone. */
  deletion?: { readonly at?: number; readonly days: number } | undefined;
  /** Its material is the customer's to bring. */
  readonly external?: true;
  /** The id of the material that was imported, which is the one that may be again. */
  imported?: string | undefined;
  /** What the customer says of that material. */
  importedDescription?: string | undefined;
  /** When imported material goes. */
  expiresAt?: number | undefined;
  /** Of a key that is in several regions: which of them this is. */
  multiRegion?: 'PRIMARY' | 'REPLICA' | undefined;
  rotation?: { readonly days: number; readonly nextAt: number } | undefined;
  tags: Record<string, string>;
  /** The newest one last: it encrypts, the others still decrypt. */
  material: Material[];
}

export interface Alias {
  /** With its `alias/`. */
  readonly name: string;
  readonly region: string;
  target: string;
  readonly createdAt: number;
  updatedAt: number;
}

/** Where keys are: one region of the account. */
export type Place = Pick<Call, 'region' | 'account'>;

/** A key by the way in which a request named it. */
export interface Found {
  readonly key: Key;
  /** The alias, where the request used one. */
  readonly alias?: string;
}

export class Keys {
  readonly #keys: Collection<Key>;
  readonly #aliases: Collection<Alias>;
  /** By region, then by the id of their key. */
  readonly #aliasesOfKeys: Remembered<ReadonlyMap<string, readonly Alias[]>>;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#keys = store.collection<Key>('kms.keys');
    this.#aliases = store.collection<Alias>('kms.aliases');
    this.#aliasesOfKeys = new Remembered(store, (region) => Map.groupBy(this.aliases(region), ({ target }) => target));
    this.#clock = clock;
  }

  get(region: string, id: string): Key | undefined {
    return this.#keys.get(`${region}|${id}`);
  }

  save(key: Key): void {
    this.#keys.put(`${key.region}|${key.id}`, key);
  }

  list(region?: string): Key[] {
    return this.#keys.list(region === undefined ? {} : { prefix: `${region}|` }).map(({ value }) => value);
  }

  /** A multi-Region key in all its regions, itself included. */
  related({ id, multiRegion }: Key): Key[] {
    return multiRegion ? this.list().filter((key) => key.id === id) : [];
  }

  /** The key with its aliases; its grants are somebody else's to forget. */
  delete(key: Key): void {
    for (const alias of this.aliasesOf(key)) this.deleteAlias(alias);
    this.#keys.delete(`${key.region}|${key.id}`);
  }

  findAlias(region: string, name: string): Alias | undefined {
    return this.#aliases.get(`${region}|${name}`);
  }

  saveAlias(alias: Alias): void {
    this.#aliases.put(`${alias.region}|${alias.name}`, alias);
    this.#aliasesOfKeys.forget(alias.region);
  }

  deleteAlias({ region, name }: Alias): void {
    this.#aliases.delete(`${region}|${name}`);
    this.#aliasesOfKeys.forget(region);
  }

  aliases(region: string): Alias[] {
    return this.#aliases.list({ prefix: `${region}|` }).map(({ value }) => value);
  }

  aliasesOf({ region, id }: Key): readonly Alias[] {
    return this.#aliasesOfKeys.get(region).get(id) ?? [];
  }

  /**
   * The key that a request means by an id, an ARN, an alias or an alias's ARN; undefined where there is none. An AWS managed
   * key is made when somebody first asks for it.
   */
  find(place: Place, named: string): Found | undefined {
    const name = localName(place, named);
    if (!name.startsWith('alias/')) {
      const key = this.get(place.region, name);
      return key && { key };
    }
    const alias = this.findAlias(place.region, name);
    if (!alias && !isManagedAlias(name)) return undefined;
    const key = alias ? this.get(place.region, alias.target) : this.#manage(place, name);
    return key && { key, alias: name };
  }

  require(place: Place, named: string): Found {
    const found = this.find(place, named);
    if (found) return found;
    const name = localName(place, named);
    const arn = (resource: string) => `arn:aws:kms:${place.region}:${place.account}:${resource}`;
    if (name.startsWith('alias/')) throw aliasNotFound(arn(name));
    throw KEY_ID.test(name) ? keyNotFound(arn(`key/${name}`)) : notFound(`Invalid keyId '${named}'`);
  }

  #manage(place: Place, name: string): Key {
    const key: Key = {
      ...managedKey(place, name),
      region: place.region,
      createdAt: this.#clock.now(),
      material: [newMaterial('SYMMETRIC_DEFAULT', this.#clock.now())],
      rotation: { days: YEAR_DAYS, nextAt: this.#clock.now() + YEAR_DAYS * DAY_MILLISECONDS },
    };
    this.save(key);
    const { createdAt } = key;
    this.saveAlias({ name, region: place.region, target: key.id, createdAt, updatedAt: createdAt });
    return key;
  }
}

/** How often AWS rotates its managed keys. */
const YEAR_DAYS = 365;

const KEY_ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;

/** The id or alias that a name says, without the ARN around it. */
export function localName({ region }: Place, named: string): string {
  if (!named.startsWith('arn:')) return named;
  const [, service, inRegion, , resource = ''] = /^arn:aws:([^:]*):([^:]*):([^:]*):(.+)$/.exec(named) ?? [];
  if (service !== 'kms' || !/^(key|alias)\/./.test(resource)) throw invalidArn(`Invalid arn ${named}`);
  if (inRegion !== region) throw notFound(`Invalid arn ${inRegion}`);
  return resource.replace(/^key\//, '');
}

export function stateOf(key: Key): KeyState {
  if (key.deletion) return key.deletion.at === undefined ? 'PendingReplicaDeletion' : 'PendingDeletion';
  if (key.material.length === 0) return 'PendingImport';
  return key.enabled ? 'Enabled' : 'Disabled';
}

/** Refuses a key that cannot be used now, or not for this. */
export function requireUsable(key: Key, usage: KeyUsageType, operation: string): void {
  requireNotDeleting(key);
  if (key.material.length === 0) throw invalidState(`${key.arn} is pending import.`);
  if (!key.enabled) throw disabled(key.arn);
  if (key.usage !== usage) {
    throw invalidUsage(`${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`);
  }
}

export const originOf = ({ external }: Key): OriginType => (external ? 'EXTERNAL' : 'AWS_KMS');

export function requireNotDeleting(key: Key): void {
  if (key.deletion) throw invalidState(`${key.arn} is pending deletion.`);
}
