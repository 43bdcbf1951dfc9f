// Errors as Lambda's Node.js runtime reports them. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
import { format } from 'node:util';

import type { FailureReport } from '../messages.ts';

/** An error of the runtime's own, such as `Runtime.HandlerNotFound`. */
export class RuntimeFailure extends Error {
  constructor(name: string, message: string, cause?: Error) {
    super(message);
    this.name = name;
    if (cause?.stack !== undefined) this.stack = `${name}: ${cause.stack}`;
  }
}

/** What a caller is told of whatever was thrown. */
export function describeError(thrown: unknown): FailureReport & { readonly trace: readonly string[] } {
  if (thrown instanceof Error) {
    return {
      errorType: thrown.name,
      errorMessage: thrown.message,
      trace: (thrown.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof thrown, errorMessage: typeof thrown === 'string' ? thrown : format(thrown), trace: [] };
}

/** The same as the log has it, with the error's own members. */
export function describeForLog(thrown: unknown): string {
  const { errorType, errorMessage, trace } = describeError(thrown);
  const members = thrown instanceof Error ? Object.fromEntries(Object.entries(thrown)) : {};
  try {
    return JSON.stringify({ errorType, errorMessage, ...members, stack: trace });
  } catch {
    // An error that refers to itself.
    return JSON.stringify({ errorType, errorMessage, stack: trace });
  }
}
