// Takes a stream's records to a function in their order, one batch after the other: a batch that fails holds up the rest. Where
// more batches are wanted at a time, each poller has a lane of items of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
import { hash } from 'node:crypto';

import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import { failuresIn } from './batch-failures.ts';
import { tellDiscarded, type Discarded } from './discarded-records.ts';
import { countEvents } from './event-counts.ts';
import { findVersion, type Target } from './functions.ts';
import { lanesOf, type Mapping, type StreamMapping } from './mappings.ts';
import type { PollerParts } from './queue-poller.ts';
import { streamFilterOf, type StreamRecord } from './stream-event.ts';
import { StreamReader } from './stream-reader.ts';

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 60_000;

/** How long a poller that may not do its work waits before it tries again. */
const PROBLEM_MILLISECONDS = 60_000;

export class StreamPoller {
  readonly #parts: PollerParts;
  readonly #id: string;
  readonly #lane: number;
  #loop: Promise<void> | undefined;
  #woken = false;
  #stopped = false;
  /** Failures of the records that come next, and into how many of them a batch was cut. */
  #attempts = 0;
  #cut: number | undefined;
  /** Nothing is tried before; undefined where nothing waits. */
  #waitsUntil: number | undefined;
  #collectedSince: number | undefined;
  #cancel = () => {};

  constructor(parts: PollerParts, id: string, lane: number) {
    this.#parts = parts;
    this.#id = id;
    this.#lane = lane;
  }

