// What one service tells the others without knowing them: calls that were made, events for the default bus, measurements.
import type { AwsError } from './errors.ts';
import type { Call } from './service.ts';

/** Listeners run at once, one after the other, before `publish` returns: what they store is durable with what is told. */
export class Feed<T> {
  readonly #listeners = new Set<(item: T) => void>();

  publish(item: T): void {
    for (const listener of this.#listeners) listener(item);
  }

  /** False where what is published is for nobody, so that it need not be made. */
  get listened(): boolean {
    return this.#listeners.size > 0;
  }

  /** Listens until the answer is called. */
  subscribe(listener: (item: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** An operation that came to its end: answered, denied by IAM or failed. */
export interface FinishedCall {
  readonly call: Call;
  readonly input: unknown;
  /** Undefined where the operation failed, or has no output. */
  readonly output: unknown;
  readonly error: AwsError | undefined;
}

/** An event that an AWS service itself sends to the default event bus. */
export interface ServiceEvent {
  /** E.g. `aws.codebuild`. */
  readonly source: string;
  /** E.g. `CodeBuild Build State Change`. */
  readonly detailType: string;
  readonly region: string;
  /** ARNs. */
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** A queue has messages to be received, or a stream has records, or may have. */
export interface Arrival {
  readonly sourceArn: string;
  /** Time, while somebody moves it, waits for what is done about it. */
  readonly waitFor: (work: Promise<unknown>) => void;
}

/** A value that an AWS service itself sends to CloudWatch. */
export interface Measurement {
  /** E.g. `AWS/SQS`. */
  readonly namespace: string;
  /** E.g. `NumberOfMessagesSent`. */
  readonly name: string;
  readonly region: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  /** CloudWatch's word for it, e.g. `Count`, `Milliseconds`. */
  readonly unit: string;
  /** When it was, in milliseconds. @default the cloud's time of now */
  readonly at?: number;
  /** 1 for a high-resolution metric. @default 60 */
  readonly resolutionSeconds?: number;
}
