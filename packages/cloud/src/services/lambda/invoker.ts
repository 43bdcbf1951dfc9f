// Runs a function on one event: within its concurrency, in a warm sandbox or a new one, within its time.
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { AwsError } from '../../kernel/errors.ts';
import type { Kernel } from '../../kernel/service.ts';
import { Pool } from '../../runtime/function/pool.ts';
import { Spares } from '../../runtime/function/spares.ts';
import type { CodeStore } from './code.ts';
import type { Concurrency } from './concurrency.ts';
import { openVariables, type Variables } from './environment.ts';
import { execute } from './execution.ts';
import type { LambdaFunction, Target, Version } from './functions.ts';
import { createMeasure, type Measure } from './measurements.ts';
import { billedMilliseconds, reporter, type Measured } from './report.ts';
import type { RoleSessions } from './role-sessions.ts';
import { FunctionSandbox } from './sandbox.ts';

export interface RunRequest {
  readonly target: Target;
  /** The event's JSON. */
  readonly payload: string;
  readonly requestId: string;
  readonly clientContext?: unknown;
  readonly traceId?: string | undefined;
}

export interface RunResult {
  readonly payload: string;
  readonly failed: boolean;
  readonly version: string;
  /** The lines of this event, the last four kilobytes. */
  readonly log: string;
}

const TAIL_BYTES = 4_096;

/**
 * Copies of one version that run at a time on this machine; further events wait. More of them than the processors can start
 * and run would only slow each other down.
 */
const MOST_COPIES = Math.max(8, 3 * availableParallelism());

const MEGABYTE = 1024 * 1024;

export class Invoker {
  readonly measure: Measure;
  readonly #kernel: Kernel;
  readonly #codes: CodeStore;
  readonly #sessions: RoleSessions;
  readonly #concurrency: Concurrency;
  readonly #pool = new Pool<FunctionSandbox>(MOST_COPIES);
  readonly #spares: Spares;

  constructor(kernel: Kernel, parts: { codes: CodeStore; sessions: RoleSessions; concurrency: Concurrency }) {
    this.#kernel = kernel;
    this.#codes = parts.codes;
    this.#sessions = parts.sessions;
    this.#concurrency = parts.concurrency;
    this.#spares = new Spares(() => parts.codes.cacheFolder);
    this.measure = createMeasure(kernel);
  }

  /** Runs the function; throws TooManyRequestsException and what else keeps it from running at all. */
  async run(request: RunRequest): Promise<RunResult> {
    const { fn, version, qualifier } = request.target;
    const leave = this.#enter(request.target);
    try {
      const { settings } = version;
      const session = this.#sessions.of(fn, settings.role);
      const variables = await this.#variables(fn, version, session);
      const until = this.#kernel.clock.now() + settings.timeoutSeconds * 1000;
      const key = `${fn.arn}:${version.version}:${version.revisionId}`;
      const start = () => {
        // Code may be missing: no process is started for what cannot run.
        const root = this.#codes.rootOf(version.code);
        const process = this.#spares.take(settings.memoryMegabytes, nodeVariables(variables));
        return new FunctionSandbox(this.#kernel, { fn, version, session, process, root, variables });
      };
      this.measure(fn, qualifier, 'Invocations', 1);
      return await this.#pool.use(key, until, start, (sandbox) => this.#handle(sandbox, request));
    } finally {
      leave();
    }
  }

  /** Has a process ready for a function that is likely to be invoked soon. */
  prepare(memoryMegabytes: number): void {
    this.#spares.prepare(memoryMegabytes);
  }

  /** Ends what runs of older states of the function. */
  retire(fn: Pick<LambdaFunction, 'arn'>, version = ''): void {
    this.#pool.retire(`${fn.arn}:${version}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#spares.close(), this.#pool.close()]);
  }

  #enter({ fn, qualifier }: Target): () => void {
    try {
      const leave = this.#concurrency.enter(fn, fn.reservedConcurrency);
      this.measure(fn, qualifier, 'ConcurrentExecutions', this.#concurrency.running(fn));
      return leave;
    } catch (error) {
      this.measure(fn, qualifier, 'Throttles', 1);
      throw error;
    }
  }

  async #variables(
    fn: LambdaFunction,
    { settings }: Version,
    session: ReturnType<RoleSessions['of']>,
  ): Promise<Variables> {
    try {
      return await openVariables(this.#kernel, { ...session, region: fn.region }, fn.arn, settings.environment);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const reason =
        'Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the function’s KMS key settings.';
      const text = `${reason} KMS Exception: ${error.code} KMS Message: ${error.message}`;
      throw new AwsError('KMSAccessDeniedException', text, { status: 502, members: { Type: 'User' } });
    }
  }

  async #handle(sandbox: FunctionSandbox, request: RunRequest): Promise<RunResult> {
    const { target, requestId, payload, clientContext, traceId = newTraceId() } = request;
    const { fn, version, qualifier } = target;
    const { settings } = version;
    const invokedArn = qualifier === undefined ? fn.arn : `${fn.arn}:${qualifier}`;
    const lines = reporter(settings, version.version, () => this.#kernel.clock.now());
    const tail = tailOf(sandbox);
    if (sandbox.fresh) sandbox.say(lines.initStart());
    const event = { requestId, payload, traceId, invokedArn, clientContext };
    const done = await execute(sandbox, event, settings.timeoutSeconds, () => sandbox.say(lines.start(requestId)));
    if (done.message !== undefined) sandbox.say(lines.failure(requestId, done.message));
    const measured = {
      requestId,
      durationMilliseconds: done.durationMilliseconds,
      memoryMegabytes: settings.memoryMegabytes,
      usedMegabytes: Math.min(Math.ceil(done.memoryBytes / MEGABYTE), settings.memoryMegabytes),
      initMilliseconds: done.initMilliseconds,
      status: done.status,
    };
    sandbox.say(lines.end(requestId));
    sandbox.say(lines.report(measured));
    void sandbox.flush();
    this.#account(target, measured);
    // The next new copy need not wait for a process.
    if (done.initMilliseconds !== undefined) this.#spares.prepare(settings.memoryMegabytes);
    return { payload: done.payload, failed: done.status !== 'success', version: version.version, log: tail() };
  }

  #account({ fn, qualifier }: Target, measured: Measured): void {
    const { durationMilliseconds, memoryMegabytes, status } = measured;
    const amount = billedMilliseconds(measured) * memoryMegabytes;
    this.#kernel.meter.add('lambda', 'megabyte-milliseconds', fn.region, amount);
    this.measure(fn, qualifier, 'Duration', durationMilliseconds, 'Milliseconds');
    this.measure(fn, qualifier, 'Errors', status === 'success' ? 0 : 1);
  }
}

/** Collects the sandbox's lines from now on; the answer gives the end of them. */
function tailOf(sandbox: FunctionSandbox): () => string {
  let text = '';
  sandbox.onLine = (line) => {
    text = `${text}${line}\n`.slice(-TAIL_BYTES);
  };
  return () => text;
}

/** Variables that Node reads before any code of the worker runs. */
const nodeVariables = (variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith('NODE_')));

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
export const newTraceId = (): string =>
  `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
