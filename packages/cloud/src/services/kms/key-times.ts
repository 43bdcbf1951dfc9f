// What happens to keys by itself, on the cloud's clock: automatic rotation, and the end of a deletion's waiting period.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../kernel/store.ts';
import type { Grants } from './grants.ts';
import { DAY_MILLISECONDS, type Key, type Keys } from './keys.ts';
import { newMaterial, type Material } from './material.ts';

export class KeyTimes {
  readonly #keys: Keys;
  readonly #grants: Grants;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #timers = new Map<string, () => void>();

  constructor(keys: Keys, grants: Grants, { clock, store }: { clock: Clock; store: Store }) {
    this.#keys = keys;
    this.#grants = grants;
    this.#clock = clock;
    this.#store = store;
  }

  start(): void {
    for (const key of this.#keys.list()) this.arm(key);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** To be called whenever a key's deletion or rotation is set, changed or taken back. */
  arm(key: Key): void {
    this.#timers.get(key.arn)?.();
    this.#timers.delete(key.arn);
    // A disabled key is not rotated until it is enabled.
    const at = key.deletion?.at ?? (key.enabled ? key.rotation?.nextAt : undefined);
    if (at !== undefined)
      this.#timers.set(
        key.arn,
        this.#clock.at(at, () => this.#due(key)),
      );
  }

  /** Gives a key new material; what the old one encrypted is still read. */
  rotate(key: Key, kind: NonNullable<Material['rotation']>): void {
    key.material.push(newMaterial(key.spec, this.#clock.now(), kind));
    this.#keys.save(key);
  }

  #due({ region, id }: Key): void {
    const key = this.#keys.get(region, id);
    if (!key) return;
    const now = this.#clock.now();
    if (key.deletion && key.deletion.at <= now) {
      this.#timers.delete(key.arn);
      this.#store.transaction(() => {
        this.#grants.deleteOf(key);
        this.#keys.delete(key);
      });
      return;
    }
    if (!key.rotation || key.rotation.nextAt > now) return;
    // One rotation makes up for all that were due while the key was disabled, or the cloud was down.
    const { days, nextAt } = key.rotation;
    const missed = Math.floor((now - nextAt) / (days * DAY_MILLISECONDS));
    key.rotation = { days, nextAt: nextAt + (missed + 1) * days * DAY_MILLISECONDS };
    this.rotate(key, 'AUTOMATIC');
    this.arm(key);
  }
}
