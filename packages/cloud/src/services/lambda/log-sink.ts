// A sandbox's lines on their way into its log stream, written as the function's role: without the permission there are none.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
import { AwsError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Kernel } from '../../kernel/service.ts';

export interface LogDestination {
  readonly group: string;
  readonly stream: string;
  readonly region: string;
  readonly principal: Principal;
}

interface Line {
  readonly timestamp: number;
  readonly message: string;
}

/** How long lines may wait for company, in milliseconds. */
const BATCH_MILLISECONDS = 100;

/** Under what PutLogEvents takes: a mebibyte, with 26 bytes for each event. */
const BATCH_BYTES = 1_000_000;
const LINE_BYTES = 26;

/** The largest event that CloudWatch Logs takes; what is longer is cut, as Lambda does. */
const LARGEST_LINE = 262_118;

export class LogSink {
  readonly #kernel: Kernel;
  readonly #destination: LogDestination;
  #waiting: Line[] = [];
  #timer: NodeJS.Timeout | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(kernel: Kernel, destination: LogDestination) {
    this.#kernel = kernel;
    this.#destination = destination;
  }

  write(text: string): void {
    const message =
      Buffer.byteLength(text) > LARGEST_LINE ? Buffer.from(text).subarray(0, LARGEST_LINE).toString() : text;
    this.#waiting.push({ timestamp: this.#kernel.clock.now(), message: `${message}\n` });
    this.#timer ??= setTimeout(() => void this.flush(), BATCH_MILLISECONDS).unref();
  }

  /** Everything said so far is written, or refused, when this resolves. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      this.#written = this.#written.then(() => this.#put(batch));
      // The metrics in these lines are of this moment.
      this.#kernel.clock.hold(this.#written);
    }
    return this.#written;
  }

  #takeBatch(): Line[] {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ message }, index) => {
      bytes += Buffer.byteLength(message) + LINE_BYTES;
      return index > 0 && bytes > BATCH_BYTES;
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #put(logEvents: readonly Line[]): Promise<void> {
    const { group: logGroupName, stream: logStreamName } = this.#destination;
    const put = () => this.#logs('PutLogEvents', { logGroupName, logStreamName, logEvents });
    try {
      await put().catch(async (error: unknown) => {
        if (!isError(error, 'ResourceNotFoundException')) throw error;
        await this.#createStream();
        await put();
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#kernel.log('function log refused', { group: logGroupName, reason: error.message });
    }
  }

  async #createStream(): Promise<void> {
    const { group: logGroupName, stream: logStreamName } = this.#destination;
    const create = () => this.#logs('CreateLogStream', { logGroupName, logStreamName });
    await create().catch(async (error: unknown) => {
      if (!isError(error, 'ResourceNotFoundException')) throw error;
      await this.#logs('CreateLogGroup', { logGroupName }).catch((failure: unknown) => {
        if (!isError(failure, 'ResourceAlreadyExistsException')) throw failure;
      });
      await create();
    });
  }

  #logs(operation: string, input: object): Promise<unknown> {
    const { principal, region } = this.#destination;
    return this.#kernel.invoke('logs', operation, input, { principal, region });
  }
}

const isError = (error: unknown, code: string): boolean => error instanceof AwsError && error.code === code;
