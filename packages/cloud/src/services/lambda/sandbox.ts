// One running copy of a function version: its process, its role's session, its log stream.
import { randomBytes } from 'node:crypto';

import type { Kernel, SessionCredentials } from '../../kernel/service.ts';
import type { InvocationContext } from '../../runtime/function/messages.ts';
import type { Sandbox } from '../../runtime/function/pool.ts';
import type { Assigned, Done, Exit, WorkerProcess } from '../../runtime/function/process.ts';
import type { Variables } from './environment.ts';
import type { LambdaFunction, Version } from './functions.ts';
import { LogSink } from './log-sink.ts';

export interface SandboxOptions {
  readonly fn: LambdaFunction;
  readonly version: Version;
  readonly session: SessionCredentials;
  readonly process: WorkerProcess;
  /** The folder with the code. */
  readonly root: string;
  /** The function's own variables. */
  readonly variables: Variables;
}

/** What becomes of an event that is handed in. */
export interface Event {
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string;
  readonly invokedArn: string;
  readonly clientContext: unknown;
}

const PATH = '/usr/local/bin:/usr/bin:/bin';

export class FunctionSandbox implements Sandbox {
  readonly expiresAt: number;
  /** The code is loaded, or could not be. */
  readonly assigned: Promise<Assigned | Exit>;
  /** No event has been handed in yet. */
  fresh = true;
  /** Gets each line besides the log. */
  onLine: (line: string) => void = () => {};
  readonly #kernel: Kernel;
  readonly #options: SandboxOptions;
  readonly #log: LogSink;
  readonly #stream: string;
  #ended = false;

  constructor(kernel: Kernel, options: SandboxOptions) {
    const { fn, version, session, process: worker, root, variables } = options;
    const { settings } = version;
    this.#kernel = kernel;
    this.#options = options;
    this.expiresAt = session.expiresAt;
    const day = new Date(kernel.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    this.#stream = `${day}/[${version.version}]${randomBytes(16).toString('hex')}`;
    this.#log = new LogSink(kernel, {
      group: settings.logging.group,
      stream: this.#stream,
      region: fn.region,
      principal: session.principal,
    });
    worker.onLog = (line) => this.say(line);
    this.assigned = worker.assign({
      environment: { ...this.#environment(), ...variables },
      root,
      handler: settings.handler,
      callbacks: settings.runtime === 'nodejs22.x',
      memoryMegabytes: settings.memoryMegabytes,
      logs: {
        format: settings.logging.format,
        level: settings.logging.format === 'JSON' ? settings.logging.applicationLevel : 'TRACE',
      },
      clockOffset: this.#clockOffset(),
    });
  }

  get alive(): boolean {
    return !this.#ended && this.#options.process.alive;
  }

  /** Writes a line to the log, unless there is none. */
  say(line: string | undefined): void {
    if (line === undefined) return;
    this.#log.write(line);
    this.onLine(line);
  }

  handle({ requestId, payload, traceId, invokedArn, clientContext }: Event): Promise<Done | Exit> {
    const { fn, version, process: worker } = this.#options;
    const context: InvocationContext = {
      functionName: fn.name,
      functionVersion: version.version,
      invokedFunctionArn: invokedArn,
      memoryLimitInMB: String(version.settings.memoryMegabytes),
      logGroupName: version.settings.logging.group,
      logStreamName: this.#stream,
      ...(clientContext !== undefined && { clientContext }),
    };
    const timeoutMilliseconds = version.settings.timeoutSeconds * 1000;
    return worker.invoke({
      requestId,
      payload,
      timeoutMilliseconds,
      clockOffset: this.#clockOffset(),
      traceId,
      context,
    });
  }

  /** Its lines are in the log, or refused, when this resolves. */
  flush(): Promise<void> {
    return this.#log.flush();
  }

  /** Ends the process at once: it will take no further event. */
  kill(): void {
    this.#ended = true;
    this.#options.process.kill();
  }

  async end(): Promise<void> {
    this.kill();
    await this.#options.process.ended;
    await this.flush();
  }

  #clockOffset(): number {
    return this.#kernel.clock.now() - Date.now();
  }

  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
  #environment(): Record<string, string> {
    const { fn, version, session, root } = this.#options;
    const { settings } = version;
    return {
      PATH,
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      LAMBDA_TASK_ROOT: root,
      LAMBDA_RUNTIME_DIR: root,
      _HANDLER: settings.handler,
      AWS_REGION: fn.region,
      AWS_DEFAULT_REGION: fn.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMegabytes),
      AWS_LAMBDA_FUNCTION_VERSION: version.version,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: settings.logging.group,
      AWS_LAMBDA_LOG_STREAM_NAME: this.#stream,
      AWS_ENDPOINT_URL: this.#kernel.endpoint(),
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
      ...(settings.logging.format === 'JSON' && {
        AWS_LAMBDA_LOG_FORMAT: 'JSON',
        AWS_LAMBDA_LOG_LEVEL: settings.logging.applicationLevel,
      }),
    };
  }
}
