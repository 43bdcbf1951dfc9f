// Rules with a schedule: each has its next moment on the cloud's clock.
import type { Clock } from '../../kernel/clock.ts';
import { parseSchedule, ScheduleError } from '../../kernel/schedule/schedule.ts';
import { validation } from './errors.ts';
import type { Rule, Rules } from './rules.ts';

/** What happens at a rule's moment, in milliseconds; time waits for it. */
export type Fire = (rule: Rule, moment: number) => Promise<void>;

export class Timetable {
  readonly #clock: Clock;
  readonly #rules: Rules;
  readonly #fire: Fire;
  readonly #timers = new Map<string, () => void>();

  constructor(clock: Clock, rules: Rules, fire: Fire) {
    this.#clock = clock;
    this.#rules = rules;
    this.#fire = fire;
  }

  start(): void {
    for (const rule of this.#rules.listAll()) this.arm(rule);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** To be called whenever a rule is made, changed or deleted. */
  arm(rule: Rule, after: number = this.#clock.now()): void {
    this.#timers.get(rule.arn)?.();
    this.#timers.delete(rule.arn);
    const current = this.#rules.find(rule.region, rule.bus, rule.name);
    if (current?.schedule === undefined || current.state === 'DISABLED') return;
    const next = parseSchedule(current.schedule).next(after, current.createdAt);
    if (next === undefined) return;
    this.#timers.set(
      rule.arn,
      this.#clock.at(next, () => {
        this.arm(current, next);
        // Its targets may be others than when it was armed; where it waited for space on the disk, it may be gone.
        const due = this.#rules.find(rule.region, rule.bus, rule.name);
        return due && this.#fire(due, next);
      }),
    );
  }
}

/** Throws ValidationException for what is no schedule of a rule. */
export function checkSchedule(expression: string): void {
  try {
    if (parseSchedule(expression).kind !== 'at') return;
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
  }
  throw validation('Parameter ScheduleExpression is not valid.');
}
