// One event in one sandbox, against the time it has: what the handler answers, or in which of Lambda's ways it failed.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
import type { FailureReport } from '../../runtime/function/messages.ts';
import type { Assigned, Exit } from '../../runtime/function/process.ts';
import type { Status } from './report.ts';
import type { Event, FunctionSandbox } from './sandbox.ts';

export interface Execution {
  readonly status: Status;
  /** JSON: the handler's answer or the error. */
  readonly payload: string;
  readonly memoryBytes: number;
  readonly durationMilliseconds: number;
  /** Undefined in a sandbox that was warm. */
  readonly initMilliseconds: number | undefined;
  /** What Lambda itself writes of a failure. */
  readonly message?: string | undefined;
}

type Ending = Pick<Execution, 'status' | 'payload' | 'memoryBytes' | 'message'>;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_RESPONSE = 6_291_556;

/** Loading the code takes nothing of the function's time for this long, in milliseconds. */
const INIT_MILLISECONDS = 10_000;

/** Loads the code where that is still to be done, then hands in the event. `onStart` comes between the two. */
export async function execute(
  sandbox: FunctionSandbox,
  event: Event,
  timeoutSeconds: number,
  onStart: () => void,
): Promise<Execution> {
  const timeout = timeoutSeconds * 1000;
  const begun = performance.now();
  const { fresh } = sandbox;
  sandbox.fresh = false;
  const loaded = fresh ? await within(INIT_MILLISECONDS + timeout, sandbox.assigned) : ({ kind: 'assigned' } as const);
  const initMilliseconds = performance.now() - begun;
  onStart();
  // Whatever loading takes beyond its own time is taken from the function's.
  const late = Math.max(initMilliseconds - INIT_MILLISECONDS, 0);
  const started = performance.now() - late;
  const failed = failureOf(loaded, event.requestId, timeoutSeconds);
  if (failed) sandbox.kill();
  const ending = failed ?? (await handle(sandbox, event, timeoutSeconds, timeout - late));
  return {
    ...ending,
    durationMilliseconds: Math.min(performance.now() - started, timeout),
    initMilliseconds: fresh ? initMilliseconds : undefined,
  };
}

async function handle(
  sandbox: FunctionSandbox,
  event: Event,
  timeoutSeconds: number,
  milliseconds: number,
): Promise<Ending> {
  const { requestId } = event;
  const done = await within(milliseconds, sandbox.handle(event));
  if (done === 'late' || done.kind === 'exit') {
    sandbox.kill();
    return failureOf(done, requestId, timeoutSeconds)!;
  }
  if (done.last) sandbox.kill();
  const { memoryBytes } = done;
  if (Buffer.byteLength(done.payload) > LARGEST_RESPONSE) {
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE} bytes).`;
    return { ...failure('error', { errorType: 'Function.ResponseSizeTooLarge', errorMessage }), memoryBytes };
  }
  return { status: done.failed ? 'failure' : 'success', payload: done.payload, memoryBytes };
}

/** What Lambda reports where there is no answer; undefined where the code is loaded. */
function failureOf(loaded: Assigned | Exit | 'late', requestId: string, timeoutSeconds: number): Ending | undefined {
  if (loaded === 'late') {
    const message = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
    const report = { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${message}` };
    return { ...failure('timeout', report), message };
  }
  if (loaded.kind === 'exit') {
    const reason =
      loaded.reason === undefined
        ? 'Runtime exited without providing a reason'
        : `Runtime exited with error: ${loaded.reason}`;
    const errorMessage = `RequestId: ${requestId} Error: ${reason}`;
    return {
      ...failure('error', { errorType: 'Runtime.ExitError', errorMessage }),
      message: `${errorMessage}\nRuntime.ExitError`,
    };
  }
  return loaded.failure && failure('error', loaded.failure);
}

const failure = (status: Status, report: FailureReport): Ending => ({
  status,
  payload: JSON.stringify(report),
  memoryBytes: 0,
});

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
