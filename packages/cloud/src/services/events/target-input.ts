// What a target gets: the event, a part of it, a constant, or a template filled in.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
import type { Target } from '@aws-sdk/client-eventbridge';

import { validation } from './errors.ts';
import type { BusEvent } from './event.ts';
import type { Rule } from './rules.ts';

const MOST_VARIABLES = 100;

type Input = Pick<Target, 'Input' | 'InputPath' | 'InputTransformer'>;

/** Throws ValidationException for an input that could not be made. */
export function checkInput({ Input: constant, InputPath: path, InputTransformer: transformer }: Input): void {
  if ([constant, path, transformer].filter((way) => way !== undefined).length > 1) {
    throw validation('Only one of Input, InputPath, or InputTransformer must be provided.');
  }
  if (constant !== undefined && !isJson(constant)) throw validation('JSON syntax error in input for target.');
  if (path !== undefined) requirePath(path);
  if (!transformer) return;
  const variables = Object.entries(transformer.InputPathsMap ?? {});
  if (variables.length > MOST_VARIABLES) throw validation(`InputPathsMap has more than ${MOST_VARIABLES} variables.`);
  for (const [name, each] of variables) {
    if (!/^[\w-]+$/.test(name) || name.toLowerCase().startsWith('aws'))
      throw validation(`Invalid InputPathsMap key ${name}.`);
    requirePath(each);
  }
  const known = new Set([...variables.map(([name]) => name), ...RESERVED]);
  for (const [, name = ''] of (transformer.InputTemplate ?? '').matchAll(VARIABLE)) {
    if (!known.has(name)) throw validation(`InputTemplate for target contains undefined variable <${name}>.`);
  }
}

/** The text that a target gets for an event. `now` is when the event came in, in milliseconds. */
export function inputFor(target: Input, event: BusEvent, rule: Pick<Rule, 'arn' | 'name'>, now: number): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (!target.InputTransformer) return JSON.stringify(event);
  const values = new Map<string, unknown>([
    ['aws.events.rule-arn', rule.arn],
    ['aws.events.rule-name', rule.name],
    ['aws.events.event.ingestion-time', new Date(now).toISOString()],
    ['aws.events.event', withoutDetail(event)],
    ['aws.events.event.json', event],
  ]);
  for (const [name, path] of Object.entries(target.InputTransformer.InputPathsMap ?? {})) {
    values.set(name, valueAt(event, path));
  }
  return fill(target.InputTransformer.InputTemplate ?? '', values);
}

const RESERVED = [
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
];

const VARIABLE = /<([\w.-]+)>/g;

/** Between quotes a variable is text; elsewhere it is JSON. */
function fill(template: string, values: ReadonlyMap<string, unknown>): string {
  const pieces = template.matchAll(/"(?:[^"\\]|\\.)*"|[^"]+|"/gs);
  return [...pieces]
    .map(([piece]) =>
      piece.replace(VARIABLE, (whole, name: string) => {
        if (!values.has(name)) return whole;
        const value = values.get(name);
        if (!piece.startsWith('"')) return value === undefined ? '""' : JSON.stringify(value);
        const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
        return JSON.stringify(text).slice(1, -1);
      }),
    )
    .join('');
}

function withoutDetail({ detail: _detail, ...rest }: BusEvent): object {
  return rest;
}

function requirePath(path: string): void {
  if (stepsOf(path) === undefined) throw validation(`Invalid JSON path ${path}.`);
}

/** `$.detail.items[0]['odd name']`; undefined for what is no path. */
function stepsOf(path: string): string[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps = [...path.slice(1).matchAll(/\.([\w-]+)|\[(\d+)\]|\[['"]([^'"]+)['"]\]/g)];
  if (steps.map(([text]) => text).join('') !== path.slice(1)) return undefined;
  return steps.map(([, name, index, quoted]) => name ?? index ?? quoted ?? '');
}

const valueAt = (event: unknown, path: string): unknown =>
  (stepsOf(path) ?? []).reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    event,
  );

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