  /** There may be records; the answer is done when they are handled, or put off. */
  wake(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#woken = true;
    return (this.#loop ??= this.#run().finally(() => (this.#loop = undefined)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#loop;
  }

  // Not within the call in which a record came.
  async #run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#woken && !this.#stopped) {
      this.#woken = false;
      let mapping = this.#mapping();
      try {
        while (mapping && !this.#waits() && (await this.#step(mapping)) && !this.#stopped) mapping = this.#mapping();
      } catch (error) {
        if (!this.#stopped) this.#problem(error as Error);
      }
    }
  }

  /** One batch; false where there is nothing to do now. */
  async #step(mapping: StreamMapping): Promise<boolean> {
    const target = this.#target(mapping);
    if (!target) return false;
    const position = this.#parts.mappings.position(this.#id, this.#lane);
    const limit = this.#cut ?? mapping.batchSize;
    // What is other lanes' comes with it.
    const found = await this.#reader(mapping, target).after(position, lanesOf(mapping) === 1 ? limit : Infinity);
    const own = found.filter((record) => this.#isOwn(mapping, record));
    const records = own.length > limit ? found.slice(0, found.indexOf(own[limit]!)) : found;
    if (records.length === 0 || this.#collects(mapping, Math.min(own.length, limit))) return false;
    const matches = streamFilterOf(mapping.patterns);
    const isWanted = (record: StreamRecord) => this.#isOwn(mapping, record) && matches(record);
    // A batch that is tried again was read before.
    if (this.#attempts === 0 && this.#cut === undefined) {
      const batch = own.slice(0, limit);
      countEvents(this.#parts.kernel, mapping, 'PolledEventCount', batch.length);
      countEvents(this.#parts.kernel, mapping, 'FilteredOutEventCount', batch.length - batch.filter(matches).length);
    }
    // The oldest come first.
    const young = records.findIndex((record) => !this.#isTooOld(mapping, record));
    if (young !== 0) {
      const old = young < 0 ? records : records.slice(0, young);
      await this.#discard(mapping, target, old.filter(isWanted), { condition: 'RecordAgeExceeded' });
      this.#done(mapping, old);
      return true;
    }
    const wanted = records.filter(isWanted);
    if (wanted.length === 0) this.#done(mapping, records);
    else await this.#handle(mapping, target, records, wanted);
    return true;
  }

  async #handle(
    mapping: StreamMapping,
    target: Target,
    records: readonly StreamRecord[],
    wanted: readonly StreamRecord[],
  ) {
    const payload = JSON.stringify({ Records: wanted });
    const requestId = uuid();
    const result = await this.#parts.invoker.run({ target, payload, requestId });
    if (this.#stopped && result.failed) return;
    const { kernel } = this.#parts;
    countEvents(kernel, mapping, 'InvokedEventCount', wanted.length);
    const failed = result.failed ? undefined : failuresOf(mapping, result.payload, wanted);
    if (failed?.size === 0) {
      this.#done(mapping, records);
      this.#report('OK');
      return;
    }
    countEvents(kernel, mapping, 'FailedInvokeEventCount', failed?.size ?? wanted.length);
    this.#report('PROBLEM: Function call failed');
    // Up to the first failure, all is done.
    const first = failed ? records.findIndex(({ dynamodb }) => failed.has(dynamodb.SequenceNumber)) : 0;
    if (first > 0) this.#done(mapping, records.slice(0, first));
    const rest = records.slice(first);
    const discard = () =>
      this.#discard(
        mapping,
        target,
        wanted.filter((record) => rest.includes(record)),
        { condition: 'RetryAttemptsExhausted', requestId, result },
      );
    await this.#failed(mapping, rest, discard);
  }

  async #failed(mapping: StreamMapping, rest: readonly StreamRecord[], discard: () => Promise<void>): Promise<void> {
    const { clock } = this.#parts.kernel;
    const { stream } = mapping;
    const left = rest.filter((record) => this.#isOwn(mapping, record)).length;
    const spent = stream.maximumRetryAttempts >= 0 && this.#attempts >= stream.maximumRetryAttempts;
    if (stream.bisects && left > 1) {
      // Halves are no further attempt.
      this.#cut = Math.ceil(left / 2);
    } else if (spent) {
      await discard();
      this.#done(mapping, rest);
      return;
    } else this.#attempts++;
    const wait = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** Math.min(this.#attempts, 10), LONGEST_RETRY_MILLISECONDS);
    this.#wakeAt(clock.now() + wait);
  }

  /** Tells the mapping's destination of records that are given up; what cannot be told is counted and logged. */
  async #discard(
    mapping: StreamMapping,
    target: Target,
    records: readonly StreamRecord[],
    why: Pick<Discarded, 'condition' | 'requestId' | 'result'>,
  ): Promise<void> {
    const { kernel, sessions, invoker } = this.#parts;
    const { fn, version, qualifier } = target;
    if (records.length === 0) return;
    countEvents(kernel, mapping, 'DroppedEventCount', records.length);
    kernel.log('lambda.records-dropped', { mapping: this.#id, records: records.length });
    if (mapping.stream.onFailure === undefined) return;
    try {
      const shardId = await this.#reader(mapping, target).shardId();
      const as = { principal: sessions.of(fn, version.settings.role).principal, region: mapping.region };
      await tellDiscarded(kernel, as, { ...why, mapping, shardId, records, attempts: this.#attempts });
      countEvents(kernel, mapping, 'OnFailureDestinationDeliveredEventCount', records.length);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      invoker.measure(fn, qualifier, 'DestinationDeliveryFailures', 1);
      kernel.log('lambda.records-not-told', { mapping: this.#id, reason: error.message });
    }
  }

  #reader({ sourceArn }: StreamMapping, { fn, version }: Target): StreamReader {
    const { kernel, sessions } = this.#parts;
    return new StreamReader(kernel, sourceArn, sessions.of(fn, version.settings.role).principal);
  }

  #done(mapping: StreamMapping, records: readonly StreamRecord[]): void {
    const { mappings } = this.#parts;
    const last = records.at(-1);
    const now = mappings.find(this.#id);
    // Where the lanes are others now, this batch may not be all that was its lane's: it is handled again.
    if (last && now && lanesOf(now) === lanesOf(mapping))
      mappings.keepPosition(this.#id, this.#lane, last.dynamodb.SequenceNumber);
    this.#attempts = 0;
    this.#cut = undefined;
    this.#collectedSince = undefined;
  }

  /** True as long as a batch that is not full has time to fill. */
  #collects({ windowSeconds, batchSize }: StreamMapping, count: number): boolean {
    if (windowSeconds === 0 || this.#attempts > 0 || count === 0 || count >= (this.#cut ?? batchSize)) return false;
    const now = this.#parts.kernel.clock.now();
    this.#collectedSince ??= now;
    const end = this.#collectedSince + windowSeconds * 1_000;
    if (now >= end) return false;
    this.#cancel();
    this.#cancel = this.#parts.kernel.clock.at(end, () => this.wake());
    return true;
  }

  #isTooOld({ stream }: StreamMapping, { dynamodb }: StreamRecord): boolean {
    const age = this.#parts.kernel.clock.now() / 1_000 - dynamodb.ApproximateCreationDateTime;
    return stream.maximumRecordAgeSeconds >= 0 && age > stream.maximumRecordAgeSeconds;
  }

  #waits(): boolean {
    return this.#waitsUntil !== undefined && this.#parts.kernel.clock.now() < this.#waitsUntil;
  }

  #wakeAt(moment: number): void {
    this.#waitsUntil = moment;
    this.#cancel();
    this.#cancel = this.#parts.kernel.clock.at(moment, () => this.wake());
  }

  #mapping(): StreamMapping | undefined {
    const mapping = this.#parts.mappings.find(this.#id);
    if (!mapping?.enabled || !mapping.stream || this.#lane >= lanesOf(mapping)) return undefined;
    return { ...mapping, stream: mapping.stream };
  }

  // What happens to one item stays in one lane.
  #isOwn(mapping: StreamMapping, { dynamodb }: StreamRecord): boolean {
    const lanes = lanesOf(mapping);
    return lanes === 1 || hash('sha256', JSON.stringify(dynamodb.Keys), 'buffer').readUInt32BE() % lanes === this.#lane;
  }

  #target({ functionArn, qualifier, region }: Mapping): Target | undefined {
    const fn = this.#parts.functions.find(region, functionArn.slice(functionArn.lastIndexOf(':') + 1));
    const version = fn && findVersion(fn, qualifier);
    if (fn && version) return { fn, version, qualifier };
    this.#report('PROBLEM: Function not found');
    return undefined;
  }

  #problem(error: Error): void {
    const { clock, log } = this.#parts.kernel;
    log('lambda.mapping-problem', {
      mapping: this.#id,
      reason: error instanceof AwsError ? error.message : error.stack,
    });
    this.#report(`PROBLEM: ${error.message}`);
    this.#wakeAt(clock.now() + PROBLEM_MILLISECONDS);
  }

  #report(lastResult: string): void {
    const { mappings } = this.#parts;
    const mapping = mappings.find(this.#id);
    if (mapping && mapping.lastResult !== lastResult) mappings.save({ ...mapping, lastResult });
  }
}

/** Undefined where all failed. */
function failuresOf({ reportsFailures }: Mapping, payload: string, records: readonly StreamRecord[]) {
  if (!reportsFailures) return new Set<string>();
  return failuresIn(
    payload,
    records.map(({ dynamodb }) => dynamodb.SequenceNumber),
  );
}
