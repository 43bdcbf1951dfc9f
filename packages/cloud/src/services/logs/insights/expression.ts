// Expressions of queries: comparisons, arithmetic and functions, compiled to what they are for a row.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
import { AGGREGATES, type Aggregate } from './aggregates.ts';
import type { Cursor } from './cursor.ts';
import { FUNCTIONS } from './functions.ts';
import { ceilTo, floorTo, readPeriod } from './period.ts';
import type { Row } from './row.ts';
import { compare, isTrue, Moment, toNumber, toText, type Value } from './value.ts';

export type Expression = (row: Row) => Value;

/** An aggregate call within `stats`: its result stands in its group's row under `name`. */
export interface AggregateCall {
  readonly name: string;
  /** Undefined for `count(*)`. */
  readonly argument: Expression | undefined;
  readonly create: () => Aggregate;
}

export interface Scope {
  /** The time of the query, in milliseconds. */
  readonly now: number;
  /** Where aggregate calls are collected; undefined where they are not allowed. */
  readonly aggregates?: AggregateCall[];
}

/** Reads a whole expression. */
export function readExpression(cursor: Cursor, scope: Scope): Expression {
  return readOr(cursor, scope);
}

/** The name of a field: `@message`, `a.b.0`, or `` `odd-name` ``. */
export function readField(cursor: Cursor): string {
  const match = cursor.match(/(?:[@$A-Za-z_][\w@$]*|`[^`]+`)(?:\.(?:[\w@$-]+|`[^`]+`)|\[\d+\])*/y);
  if (!match) throw cursor.unexpected('a field');
  return match[0].replaceAll('`', '');
}

