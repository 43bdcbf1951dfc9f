// What the cloud and a worker process say to each other: one line of JSON each, orders one way, news the other.

/** The descriptors of a worker process that carry orders in and news out. */
export const ORDERS_DESCRIPTOR = 3;
export const NEWS_DESCRIPTOR = 4;

/** Makes a worker the one of a function: its variables, its code, its name. The first order of all. */
export interface Assignment {
  readonly kind: 'assign';
  /** The whole environment that the code sees. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder with the function's code. */
  readonly root: string;
  /** E.g. `index.handler`. */
  readonly handler: string;
  /** Handlers may take a callback, as up to Node.js 22. */
  readonly callbacks: boolean;
  readonly memoryMegabytes: number;
  readonly logs: LogSettings;
  /** How far the cloud's clock is ahead of the machine's, in milliseconds. */
  readonly clockOffset: number;
}

export interface LogSettings {
  readonly format: 'Text' | 'JSON';
  /** The least level of a console line that is kept; in text all are. */
  readonly level: LogLevel;
}

export const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One invocation. */
export interface Invocation {
  readonly kind: 'invoke';
  readonly requestId: string;
  /** The event's JSON. */
  readonly payload: string;
  readonly timeoutMilliseconds: number;
  readonly clockOffset: number;
  readonly traceId: string;
  readonly context: InvocationContext;
}

/** What of the context object does not depend on time. */
export interface InvocationContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly clientContext?: unknown;
}

export type Order = Assignment | Invocation;

/** What a failed function's caller is told. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export interface FailureReport {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type News =
  /** The code is loaded, or could not be. */
  | { readonly kind: 'assigned'; readonly failure?: FailureReport }
  /** What the handler made of the event: a JSON text, or why there is none. */
  | {
      readonly kind: 'done';
      readonly payload: string;
      readonly failed: boolean;
      readonly memoryBytes: number;
      /** The worker can take no further event. */
      readonly last?: boolean;
    }
  /** One log event. */
  | { readonly kind: 'log'; readonly message: string };
