// The process in which a function runs: waits for its assignment, loads the code, then handles one event after the other.
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';

import { ORDERS_DESCRIPTOR, type Assignment, type Invocation, type Order } from '../messages.ts';
import { describeError, describeForLog, RuntimeFailure } from './failure.ts';
import { loadHandler, type Handler } from './handler.ts';
import { runHandler } from './invocation.ts';
import { tell } from './news.ts';
import { captureOutput, say, setRequest } from './output.ts';
import { preload } from './preload.ts';
import { installClock, setClockOffset } from './time.ts';

/** The exit codes of Lambda's runtime for what nobody caught. */
const EXIT_OF_REJECTION = 128;
const EXIT_OF_EXCEPTION = 129;

const orders = new Socket({ fd: ORDERS_DESCRIPTOR, readable: true, writable: false });
const [memoryMegabytes] = process.argv.slice(2).map(Number);
let handler: Handler | undefined;
let callbacks = false;
let busy = false;
let flushOutput = () => {};
const endPreload = preload();
let handled = 0;

new Worker(new URL('./watch.ts', import.meta.url), {
  workerData: { parent: process.ppid, memoryBytes: memoryMegabytes! * 1024 * 1024 },
}).unref();
createInterface({ input: orders }).on('line', (line) => {
  const order = JSON.parse(line) as Order;
  if (order.kind === 'assign') void assign(order);
  else invoke(order);
});
// The cloud is gone, or wants this process no more.
orders.on('close', () => process.kill(process.pid, 'SIGKILL'));

async function assign(order: Assignment): Promise<void> {
  endPreload();
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, order.environment);
  process.argv.splice(2);
  process.chdir(order.root);
  setClockOffset(order.clockOffset);
  installClock();
  flushOutput = captureOutput(order.logs);
  process.on('uncaughtException', (error) => crash('Uncaught Exception', error, EXIT_OF_EXCEPTION));
  process.on('unhandledRejection', (reason) => {
    const name = 'Runtime.UnhandledPromiseRejection';
    const error = reason instanceof Error ? reason : undefined;
    crash('Unhandled Promise Rejection', new RuntimeFailure(name, String(reason), error), EXIT_OF_REJECTION);
  });
  callbacks = order.callbacks;
  try {
    handler = await loadHandler(order.root, order.handler);
    if (!callbacks && handler.length >= 3) {
      throw new RuntimeFailure(
        'Runtime.CallbackHandlerDeprecated',
        'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.',
      );
    }
    tell({ kind: 'assigned' });
  } catch (error) {
    say('ERROR', `Uncaught Exception\t${describeForLog(error)}`);
    flushOutput();
    tell({ kind: 'assigned', failure: describeError(error) });
  }
}

function invoke(order: Invocation): void {
  busy = true;
  setClockOffset(order.clockOffset);
  setRequest(order.requestId);
  process.env['_X_AMZN_TRACE_ID'] = order.traceId;
  // What is left in the event loop is the function's own work from here on.
  orders.unref();
  runHandler(handler!, order, callbacks, (outcome) => {
    if ('thrown' in outcome) return fail('Invoke Error', outcome.thrown);
    try {
      finish(JSON.stringify(outcome.result ?? null), false);
    } catch (error) {
      fail(
        'Invoke Error',
        new RuntimeFailure('Runtime.JSONStringifyError', 'Unable to stringify response body', error as Error),
      );
    }
  });
}

function fail(title: string, thrown: unknown, last = false): void {
  say('ERROR', `${title}\t${describeForLog(thrown)}`);
  finish(JSON.stringify(describeError(thrown)), true, last);
}

function finish(payload: string, failed: boolean, last = false): void {
  busy = false;
  orders.ref();
  flushOutput();
  tell({ kind: 'done', payload, failed, memoryBytes: process.memoryUsage.rss(), ...(last && { last }) });
  // Most workers are killed, and would write their compiled code at a proper end only.
  if (handled++ === 0) flushCompileCache();
}

function crash(title: string, error: unknown, code: number): void {
  if (busy) fail(title, error, true);
  else say('ERROR', `${title}\t${describeForLog(error)}`);
  process.exit(code);
}
