// What a function prints: console lines dressed as Lambda's Node.js runtime dresses them, everything else as it is.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
import { format } from 'node:util';

import { LOG_LEVELS, type LogLevel, type LogSettings } from '../messages.ts';
import { describeError } from './failure.ts';
import { tell } from './news.ts';

const LEVELS = {
  trace: 'TRACE',
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
} as const satisfies Record<string, LogLevel>;

let requestId: string | undefined;
let settings: LogSettings = { format: 'Text', level: 'TRACE' };

/** Lines from now on belong to this request. */
export function setRequest(id: string): void {
  requestId = id;
}

/** Takes over the console and both standard streams. */
export function captureOutput(logs: LogSettings): () => void {
  settings = logs;
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method as keyof typeof LEVELS] = (...parts: unknown[]) => say(level, ...parts);
  }
  const flushes = [process.stdout, process.stderr].map(captureStream);
  return () => flushes.forEach((flush) => flush());
}

/** One console line. */
export function say(level: LogLevel, ...parts: unknown[]): void {
  if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(settings.level)) return;
  const timestamp = new Date().toISOString();
  if (settings.format === 'Text') {
    tell({ kind: 'log', message: `${timestamp}\t${requestId ?? 'undefined'}\t${level}\t${format(...parts)}` });
    return;
  }
  const error = parts.find((part) => part instanceof Error);
  const [only] = parts;
  const message = parts.length === 1 && typeof only === 'object' && only !== null && !error ? only : format(...parts);
  const line = { timestamp, level, requestId, message, ...(error && describeErrorMembers(error)) };
  tell({ kind: 'log', message: toJson(line) });
}

function describeErrorMembers(error: Error) {
  const { errorType, errorMessage, trace } = describeError(error);
  return { errorType, errorMessage, stackTrace: trace };
}

function toJson(line: { readonly message: unknown }): string {
  try {
    return JSON.stringify(line);
  } catch {
    // A circular object, or a number that JSON has no word for.
    return JSON.stringify({ ...line, message: format(line.message) });
  }
}

// Each line is an event of its own; what has no end yet waits for it, or for the end of the invocation.
function captureStream(stream: NodeJS.WriteStream): () => void {
  let rest = '';
  const write = (chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') tell({ kind: 'log', message: line });
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') process.nextTick(callback as () => void);
    return true;
  };
  stream.write = write as typeof stream.write;
  return () => {
    if (rest !== '') tell({ kind: 'log', message: rest });
    rest = '';
  };
}
