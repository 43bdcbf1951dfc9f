// What a query knows of one event: the fields that CloudWatch Logs finds in it, and those that the query adds.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
import type { LogEvent } from '../log-events.ts';
import { Structure } from './structure.ts';
import { Moment, type Value } from './value.ts';

/** An event and the log group, `<account>:<name>`, that it came from. */
export interface Source {
  readonly event: LogEvent;
  readonly log: string;
}

export class Row {
  /** Undefined for a group of `stats`. */
  readonly source: Source | undefined;
  readonly #own = new Map<string, Value>();
  #found: Map<string, Value> | undefined;

  constructor(source?: Source) {
    this.source = source;
  }

  get(name: string): Value {
    if (this.#own.has(name)) return this.#own.get(name);
    const within = this.#within(name);
    if (within !== undefined) return within;
    return this.source && (systemField(this.source, name) ?? this.#discovered().get(name));
  }

  /** A row for the same event, with the same fields of the query's own. */
  copy(): Row {
    const copy = new Row(this.source);
    for (const [name, value] of this.#own) copy.set(name, value);
    return copy;
  }

  // `json.user.id`, where `json` is a map.
  #within(name: string): Value {
    for (let end = name.length - 1; end > 0; end--) {
      if (name[end] !== '.' && name[end] !== '[') continue;
      const holder = this.#own.get(name.slice(0, end));
      if (holder instanceof Structure) return holder.at(name.slice(end));
    }
    return undefined;
  }

  set(name: string, value: Value): void {
    this.#own.set(name, value);
  }

  /** Every field of the event, for GetLogRecord. */
  all(): [string, Value][] {
    const system = SYSTEM_FIELDS.map((name): [string, Value] => [name, this.get(name)]);
    return [...system, ...this.#discovered()];
  }

  // Only once a query asks for a field that not every event has.
  #discovered(): Map<string, Value> {
    return (this.#found ??= discover(this.source!.event.message));
  }
}

/** The names of the fields that CloudWatch Logs finds in a message. */
export const discoveredFields = (message: string): string[] => [...discover(message).keys()];

const SYSTEM_FIELDS = ['@ptr', '@timestamp', '@ingestionTime', '@message', '@logStream', '@log'];

function systemField({ event, log }: Source, name: string): Value {
  switch (name) {
    case '@timestamp':
      return new Moment(event.timestamp);
    case '@ingestionTime':
      return new Moment(event.ingestedAt);
    case '@message':
      return event.message;
    case '@logStream':
      return event.stream;
    case '@log':
      return log;
    case '@ptr':
      return pointerTo(event.id);
    default:
      return undefined;
  }
}

/** What `@ptr` holds and GetLogRecord takes. */
export const pointerTo = (id: number): string => Buffer.from(`event:${id}`).toString('base64');

/** The id in a pointer; undefined where it is none of ours. */
export function readPointer(pointer: string): number | undefined {
  const match = /^event:(\d+)$/.exec(Buffer.from(pointer, 'base64').toString());
  return match ? Number(match[1]) : undefined;
}

function discover(message: string): Map<string, Value> {
  const fields = new Map<string, Value>();
  const brace = message.indexOf('{');
  if (brace === 0 || (brace > 0 && message.trimEnd().endsWith('}')))
    flatten(parseJson(message.slice(brace)), '', fields);
  if (brace !== 0) discoverLambda(message, fields);
  return fields;
}

/** Undefined where the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `{a: {b: [1]}}` has a field `a.b.0`. */
function flatten(value: unknown, path: string, fields: Map<string, Value>): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) flatten(member, path === '' ? key : `${path}.${key}`, fields);
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    fields.set(path, value);
  }
}

const LAMBDA_TYPES = /^(START|END|REPORT) RequestId: ([\w-]+)/;

const LAMBDA_MEASURES: readonly (readonly [field: string, expression: RegExp, factor: number])[] = [
  ['@duration', /\tDuration: ([\d.]+) ms/, 1],
  ['@billedDuration', /\tBilled Duration: ([\d.]+) ms/, 1],
  ['@initDuration', /\tInit Duration: ([\d.]+) ms/, 1],
  ['@memorySize', /\tMemory Size: (\d+) MB/, 1_000_000],
  ['@maxMemoryUsed', /\tMax Memory Used: (\d+) MB/, 1_000_000],
];

/** The lines that AWS Lambda itself writes. */
function discoverLambda(message: string, fields: Map<string, Value>): void {
  const [, type, requestId] = LAMBDA_TYPES.exec(message) ?? [];
  if (type === undefined || requestId === undefined) {
    const [, id] = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t([\da-f]{8}-[\da-f-]{27})\t/.exec(message) ?? [];
    if (id !== undefined) fields.set('@requestId', id);
    return;
  }
  fields.set('@type', type);
  fields.set('@requestId', requestId);
  if (type !== 'REPORT') return;
  for (const [field, expression, factor] of LAMBDA_MEASURES) {
    const measure = expression.exec(message)?.[1];
    if (measure !== undefined) fields.set(field, Number(measure) * factor);
  }
}
