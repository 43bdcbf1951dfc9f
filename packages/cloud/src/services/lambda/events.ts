// Asynchronous invocations: kept until a function has handled them, tried again on the cloud's clock, and reported at the end.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
import { AwsError } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/service.ts';
import { deliverEnd, type Condition } from './destinations.ts';
import { EventQueue, type StoredEvent } from './event-queue.ts';
import {
  findVersion,
  keyOfQualifier,
  type EventInvokeConfig,
  type Functions,
  type LambdaFunction,
} from './functions.ts';
import type { Invoker, RunRequest, RunResult } from './invoker.ts';
import type { RoleSessions } from './role-sessions.ts';

const MINUTE = 60_000;

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
const UNSAID_RETRIES = 2;
const UNSAID_AGE_MILLISECONDS = 6 * 60 * MINUTE;

/** How long a function is left alone after its first and second failure, in milliseconds. */
const RETRY_MILLISECONDS = [MINUTE, 2 * MINUTE];

/** A throttled event waits for a second first, then twice as long each time, up to five minutes. */
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 5 * MINUTE;

/** Events of one function that are handled at a time. */
const MOST_AT_ONCE = 20;

export class AsyncEvents {
  readonly #kernel: Kernel;
  readonly #functions: Functions;
  readonly #invoker: Invoker;
  readonly #sessions: RoleSessions;
  readonly #queue: EventQueue;
  /** Events being handled, by function. */
  readonly #running = new Map<string, Map<number, Promise<void>>>();
  #cancel = () => {};
  #stopped = false;

  constructor(kernel: Kernel, parts: { functions: Functions; invoker: Invoker; sessions: RoleSessions }) {
    this.#kernel = kernel;
    this.#functions = parts.functions;
    this.#invoker = parts.invoker;
    this.#sessions = parts.sessions;
    this.#queue = new EventQueue(kernel.store);
  }