/** A text between quotes; undefined where there is none here. */
export function readText(cursor: Cursor): string | undefined {
  const match = cursor.match(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy);
  return match && (match[1] ?? match[2]!).replace(/\\(["'\\])/g, '$1');
}

/** A regular expression between slashes; undefined where there is none here. */
export function readRegex(cursor: Cursor): RegExp | undefined {
  const source = cursor.match(/\/((?:[^/\\]|\\.)+)\//y)?.[1];
  if (source === undefined) return undefined;
  const ignoreCase = source.includes('(?i)');
  try {
    return new RegExp(source.replaceAll('(?i)', ''), ignoreCase ? 'is' : 's');
  } catch (error) {
    throw cursor.malformed((error as SyntaxError).message);
  }
}

function readOr(cursor: Cursor, scope: Scope): Expression {
  let left = readAnd(cursor, scope);
  while (cursor.accept('or')) {
    const [first, second] = [left, readAnd(cursor, scope)];
    left = (row) => isTrue(first(row)) || isTrue(second(row));
  }
  return left;
}

function readAnd(cursor: Cursor, scope: Scope): Expression {
  let left = readNot(cursor, scope);
  while (cursor.accept('and')) {
    const [first, second] = [left, readNot(cursor, scope)];
    left = (row) => isTrue(first(row)) && isTrue(second(row));
  }
  return left;
}

function readNot(cursor: Cursor, scope: Scope): Expression {
  if (!cursor.accept('not')) return readComparison(cursor, scope);
  const operand = readNot(cursor, scope);
  return (row) => !isTrue(operand(row));
}

function readComparison(cursor: Cursor, scope: Scope): Expression {
  const left = readSum(cursor, scope);
  const operator = cursor.match(/!=|<=|>=|=~|=|<|>/y)?.[0];
  if (operator === '=~') return readLike(cursor, scope, left);
  if (operator !== undefined) {
    const right = readSum(cursor, scope);
    return (row) => holds(operator, compare(left(row), right(row)));
  }
  const negated = cursor.accept('not');
  const test = cursor.accept('like')
    ? readLike(cursor, scope, left)
    : cursor.accept('in')
      ? readIn(cursor, scope, left)
      : undefined;
  if (!test) {
    if (negated) throw cursor.unexpected("'like' or 'in'");
    return left;
  }
  return negated ? (row) => !test(row) : test;
}

// What is missing differs from everything, and is neither less nor more than anything.
function holds(operator: string, difference: number | undefined): boolean {
  if (difference === undefined) return operator === '!=';
  switch (operator) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    default:
      return difference >= 0;
  }
}

function readLike(cursor: Cursor, scope: Scope, value: Expression): Expression {
  const regex = readRegex(cursor);
  if (regex) return (row) => regex.test(toText(value(row)));
  const part = readSum(cursor, scope);
  return (row) => toText(value(row)).includes(toText(part(row)));
}

function readIn(cursor: Cursor, scope: Scope, value: Expression): Expression {
  cursor.expect('[');
  const options = cursor.list(() => readSum(cursor, scope));
  cursor.expect(']');
  return (row) => options.some((option) => compare(value(row), option(row)) === 0);
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

function calculate(operator: string, left: Expression, right: Expression): Expression {
  const run = ARITHMETIC[operator]!;
  return (row) => {
    const [a, b] = [toNumber(left(row)), toNumber(right(row))];
    if (a === undefined || b === undefined) return undefined;
    const result = run(a, b);
    return Number.isFinite(result) ? result : undefined;
  };
}

function readSum(cursor: Cursor, scope: Scope): Expression {
  let left = readProduct(cursor, scope);
  for (let operator; (operator = cursor.match(/[+-]/y)?.[0]);) {
    left = calculate(operator, left, readProduct(cursor, scope));
  }
  return left;
}

function readProduct(cursor: Cursor, scope: Scope): Expression {
  let left = readPower(cursor, scope);
  for (let operator; (operator = cursor.match(/[*/%]/y)?.[0]);) {
    left = calculate(operator, left, readPower(cursor, scope));
  }
  return left;
}

function readPower(cursor: Cursor, scope: Scope): Expression {
  const base = readOperand(cursor, scope);
  return cursor.accept('^') ? calculate('^', base, readPower(cursor, scope)) : base;
}

function readOperand(cursor: Cursor, scope: Scope): Expression {
  if (cursor.accept('(')) {
    const inner = readExpression(cursor, scope);
    cursor.expect(')');
    return inner;
  }
  const number = cursor.match(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])/iy)?.[0];
  if (number !== undefined) return () => Number(number);
  const text = readText(cursor);
  if (text !== undefined) return () => text;
  if (cursor.accept('true')) return () => true;
  if (cursor.accept('false')) return () => false;
  const start = cursor.at;
  const name = cursor.match(/([a-z_]\w*)\s*\(/iy)?.[1];
  return name === undefined ? fieldOf(readField(cursor)) : readCall(cursor, scope, name.toLowerCase(), start);
}

const fieldOf =
  (name: string): Expression =>
  (row) =>
    row.get(name);

function readCall(cursor: Cursor, scope: Scope, name: string, start: number): Expression {
  const aggregate = Object.hasOwn(AGGREGATES, name) && AGGREGATES[name];
  if (aggregate) return readAggregate(cursor, scope, aggregate, start);
  const call = readTimeCall(cursor, scope, name) ?? readPlainCall(cursor, scope, name);
  cursor.expect(')');
  return call;
}

function readTimeCall(cursor: Cursor, scope: Scope, name: string): Expression | undefined {
  if (name === 'now') return () => Math.floor(scope.now / 1_000);
  if (name === 'regex_replace') return readRegexReplace(cursor, scope);
  if (name !== 'bin' && name !== 'datefloor' && name !== 'dateceil') return undefined;
  const time = name === 'bin' ? fieldOf('@timestamp') : readExpression(cursor, scope);
  if (name !== 'bin') cursor.expect(',');
  const period = readPeriod(cursor);
  const round = name === 'dateceil' ? ceilTo : floorTo;
  return (row) => {
    const moment = toNumber(time(row));
    return moment === undefined ? undefined : new Moment(round(period, moment));
  };
}

// RE2's `\1` is `$1` here.
function readRegexReplace(cursor: Cursor, scope: Scope): Expression {
  const text = readExpression(cursor, scope);
  cursor.expect(',');
  const pattern = readRegex(cursor) ?? readText(cursor);
  if (pattern === undefined) throw cursor.unexpected('a regular expression');
  cursor.expect(',');
  const replacement = readText(cursor);
  if (replacement === undefined) throw cursor.unexpected('a text');
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, pattern instanceof RegExp ? `${pattern.flags}g` : 'gs');
  } catch (error) {
    throw cursor.malformed((error as SyntaxError).message);
  }
  const inserted = replacement.replace(/\\(\d)/g, '$$$1');
  return (row) => {
    const value = text(row);
    return value === undefined ? undefined : toText(value).replace(expression, inserted);
  };
}

function readPlainCall(cursor: Cursor, scope: Scope, name: string): Expression {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!known) throw cursor.malformed(`the function ${name} is not supported`);
  const values = cursor.list(() => readExpression(cursor, scope));
  const [fewest, most] = known.arity;
  if (values.length < fewest || values.length > most) {
    throw cursor.malformed(`${name} takes ${fewest === most ? fewest : `at least ${fewest}`} arguments`);
  }
  return (row) => known.run(...values.map((value) => value(row)));
}

function readAggregate(
  cursor: Cursor,
  scope: Scope,
  { constants, create }: (typeof AGGREGATES)[string],
  start: number,
): Expression {
  if (!scope.aggregates) throw cursor.malformed('aggregate functions are for stats only');
  const counted = cursor.accept('*') || cursor.text[cursor.at] === ')';
  // Arguments are about single events: no aggregate within an aggregate.
  const argument = counted ? undefined : readExpression(cursor, { now: scope.now });
  const numbers = Array.from({ length: constants }, () => {
    cursor.expect(',');
    const number = cursor.match(/\d+(?:\.\d+)?/y)?.[0];
    if (number === undefined) throw cursor.unexpected('a number');
    return Number(number);
  });
  cursor.expect(')');
  const name = `${start}:${cursor.since(start)}`;
  scope.aggregates.push({ name, argument, create: () => create(...numbers) });
  return fieldOf(name);
}
