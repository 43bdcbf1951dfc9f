// The end of parameters whose policy gives them one, on the cloud's clock.
import type { Clock } from '../../kernel/clock.ts';
import { latest, type Parameter, type Parameters } from './parameters.ts';

export class Expirations {
  readonly #parameters: Parameters;
  readonly #clock: Clock;
  readonly #timers = new Map<string, () => void>();

  constructor(parameters: Parameters, clock: Clock) {
    this.#parameters = parameters;
    this.#clock = clock;
  }

  start(): void {
    for (const parameter of this.#parameters.list()) this.arm(parameter);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** To be called whenever a parameter has a new version. */
  arm(parameter: Parameter): void {
    const { arn, region, name } = parameter;
    this.#timers.get(arn)?.();
    this.#timers.delete(arn);
    const at = expiryOf(parameter);
    if (at === undefined) return;
    const end = () => {
      this.#timers.delete(arn);
      const now = this.#parameters.list(region, name).find((each) => each.name === name);
      if (now && (expiryOf(now) ?? Infinity) <= this.#clock.now()) this.#parameters.delete(now);
    };
    this.#timers.set(arn, this.#clock.at(at, end));
  }
}

const expiryOf = (parameter: Parameter): number | undefined =>
  latest(parameter).policies?.find(({ type }) => type === 'Expiration')?.expiresAt;
