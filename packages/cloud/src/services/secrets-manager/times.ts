// What happens to secrets by itself, on the cloud's clock: the end of a recovery window, and rotations that are due.
import type { Clock } from '../../kernel/clock.ts';
import type { Secret, Secrets } from './secrets.ts';

export class SecretTimes {
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  readonly #rotate: (secret: Secret) => Promise<void>;
  readonly #timers = new Map<string, () => void>();

  constructor(secrets: Secrets, clock: Clock, rotate: (secret: Secret) => Promise<void>) {
    this.#secrets = secrets;
    this.#clock = clock;
    this.#rotate = rotate;
  }

  start(): void {
    for (const secret of this.#secrets.list()) this.arm(secret);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** To be called whenever a secret's deletion or rotation is set, changed or taken back. */
  arm({ arn, region, name, deletesAt, rotation }: Secret): void {
    this.#timers.get(arn)?.();
    this.#timers.delete(arn);
    const at = deletesAt ?? rotation?.nextAt;
    if (at !== undefined)
      this.#timers.set(
        arn,
        this.#clock.at(at, () => this.#due(arn, region, name)),
      );
  }

  async #due(arn: string, region: string, name: string): Promise<void> {
    this.#timers.delete(arn);
    const secret = this.#secrets.list(region).find((each) => each.arn === arn && each.name === name);
    if (!secret) return;
    const now = this.#clock.now();
    // Time waits for a rotation that is due: what comes after it sees the new value.
    if (secret.deletesAt === undefined) await this.#rotate(secret);
    else if (secret.deletesAt <= now) this.#secrets.delete(secret);
  }
}
