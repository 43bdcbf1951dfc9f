// How many events of a function, and of a region, are being handled, and how many may be.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
import { throttled } from './errors.ts';
import type { Functions, LambdaFunction } from './functions.ts';

export const ACCOUNT_CONCURRENCY = 1_000;

/** What reservations must leave for all other functions. */
export const LEAST_UNRESERVED = 100;

export class Concurrency {
  readonly #functions: Functions;
  readonly #running = new Map<string, number>();

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  /** Counts one more event in; the answer counts it out. Throws where the limit is reached. */
  enter(fn: Pick<LambdaFunction, 'arn' | 'region'>, reserved: number | undefined): () => void {
    const own = this.running(fn);
    if (reserved !== undefined && own >= reserved) throw throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
    if (reserved === undefined && this.#unreserved(fn.region) >= this.unreservedLimit(fn.region)) {
      throw throttled('ConcurrentInvocationLimitExceeded');
    }
    this.#running.set(fn.arn, own + 1);
    return () => {
      const left = this.running(fn) - 1;
      if (left > 0) this.#running.set(fn.arn, left);
      else this.#running.delete(fn.arn);
    };
  }

  running({ arn }: Pick<LambdaFunction, 'arn'>): number {
    return this.#running.get(arn) ?? 0;
  }

  /** Of all functions of a region. */
  inRegion(region: string): number {
    return [...this.#running].reduce((sum, [arn, count]) => (arn.split(':')[3] === region ? sum + count : sum), 0);
  }

  /** What functions without a reservation share. */
  unreservedLimit(region: string, except?: string): number {
    const reserved = this.#functions
      .list(region)
      .reduce((sum, { name, reservedConcurrency = 0 }) => (name === except ? sum : sum + reservedConcurrency), 0);
    return ACCOUNT_CONCURRENCY - reserved;
  }

  #unreserved(region: string): number {
    if (this.#running.size === 0) return 0;
    return this.#functions
      .list(region)
      .filter(({ reservedConcurrency }) => reservedConcurrency === undefined)
      .reduce((sum, fn) => sum + this.running(fn), 0);
  }
}
