// Every schedule's next moment on the cloud's clock.
import { parseSchedule, ScheduleError, type Schedule as Expression } from '../../kernel/schedule/schedule.ts';
import { isTimeZone } from '../../kernel/schedule/zone.ts';
import type { Kernel } from '../../kernel/service.ts';
import { validation } from './errors.ts';
import type { Invocations } from './invocations.ts';
import type { Schedule, Schedules } from './schedules.ts';

export class Timetable {
  readonly #kernel: Kernel;
  readonly #schedules: Schedules;
  readonly #invocations: Invocations;
  readonly #timers = new Map<string, () => void>();

  constructor(kernel: Kernel, schedules: Schedules, invocations: Invocations) {
    this.#kernel = kernel;
    this.#schedules = schedules;
    this.#invocations = invocations;
  }

  start(): void {
    for (const schedule of this.#schedules.listAll()) this.arm(schedule);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** To be called whenever a schedule is made, changed or deleted. */
  arm({ arn, region, group, name }: Schedule, after: number = this.#kernel.clock.now()): void {
    this.#timers.get(arn)?.();
    this.#timers.delete(arn);
    const schedule = this.#schedules.find(region, group, name);
    if (!schedule || schedule.state === 'DISABLED') return;
    const next = nextOf(schedule, after);
    if (next === undefined) return;
    this.#timers.set(
      arn,
      this.#kernel.clock.at(next, () => {
        this.arm(schedule, next);
        // One that was asked to go after its last moment goes.
        if (schedule.afterCompletion === 'DELETE' && nextOf(schedule, next) === undefined)
          this.#schedules.delete(schedule);
        return this.#invocations.begin(schedule, next);
      }),
    );
  }
}

function nextOf(schedule: Schedule, after: number): number | undefined {
  const { startsAt, endsAt, createdAt } = schedule;
  const from = startsAt === undefined ? after : Math.max(after, startsAt - 1);
  const next = expressionOf(schedule).next(from, startsAt ?? createdAt);
  return next === undefined || (endsAt !== undefined && next > endsAt) ? undefined : next;
}

const expressionOf = ({ expression, timeZone }: Schedule): Expression => parseSchedule(expression, timeZone);

/** Throws ValidationException for what is no schedule, or no time zone. */
export function checkExpression(expression: string, timeZone: string): void {
  if (!isTimeZone(timeZone)) throw validation(`Invalid Schedule Expression Timezone ${timeZone}.`);
  try {
    parseSchedule(expression, timeZone);
  } catch (error) {
    if (error instanceof ScheduleError) throw validation(`Invalid Schedule Expression ${expression}.`);
    throw error;
  }
}
