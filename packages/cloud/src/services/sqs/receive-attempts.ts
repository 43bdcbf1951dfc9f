// Receives of FIFO queues that a client repeats under the same attempt id, because an answer did not reach it.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html
import { invalidParameter } from './errors.ts';
import type { Message } from './message.ts';
import type { Queue, ReceiveRequest } from './queue.ts';

interface Attempt {
  readonly until: number;
  readonly rows: readonly number[];
}

const INTERVAL_MILLISECONDS = 5 * 60_000;

export class ReceiveAttempts {
  readonly #attempts = new Map<string, Attempt>();

  /** The messages of the attempt before, while none of them was deleted or seen again; undefined where there was none. */
  again(queue: Queue, id: string, request: ReceiveRequest, now: number): Message[] | undefined {
    if (!queue.fifo) {
      const reason = 'The request include parameter that is not valid for this queue type.';
      throw invalidParameter('ReceiveRequestAttemptId', id, reason);
    }
    const attempt = this.#attempts.get(keyOf(queue, id));
    return attempt && attempt.until > now ? queue.receiveAgain(attempt.rows, request) : undefined;
  }

  /** Remembers what an attempt received. */
  keep(queue: Queue, id: string, received: readonly Message[], now: number): void {
    for (const [other, { until }] of this.#attempts) if (until <= now) this.#attempts.delete(other);
    if (received.length === 0) return;
    const rows = received.map(({ row }) => row);
    this.#attempts.set(keyOf(queue, id), { until: now + INTERVAL_MILLISECONDS, rows });
  }
}

const keyOf = ({ record }: Queue, id: string): string => `${record.id} ${id}`;
