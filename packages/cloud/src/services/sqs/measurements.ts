// What SQS tells CloudWatch: what was sent, received and deleted, and each minute how queues stand that are in use.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
import type { Kernel } from '../../kernel/service.ts';
import type { Queue } from './queue.ts';

const MINUTE = 60_000;

/** An empty queue that nobody used for so long has no measurements. */
const ACTIVE_MILLISECONDS = 6 * 60 * MINUTE;

export class QueueMeasurements {
  readonly #kernel: Pick<Kernel, 'clock' | 'measurements'>;
  readonly #queues: () => Iterable<Queue>;
  /** When queues were used last. */
  readonly #used = new Map<Queue, number>();
  #cancel: (() => void) | undefined;

  constructor(kernel: Pick<Kernel, 'clock' | 'measurements'>, queues: () => Iterable<Queue>) {
    this.#kernel = kernel;
    this.#queues = queues;
  }

  /** Goes on with the queues in which a former process left messages. */
  start(): void {
    if ([...this.#queues()].some((queue) => this.#isActive(queue))) this.#arm();
  }

  sent(queue: Queue, sizes: readonly number[]): void {
    if (!this.#use(queue) || sizes.length === 0) return;
    this.#publish(queue, 'NumberOfMessagesSent', sizes.length);
    for (const size of sizes) this.#publish(queue, 'SentMessageSize', size, 'Bytes');
  }

  received(queue: Queue, count: number): void {
    if (!this.#use(queue)) return;
    if (count > 0) this.#publish(queue, 'NumberOfMessagesReceived', count);
    else this.#publish(queue, 'NumberOfEmptyReceives', 1);
  }

  deleted(queue: Queue, count: number): void {
    if (this.#use(queue) && count > 0) this.#publish(queue, 'NumberOfMessagesDeleted', count);
  }

  stop(): void {
    this.#cancel?.();
  }

  // Nothing is counted for nobody.
  #use(queue: Queue): boolean {
    if (!this.#kernel.measurements.listened) return false;
    this.#used.set(queue, this.#kernel.clock.now());
    this.#arm();
    return true;
  }

  #arm(): void {
    if (this.#cancel) return;
    const { clock } = this.#kernel;
    const next = Math.floor(clock.now() / MINUTE) * MINUTE + MINUTE;
    this.#cancel = clock.at(next, () => {
      this.#cancel = undefined;
      if (this.#gauge() && this.#kernel.measurements.listened) this.#arm();
    });
  }

  /** Says how each active queue stands; false where there is none. */
  #gauge(): boolean {
    const active = [...this.#queues()].filter((queue) => this.#isActive(queue));
    for (const queue of this.#used.keys()) if (!active.includes(queue)) this.#used.delete(queue);
    for (const queue of active) {
      const { visible, inFlight, delayed } = queue.counts();
      this.#publish(queue, 'ApproximateNumberOfMessagesVisible', visible);
      this.#publish(queue, 'ApproximateNumberOfMessagesNotVisible', inFlight);
      this.#publish(queue, 'ApproximateNumberOfMessagesDelayed', delayed);
      this.#publish(queue, 'ApproximateAgeOfOldestMessage', Math.floor(queue.oldestAge() / 1_000), 'Seconds');
    }
    return active.length > 0;
  }

  // Dead letters come without anybody's call, and lie there until somebody looks.
  #isActive(queue: Queue): boolean {
    const usedAt = this.#used.get(queue) ?? -Infinity;
    if (this.#kernel.clock.now() - usedAt <= ACTIVE_MILLISECONDS) return true;
    return Object.values(queue.counts()).some((count) => count > 0);
  }

  #publish({ record }: Queue, name: string, value: number, unit = 'Count'): void {
    const { region } = record;
    const dimensions = { QueueName: record.name };
    this.#kernel.measurements.publish({ namespace: 'AWS/SQS', name, region, dimensions, value, unit });
  }
}