  /** Takes an event on: it is durable when this returns. */
  accept({ target, payload, requestId, traceId, clientContext }: RunRequest): void {
    const { fn, qualifier } = target;
    this.#queue.add({
      functionArn: fn.arn,
      qualifier,
      requestId,
      payload,
      traceId,
      clientContext: clientContext === undefined ? undefined : JSON.stringify(clientContext),
      receivedAt: this.#kernel.clock.now(),
    });
    this.#invoker.measure(fn, qualifier, 'AsyncEventsReceived', 1);
    void this.#pump(fn.arn);
  }

  /** Takes up what a stopped or killed cloud left. */
  start(): void {
    for (const arn of this.#queue.functions()) void this.#pump(arn);
    this.#arm();
  }

  /** What is under way is begun anew after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await Promise.all([...this.#running.values()].flatMap((events) => [...events.values()]));
  }

  // The answer is done when the events it began are.
  #pump(arn: string): Promise<unknown> {
    if (this.#stopped) return Promise.resolve();
    const running = this.#running.get(arn) ?? new Map<number, Promise<void>>();
    const begun: Promise<void>[] = [];
    for (const event of this.#queue.due(arn, this.#kernel.clock.now(), MOST_AT_ONCE)) {
      if (running.size >= MOST_AT_ONCE) break;
      if (running.has(event.id)) continue;
      const work = this.#attempt(event).then(
        () => this.#handled(event, running),
        (error: unknown) => {
          // The store could not keep what became of it: it is still due, and begun anew with the next event or start.
          running.delete(event.id);
          this.#kernel.log('event not kept', { function: arn, requestId: event.requestId, reason: String(error) });
        },
      );
      running.set(event.id, work);
      this.#kernel.clock.hold(work);
      begun.push(work);
    }
    if (running.size > 0) this.#running.set(arn, running);
    return Promise.all(begun);
  }

  #handled({ id, functionArn }: StoredEvent, running: Map<number, Promise<void>>): void {
    running.delete(id);
    if (running.size === 0) this.#running.delete(functionArn);
    void this.#pump(functionArn);
  }

  #arm(): void {
    this.#cancel();
    const next = this.#queue.next(this.#kernel.clock.now());
    if (!next || this.#stopped) return;
    this.#cancel = this.#kernel.clock.at(next.dueAt, async () => {
      await this.#pump(next.functionArn);
      this.#arm();
    });
  }

  async #attempt(event: StoredEvent): Promise<void> {
    const fn = this.#functionOf(event);
    const version = fn && findVersion(fn, event.qualifier);
    if (!fn || !version) {
      this.#queue.delete(event.id);
      return;
    }
    const config = fn.eventInvokes[keyOfQualifier(event.qualifier)];
    const now = this.#kernel.clock.now();
    const age = now - event.receivedAt;
    if (age > ageLimit(config)) return this.#end(fn, event, config, 'EventAgeExceeded');
    // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    if (fn.reservedConcurrency === 0) return this.#end(fn, event, config, 'ZeroReservedConcurrency');
    this.#invoker.measure(fn, event.qualifier, 'AsyncEventAge', age, 'Milliseconds');
    try {
      const result = await this.#invoker.run({
        target: { fn, version, qualifier: event.qualifier },
        payload: event.payload,
        requestId: event.requestId,
        traceId: event.traceId,
        clientContext: event.clientContext === undefined ? undefined : (JSON.parse(event.clientContext) as unknown),
      });
      if (this.#stopped && result.failed) return;
      await this.#afterRun(fn, event, config, result);
    } catch (error) {
      this.#afterRefusal(event, error);
    }
  }

  async #afterRun(fn: LambdaFunction, event: StoredEvent, config: EventInvokeConfig | undefined, result: RunResult) {
    const attempts = event.attempts + 1;
    if (!result.failed) return this.#end(fn, { ...event, attempts }, config, 'Success', result);
    if (attempts > (config?.maximumRetryAttempts ?? UNSAID_RETRIES)) {
      return this.#end(fn, { ...event, attempts }, config, 'RetriesExhausted', result);
    }
    const wait = RETRY_MILLISECONDS[attempts - 1] ?? RETRY_MILLISECONDS.at(-1)!;
    const dueAt = this.#kernel.clock.now() + wait;
    if (dueAt - event.receivedAt > ageLimit(config)) {
      return this.#end(fn, { ...event, attempts }, config, 'EventAgeExceeded', result);
    }
    this.#queue.postpone(event.id, { dueAt, attempts, refusals: 0 });
    this.#arm();
  }

  // Throttled, or not able to run: that is no attempt of the function's.
  #afterRefusal(event: StoredEvent, error: unknown): void {
    if (this.#stopped) return;
    const refusals = event.refusals + 1;
    const wait = Math.min(FIRST_BACKOFF * 2 ** event.refusals, LONGEST_BACKOFF);
    this.#queue.postpone(event.id, { dueAt: this.#kernel.clock.now() + wait, attempts: event.attempts, refusals });
    if (!(error instanceof AwsError)) {
      this.#kernel.log('event failed', { function: event.functionArn, reason: String((error as Error).stack) });
    }
    this.#arm();
  }

  async #end(
    fn: LambdaFunction,
    event: StoredEvent,
    config: EventInvokeConfig | undefined,
    condition: Condition,
    result?: RunResult,
  ): Promise<void> {
    if (condition !== 'Success') this.#invoker.measure(fn, event.qualifier, 'AsyncEventsDropped', 1);
    const session = () => this.#sessions.of(fn, fn.latest.settings.role).principal;
    await deliverEnd(
      { kernel: this.#kernel, session, measure: this.#invoker.measure },
      { fn, event, config, condition, result },
    );
    this.#queue.delete(event.id);
  }

  #functionOf({ functionArn }: StoredEvent): LambdaFunction | undefined {
    const [, , , region = '', , , name = ''] = functionArn.split(':');
    return this.#functions.find(region, name);
  }
}

const ageLimit = (config: EventInvokeConfig | undefined): number =>
  config?.maximumEventAgeSeconds === undefined ? UNSAID_AGE_MILLISECONDS : config.maximumEventAgeSeconds * 1000;
