// What happens to keys by itself, on the cloud's clock: automatic rotation, the end of imported material, and of a deletion's
// waiting period; EventBridge hears of each. https://docs.aws.amazon.com/kms/latest/developerguide/kms-events.html
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
import type { Clock } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Store } from '../../kernel/store.ts';
import type { Grants } from './grants.ts';
import { DAY_MILLISECONDS, type Key, type Keys } from './keys.ts';
import { newMaterial, type Material } from './material.ts';

export class KeyTimes {
  readonly #keys: Keys;
  readonly #grants: Grants;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #events: Kernel['events'];
  readonly #timers = new Map<string, () => void>();

  constructor(keys: Keys, grants: Grants, { clock, store, events }: Pick<Kernel, 'clock' | 'store' | 'events'>) {
    this.#keys = keys;
    this.#grants = grants;
    this.#clock = clock;
    this.#store = store;
    this.#events = events;
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
    const rotates = key.enabled && !key.deletion ? key.rotation?.nextAt : undefined;
    const at = key.deletion?.at ?? key.expiresAt ?? rotates;
    if (at !== undefined)
      this.#timers.set(
        key.arn,
        this.#clock.at(at, () => this.#due(key)),
      );
  }

  /** Gives a key new material; what the old one encrypted is still read. */
  rotate(key: Key, kind: NonNullable<Material['rotation']>, at = this.#clock.now()): void {
    key.material.push(newMaterial(key.spec, at, kind));
    this.#keys.save(key);
    for (const other of this.#keys.related(key)) {
      if (other.arn !== key.arn) this.#keys.save({ ...other, material: key.material });
    }
    this.#tell(key, 'KMS CMK Rotation');
  }

  #due({ region, id }: Key): void {
    const key = this.#keys.get(region, id);
    if (!key) return;
    const now = this.#clock.now();
    if (key.deletion?.at !== undefined && key.deletion.at <= now) {
      this.#timers.delete(key.arn);
      this.#store.transaction(() => {
        this.#grants.deleteOf(key);
        this.#keys.delete(key);
      });
      this.#releasePrimary(key);
      this.#tell(key, 'KMS CMK Deletion');
      return;
    }
    if (key.expiresAt !== undefined && key.expiresAt <= now) {
      const { expiresAt: _expiresAt, ...emptied } = key;
      this.#keys.save({ ...emptied, material: [] });
      this.arm({ ...emptied, material: [] });
      this.#tell(key, 'KMS Imported Key Material Expiration');
      return;
    }
    if (!key.rotation || key.rotation.nextAt > now) return;
    // One rotation makes up for all that were due while the key was disabled, or the cloud was down.
    const { days, nextAt } = key.rotation;
    const missed = Math.floor((now - nextAt) / (days * DAY_MILLISECONDS));
    key.rotation = { days, nextAt: nextAt + (missed + 1) * days * DAY_MILLISECONDS };
    this.rotate(key, 'AUTOMATIC', missed > 0 ? now : nextAt);
    this.arm(key);
  }

  // A primary that waits for its replicas begins its own days once the last of them is gone.
  #releasePrimary({ id, multiRegion }: Key): void {
    if (multiRegion !== 'REPLICA') return;
    const left = this.#keys.list().filter((key) => key.id === id);
    const [primary] = left;
    if (left.length !== 1 || !primary?.deletion || primary.deletion.at !== undefined) return;
    const { days } = primary.deletion;
    const doomed = { ...primary, deletion: { days, at: this.#clock.now() + days * DAY_MILLISECONDS } };
    this.#keys.save(doomed);
    this.arm(doomed);
  }

  #tell({ arn, id, region }: Key, detailType: string): void {
    this.#events.publish({ source: 'aws.kms', detailType, region, resources: [arn], detail: { 'key-id': id } });
  }
}
