// Access keys: the administrator's, those of IAM users, and the temporary ones of role sessions.
import { alphanumeric, iamId, secretKey } from '../ids.ts';
import type { Collection, Store } from '../store.ts';
import { rootPrincipal, type Principal } from './principal.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly principal: Principal;
  readonly createdAt: number;
  active: boolean;
  /** Of a session: what the client has to send along. */
  readonly sessionToken?: string;
  /** Of a session: milliseconds on the cloud's clock. */
  readonly expiresAt?: number;
}

/** What a key was last used for. */
export interface KeyUse {
  readonly at: number;
  readonly service: string;
  readonly region: string;
}

const ADMINISTRATOR = 'administrator';
const DEFAULT_ACCOUNT = '000000000000';

/** What lies in a store was made in one account, whose number is in its ARNs. */
export class OtherAccountError extends Error {
  readonly code = 'OTHER_ACCOUNT';

  constructor(own: string, asked: string) {
    super(`The store is account ${own}'s, not ${asked}'s.`);
  }
}

export class Keys {
  readonly #keys: Collection<AccessKey>;
  readonly #administrator: Collection<string>;
  readonly #uses: Collection<KeyUse>;
  readonly #cache = new Map<string, AccessKey>();
  readonly #lastUses = new Map<string, KeyUse>();

  constructor(store: Store) {
    this.#keys = store.collection<AccessKey>('identity.keys');
    this.#administrator = store.collection<string>('identity.administrator');
    this.#uses = store.collection<KeyUse>('identity.keyUses');
  }

  find(accessKeyId: string): AccessKey | undefined {
    let key = this.#cache.get(accessKeyId);
    if (!key) {
      key = this.#keys.get(accessKeyId);
      if (key) this.#remember(key);
    }
    return key;
  }

  /**
   * The key of the account's root, made at random once for an installation: the store's account is the one that it was made for.
   * Throws {@link OtherAccountError} where another one is asked for.
   */
  ensureAdministrator(asked: string | undefined, now: number): AccessKey {
    const id = this.#administrator.get(ADMINISTRATOR);
    const known = id === undefined ? undefined : this.find(id);
    if (known && asked !== undefined && asked !== known.principal.account) {
      throw new OtherAccountError(known.principal.account, asked);
    }
    if (known) return known;
    const key = this.create(rootPrincipal(asked ?? DEFAULT_ACCOUNT), now);
    this.#administrator.put(ADMINISTRATOR, key.accessKeyId);
    return key;
  }

  create(principal: Principal, now: number): AccessKey {
    return this.#put({
      accessKeyId: iamId('AKIA'),
      secretAccessKey: secretKey(),
      principal,
      createdAt: now,
      active: true,
    });
  }

  createSession(principal: Principal, now: number, expiresAt: number): Required<AccessKey> {
    this.#forgetSomeExpired(now);
    const key = {
      accessKeyId: iamId('ASIA'),
      secretAccessKey: secretKey(),
      sessionToken: alphanumeric(160),
      principal,
      createdAt: now,
      expiresAt,
      active: true,
    };
    this.#put(key);
    return key;
  }

  /** Whose session this is, with what narrows it: the latest of the sessions of this ARN that have not ended. */
  findSession(arn: string, now: number): Principal | undefined {
    return this.#keys
      .list({ prefix: 'ASIA' })
      .map(({ value }) => value)
      .filter(({ principal, expiresAt = 0 }) => principal.arn === arn && expiresAt > now)
      .toSorted((left, right) => right.createdAt - left.createdAt)[0]?.principal;
  }

  /** Remembers what a user's key was used for; as in AWS, now and then and not with each call. */
  use(
    { accessKeyId, principal, sessionToken }: AccessKey,
    now: number,
    scope: Pick<KeyUse, 'service' | 'region'>,
  ): void {
    if (principal.kind !== 'user' || sessionToken !== undefined) return;
    const last = this.lastUse(accessKeyId);
    const { service, region } = scope;
    if (last && now - last.at < USE_MILLISECONDS && last.service === service && last.region === region) return;
    const use = { at: now, service, region };
    this.#lastUses.set(accessKeyId, use);
    this.#uses.put(accessKeyId, use);
  }

  lastUse(accessKeyId: string): KeyUse | undefined {
    const use = this.#lastUses.get(accessKeyId) ?? this.#uses.get(accessKeyId);
    if (use) this.#lastUses.set(accessKeyId, use);
    return use;
  }

  setActive(accessKeyId: string, active: boolean): void {
    const key = this.find(accessKeyId);
    if (key) this.#put({ ...key, active });
  }

  delete(accessKeyId: string): void {
    this.#cache.delete(accessKeyId);
    this.#keys.delete(accessKeyId);
    if (this.#lastUses.delete(accessKeyId)) this.#uses.delete(accessKeyId);
  }

  /** Keeps a renamed user's keys with it. */
  rename(userArn: string, principal: Principal): void {
    for (const key of this.ofUser(userArn)) this.#put({ ...key, principal });
  }

  ofUser(userArn: string): AccessKey[] {
    return this.#keys
      .list({ prefix: 'AKIA' })
      .map(({ value }) => value)
      .filter((key) => key.principal.kind === 'user' && key.principal.arn === userArn);
  }

  #put<Key extends AccessKey>(key: Key): Key {
    this.#keys.put(key.accessKeyId, key);
    this.#remember(key);
    return key;
  }

  #remember(key: AccessKey): void {
    if (this.#cache.size >= CACHED_KEYS) this.#cache.clear();
    this.#cache.set(key.accessKeyId, key);
  }

  // An expired session answers ExpiredToken for a day, then it is as if it had never been. A look at a few from anywhere
  // each time keeps their number in proportion to those that live.
  #forgetSomeExpired(now: number): void {
    const sample = this.#keys.list({ prefix: 'ASIA', after: iamId('ASIA'), limit: FORGET_AT_ONCE });
    for (const { key, value } of sample) {
      if (value.expiresAt !== undefined && value.expiresAt + DAY_MILLISECONDS < now) this.delete(key);
    }
  }
}

/** Keys in memory: sessions may be begun by the thousand and used once each. */
const CACHED_KEYS = 1_000;

const DAY_MILLISECONDS = 86_400_000;

/** How many sessions are looked at when a new one is made, so that making one stays cheap. */
const FORGET_AT_ONCE = 10;

/** How exact the time of a key's last use is, in milliseconds. */
const USE_MILLISECONDS = 60_000;
