// Takes a queue's messages to a function, as the function's role: woken by messages, in batches, and some batches at a time.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
import type { Message } from '@aws-sdk/client-sqs';

import { AwsError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import { failuresIn } from './batch-failures.ts';
import { countEvents } from './event-counts.ts';
import { findVersion, type Functions, type Target } from './functions.ts';
import type { Invoker } from './invoker.ts';
import type { Mapping, Mappings } from './mappings.ts';
import { filterOf, recordOf, type QueueRecord } from './queue-event.ts';
import type { RoleSessions } from './role-sessions.ts';

export interface PollerParts {
  readonly kernel: Kernel;
  readonly functions: Functions;
  readonly invoker: Invoker;
  readonly sessions: RoleSessions;
  readonly mappings: Mappings;
}

/** Batches that Lambda begins with at a time. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const USUAL_CONCURRENCY = 5;

const LARGEST_RECEIVE = 10;
const LARGEST_PAYLOAD = 6 * 1024 * 1024;

/** How long a poller that may not do its work waits before it tries again, where no message wakes it. */
const PROBLEM_MILLISECONDS = 60_000;

export class QueuePoller {
  readonly #parts: PollerParts;
  readonly #id: string;
  readonly #batches = new Set<Promise<void>>();
  /** Messages that were received for a batch that is not full yet. */
  #collected: QueueRecord[] = [];
  #loop: Promise<void> | undefined;
  #bell = Promise.withResolvers<void>();
  #woken = false;
  #stopped = false;
  #cancelWindow: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(parts: PollerParts, id: string) {
    this.#parts = parts;
    this.#id = id;
  }

  /** There may be messages; the answer is done when they are handled, or put off. */
  wake(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#woken = true;
    this.#bell.resolve();
    return (this.#loop ??= this.#run().finally(() => (this.#loop = undefined)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelWindow?.();
    this.#cancelRetry?.();
    this.#bell.resolve();
    await this.#loop;
    await Promise.all(this.#batches);
  }

  // Not within the transaction, or the call, in which a message came.
  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#stopped && (this.#woken || this.#batches.size > 0)) {
      this.#woken = false;
      this.#bell = Promise.withResolvers();
      await this.#pull();
      if (this.#batches.size > 0) await Promise.race([this.#bell.promise, ...this.#batches]);
    }
  }

  /** Receives as long as there is something, and room for another batch. */
  async #pull(): Promise<void> {
    for (;;) {
      const mapping = this.#parts.mappings.find(this.#id);
      const target = mapping && this.#target(mapping);
      if (this.#stopped || !mapping?.enabled || !target) return;
      if (this.#batches.size >= (mapping.maximumConcurrency ?? USUAL_CONCURRENCY)) return;
      const records = await this.#receive(mapping, target);
      if (!records) return;
      const wanted = filterOf(mapping.patterns);
      const dropped = records.filter((record) => !wanted(record));
      countEvents(this.#parts.kernel, mapping, 'PolledEventCount', records.length);
      countEvents(this.#parts.kernel, mapping, 'FilteredOutEventCount', dropped.length);
      if (dropped.length > 0) await this.#delete(mapping, target, dropped);
      this.#take(mapping, target, records.filter(wanted));
    }
  }

  #take(mapping: Mapping, target: Target, records: readonly QueueRecord[]): void {
    if (records.length === 0) return;
    if (mapping.windowSeconds === 0) {
      this.#begin(mapping, target, records);
      return;
    }
    this.#collected.push(...records);
    if (this.#collected.length >= mapping.batchSize || sizeOf(this.#collected) >= LARGEST_PAYLOAD) {
      this.#flush(mapping, target);
      return;
    }
    const { clock } = this.#parts.kernel;
    this.#cancelWindow ??= clock.at(clock.now() + mapping.windowSeconds * 1_000, () => {
      // What the mapping and the function are by now.
      const current = this.#parts.mappings.find(this.#id);
      const now = current && this.#target(current);
      if (current?.enabled && now) this.#flush(current, now);
      else this.#letGo();
      return this.wake();
    });
  }

  #flush(mapping: Mapping, target: Target): void {
    this.#begin(mapping, target, this.#letGo());
  }

  /** Ends the collecting; what nobody handles is seen again once its visibility timeout is over. */
  #letGo(): QueueRecord[] {
    this.#cancelWindow?.();
    this.#cancelWindow = undefined;
    const records = this.#collected;
    this.#collected = [];
    return records;
  }

  #begin(mapping: Mapping, target: Target, records: readonly QueueRecord[]): void {
    for (const some of withinPayload(records)) {
      const batch = this.#handle(mapping, target, some)
        .catch((error: unknown) => this.#problem(mapping, error))
        .finally(() => this.#batches.delete(batch));
      this.#batches.add(batch);
    }
  }

  async #handle(mapping: Mapping, target: Target, records: readonly QueueRecord[]): Promise<void> {
    const { invoker, kernel } = this.#parts;
    const payload = JSON.stringify({ Records: records });
    const result = await invoker.run({ target, payload, requestId: uuid() });
    countEvents(kernel, mapping, 'InvokedEventCount', records.length);
    // What failed is seen again once its visibility timeout is over.
    const failed = result.failed
      ? undefined
      : mapping.reportsFailures
        ? failuresIn(
            result.payload,
            records.map(({ messageId }) => messageId),
          )
        : new Set<string>();
    if (this.#stopped && !failed) return;
    const done = failed ? records.filter(({ messageId }) => !failed.has(messageId)) : [];
    countEvents(kernel, mapping, 'FailedInvokeEventCount', records.length - done.length);
    await this.#delete(mapping, target, done);
    countEvents(kernel, mapping, 'DeletedEventCount', done.length);
    this.#report(failed ? 'OK' : 'PROBLEM: Function call failed');
  }

  async #receive(mapping: Mapping, target: Target): Promise<QueueRecord[] | undefined> {
    const most = Math.min(mapping.batchSize - this.#collected.length, LARGEST_RECEIVE);
    try {
      const { Messages } = await this.#sqs<{ Messages?: Message[] }>(mapping, target, 'ReceiveMessage', {
        MaxNumberOfMessages: most,
        WaitTimeSeconds: 0,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return Messages?.map((message) => recordOf(message, mapping));
    } catch (error) {
      this.#problem(mapping, error);
      return undefined;
    }
  }

  async #delete(mapping: Mapping, target: Target, records: readonly QueueRecord[]): Promise<void> {
    for (let from = 0; from < records.length; from += LARGEST_RECEIVE) {
      const Entries = records
        .slice(from, from + LARGEST_RECEIVE)
        .map(({ receiptHandle: ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
      await this.#sqs(mapping, target, 'DeleteMessageBatch', { Entries });
    }
  }

  async #sqs<Output>(
    { sourceArn }: Mapping,
    { fn, version }: Target,
    operation: string,
    input: object,
  ): Promise<Output> {
    const { kernel, sessions } = this.#parts;
    const [, , , region = '', account = '', name = ''] = sourceArn.split(':');
    const principal: Principal = sessions.of(fn, version.settings.role).principal;
    const QueueUrl = `${kernel.endpoint()}/${account}/${name}`;
    return kernel.invoke<object, Output>('sqs', operation, { QueueUrl, ...input }, { principal, region });
  }

  #target({ functionArn, qualifier, region }: Mapping): Target | undefined {
    const fn = this.#parts.functions.find(region, functionArn.slice(functionArn.lastIndexOf(':') + 1));
    const version = fn && findVersion(fn, qualifier);
    if (!fn || !version) {
      this.#report('PROBLEM: Function not found');
      return undefined;
    }
    return { fn, version, qualifier };
  }

  #problem({ arn }: Mapping, error: unknown): void {
    if (this.#stopped) return;
    const { clock, log } = this.#parts.kernel;
    const reason = (error as Error).message;
    log('lambda.mapping-problem', {
      mapping: arn,
      reason: error instanceof AwsError ? reason : (error as Error).stack,
    });
    this.#report(`PROBLEM: ${reason}`);
    this.#cancelRetry?.();
    this.#cancelRetry = clock.at(clock.now() + PROBLEM_MILLISECONDS, () => this.wake());
  }

  #report(lastResult: string): void {
    const { mappings } = this.#parts;
    const mapping = mappings.find(this.#id);
    if (mapping && mapping.lastResult !== lastResult) mappings.save({ ...mapping, lastResult });
  }
}

const sizeOf = (records: readonly QueueRecord[]): number =>
  records.reduce((sum, record) => sum + Buffer.byteLength(JSON.stringify(record)) + 1, 0);

/** Parts of a batch that each fit into one event. */
function withinPayload(records: readonly QueueRecord[]): QueueRecord[][] {
  const parts: QueueRecord[][] = [];
  let size = LARGEST_PAYLOAD;
  for (const record of records) {
    const own = sizeOf([record]);
    if (size + own > LARGEST_PAYLOAD) {
      parts.push([]);
      // The braces and the word around them.
      size = 16;
    }
    parts.at(-1)!.push(record);
    size += own;
  }
  return parts;
}
