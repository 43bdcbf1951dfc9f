// A schedule's moments: the target is told, again where it does not listen, and a dead letter tells of what was in vain.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { Schedule } from './schedules.ts';
import { retriesOf, tell } from './targets.ts';
import { isUniversal } from './universal-targets.ts';

interface Invocation {
  readonly schedule: Schedule;
  /** Milliseconds. */
  readonly scheduledAt: number;
  readonly attempts: number;
}

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 15 * 60_000;

/** Errors that trying again does not mend. */
const FINAL = /AccessDenied|AuthorizationError|NotFound|NonExistent|Validation|InvalidParameter|NotImplemented/;

export class Invocations {
  readonly #kernel: Kernel;
  readonly #invocations: Collection<Invocation>;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#invocations = kernel.store.collection('scheduler.invocations');
  }

  /** Invokes a schedule's target: durable when this returns, told, or put off, when the answer resolves. */
  begin(schedule: Schedule, scheduledAt: number): Promise<void> {
    const id = uuid();
    this.#invocations.put(id, { schedule, scheduledAt, attempts: 0 });
    return this.#attempt(id);
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    for (const { key } of this.#invocations.list()) void this.#attempt(key);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  #attempt(id: string): Promise<void> {
    const work = this.#try(id).finally(() => this.#running.delete(work));
    this.#running.add(work);
    this.#kernel.clock.hold(work);
    return work;
  }

  async #try(id: string): Promise<void> {
    const invocation = this.#stopped ? undefined : this.#invocations.get(id);
    if (!invocation) return;
    const { schedule, attempts } = invocation;
    this.#measure('InvocationAttemptCount', schedule);
    try {
      await tell(this.#kernel, schedule, id, inputOf(invocation, id, this.#kernel.account));
      if (!this.#stopped) this.#invocations.delete(id);
    } catch (error) {
      if (this.#stopped) return;
      this.#measure('TargetErrorCount', schedule);
      const { clock } = this.#kernel;
      const { MaximumRetryAttempts: most, MaximumEventAgeInSeconds: age } = retriesOf(schedule.target);
      const wait = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** attempts, LONGEST_RETRY_MILLISECONDS);
      const inTime = clock.now() + wait <= invocation.scheduledAt + age * 1_000;
      if (attempts < most && inTime && !FINAL.test((error as Error).name)) {
        this.#invocations.put(id, { ...invocation, attempts: attempts + 1 });
        clock.at(clock.now() + wait, () => this.#attempt(id));
        return;
      }
      await this.#giveUp(id, invocation, error as Error);
    }
  }

  async #giveUp(id: string, { schedule, attempts, scheduledAt }: Invocation, error: Error): Promise<void> {
    const { log, sessions, invoke, endpoint } = this.#kernel;
    this.#measure('InvocationDroppedCount', schedule);
    log('scheduler.invocation-dropped', { schedule: schedule.arn, reason: error.message });
    const queue = schedule.target.DeadLetterConfig?.Arn;
    if (queue !== undefined) {
      const [, , , region = '', account = '', name = ''] = queue.split(':');
      const text = (StringValue: string) => ({ DataType: 'String', StringValue });
      try {
        const { principal } = sessions.assumeForService(
          'scheduler.amazonaws.com',
          schedule.target.RoleArn,
          id,
          schedule.arn,
        );
        await invoke(
          'sqs',
          'SendMessage',
          {
            QueueUrl: `${endpoint()}/${account}/${name}`,
            MessageBody: inputOf({ schedule, attempts, scheduledAt }, id, account),
            MessageAttributes: {
              ERROR_CODE: text(error.name),
              ERROR_MESSAGE: text(error.message),
              EXECUTION_ID: text(id),
              RETRY_ATTEMPTS: text(String(attempts)),
              SCHEDULE_ARN: text(schedule.arn),
              SCHEDULED_TIME: text(isoSeconds(scheduledAt)),
              TARGET_ARN: text(schedule.target.Arn),
            },
          },
          { principal, region },
        );
      } catch (lost) {
        log('scheduler.dead-letter-lost', { schedule: schedule.arn, queue, reason: (lost as Error).message });
      }
    }
    if (!this.#stopped) this.#invocations.delete(id);
  }

  #measure(name: string, { region, group }: Schedule): void {
    const dimensions = { ScheduleGroup: group };
    this.#kernel.measurements.publish({
      namespace: 'AWS/Scheduler',
      name,
      region,
      dimensions,
      value: 1,
      unit: 'Count',
    });
  }
}

const isoSeconds = (moment: number): string => `${new Date(moment).toISOString().slice(0, 19)}Z`;

/** The target's input with its keywords filled in, or the event that Scheduler makes where there is none. */
function inputOf({ schedule, scheduledAt, attempts }: Invocation, id: string, account: string): string {
  const { target, arn, region } = schedule;
  if (target.Input === undefined && isUniversal(target.Arn)) return '{}';
  if (target.Input === undefined) {
    return JSON.stringify({
      version: '0',
      id,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: isoSeconds(scheduledAt),
      region,
      resources: [arn],
      detail: '{}',
    });
  }
  const keywords: Readonly<Record<string, string>> = {
    'schedule-arn': arn,
    'scheduled-time': isoSeconds(scheduledAt),
    'execution-id': id,
    'attempt-number': String(attempts + 1),
  };
  return target.Input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, name: string) => keywords[name] ?? whole);
}
