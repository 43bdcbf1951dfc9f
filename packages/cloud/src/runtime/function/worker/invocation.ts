// One event through a handler: the context object, callbacks and promises, and what comes of it.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
import type { Invocation } from '../messages.ts';
import type { Handler } from './handler.ts';

/** What became of an event; settled by whichever comes first. */
export type Settle = (outcome: { readonly result: unknown } | { readonly thrown: unknown }) => void;

/**
 * Runs the handler on an event. Its result is settled once: by the promise it returns, by its callback (then when nothing
 * is left to do, unless the handler does not want to wait), or with null when it has nothing left to do at all.
 */
export function runHandler(handler: Handler, order: Invocation, callbacks: boolean, settle: Settle): void {
  const context = createContext(order);
  let wait = true;
  let settled = false;
  const finish: Settle = (outcome) => {
    if (settled) return;
    settled = true;
    process.off('beforeExit', finishEmpty);
    settle(outcome);
  };
  const finishEmpty = () => finish({ result: null });
  process.once('beforeExit', finishEmpty);
  const called = (outcome: Parameters<Settle>[0]) => {
    if (!wait || 'thrown' in outcome) return finish(outcome);
    process.off('beforeExit', finishEmpty);
    process.once('beforeExit', () => finish(outcome));
  };
  const answer = (error: unknown, result?: unknown) =>
    called(error === null || error === undefined ? { result: result ?? null } : { thrown: error });
  const immediately = (outcome: Parameters<Settle>[0]) => {
    wait = false;
    called(outcome);
  };
  const whole = callbacks
    ? Object.defineProperty(
        {
          ...context,
          done: answer,
          succeed: (result: unknown) => immediately({ result }),
          fail: (thrown: unknown) => immediately({ thrown }),
        },
        'callbackWaitsForEmptyEventLoop',
        {
          enumerable: true,
          get: () => wait,
          set: (value: boolean) => {
            wait = value;
          },
        },
      )
    : context;
  try {
    const returned = callbacks
      ? handler(JSON.parse(order.payload), whole, answer)
      : handler(JSON.parse(order.payload), whole);
    if (isPromise(returned))
      returned.then(
        (result) => finish({ result }),
        (thrown: unknown) => finish({ thrown }),
      );
    else if (!callbacks) finish({ result: returned });
  } catch (thrown) {
    finish({ thrown });
  }
}

function createContext({ requestId, context, timeoutMilliseconds }: Invocation) {
  const deadline = performance.now() + timeoutMilliseconds;
  return {
    ...context,
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(Math.floor(deadline - performance.now()), 0),
  };
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
