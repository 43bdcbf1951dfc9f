// A query of CloudWatch Logs Insights: its text becomes steps that rows go through.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
import { Cursor } from './cursor.ts';
import { readExpression, readField, type Expression, type Scope } from './expression.ts';
import { groupRows, type Column } from './groups.ts';
import { readParse } from './parse-command.ts';
import type { Row } from './row.ts';
import { parseStructure, Structure } from './structure.ts';
import { isTrue, order, toNumber, toText } from './value.ts';

export type Step =
  /** Looks at rows one by one; false drops one. */
  | { readonly kind: 'each'; readonly run: (row: Row) => boolean }
  /** Makes several rows of one. */
  | { readonly kind: 'many'; readonly run: (row: Row) => readonly Row[] }
  /** Needs all rows. */
  | { readonly kind: 'all'; readonly run: (rows: readonly Row[]) => readonly Row[] };

export interface Query {
  readonly steps: readonly Step[];
  /** What the results show of a row, in order. */
  readonly columns: readonly string[];
}

/** Commands that CloudWatch Logs has and the cloud has not. */
const OTHERS = [
  'pattern',
  'diff',
  'unmask',
  'filterIndex',
  'join',
  'lookup',
  'anomaly',
  'relevantfields',
  'addtotals',
  'json',
  'SOURCE',
];

const DEFAULT_COLUMNS = ['@timestamp', '@message'];

/** Compiles a query. Throws MalformedQueryException. `now` is its time in milliseconds. */
export function compileQuery(text: string, now: number): Query {
  const cursor = new Cursor(text);
  const scope = { now };
  const steps: Step[] = [];
  let shown: readonly string[] | undefined;
  let fields: readonly string[] = [];
  let parsed: readonly string[] = [];
  do {
    if (cursor.accept('fields')) {
      const columns = readColumns(cursor, scope);
      steps.push({ kind: 'each', run: fill(columns) });
      fields = [...new Set([...fields, ...columns.map(({ name }) => name)])];
    } else if (cursor.accept('display')) {
      const columns = readColumns(cursor, scope);
      steps.push({ kind: 'each', run: fill(columns) });
      shown = columns.map(({ name }) => name);
    } else if (cursor.accept('stats')) {
      const { step, columns } = readStats(cursor, scope);
      steps.push(step);
      fields = columns;
      parsed = [];
    } else if (cursor.accept('parse')) {
      const { names, step } = readParse(cursor);
      steps.push(step);
      parsed = [...new Set([...parsed, ...names])];
    } else {
      steps.push(readStep(cursor, scope));
    }
  } while (cursor.accept('|'));
  if (!cursor.done) throw cursor.unexpected("'|'");
  // What was parsed is shown beside what was asked for.
  const asked = fields.length > 0 ? fields : DEFAULT_COLUMNS;
  return { steps, columns: shown ?? [...new Set([...asked, ...parsed])] };
}

function readStep(cursor: Cursor, scope: Scope): Step {
  if (cursor.accept('filter')) {
    const test = readExpression(cursor, scope);
    return { kind: 'each', run: (row) => isTrue(test(row)) };
  }
  if (cursor.accept('unnest') || cursor.accept('expand')) return readUnnest(cursor);
  if (cursor.accept('sort')) return readSort(cursor, scope);
  if (cursor.accept('limit')) return readLimit(cursor);
  if (cursor.accept('dedup')) return readDedup(cursor);
  const other = OTHERS.find((name) => cursor.accept(name));
  if (other !== undefined) throw cursor.malformed(`the command ${other} is not supported`);
  throw cursor.unexpected('fields, display, filter, parse, stats, sort, limit, dedup or unnest');
}

function readColumns(cursor: Cursor, scope: Scope): Column[] {
  return cursor.list(() => readColumn(cursor, scope));
}

/** An expression, under the name behind `as` or its own text. */
function readColumn(cursor: Cursor, scope: Scope): Column {
  const start = cursor.at;
  const value = readExpression(cursor, scope);
  const text = cursor.since(start).replaceAll('`', '');
  return { value, name: cursor.accept('as') ? readField(cursor) : text };
}

const fill =
  (columns: readonly Column[]) =>
  (row: Row): boolean => {
    for (const { name, value } of columns) row.set(name, value(row));
    return true;
  };

function readStats(cursor: Cursor, scope: Scope): { step: Step; columns: readonly string[] } {
  const aggregates: NonNullable<Scope['aggregates']> = [];
  const results = readColumns(cursor, { ...scope, aggregates });
  if (aggregates.length === 0) throw cursor.malformed('stats needs an aggregate function');
  const keys = cursor.accept('by') ? readColumns(cursor, scope) : [];
  return {
    step: { kind: 'all', run: (rows) => groupRows(rows, keys, aggregates, results) },
    columns: [...keys, ...results].map(({ name }) => name),
  };
}

function readSort(cursor: Cursor, scope: Scope): Step {
  const criteria = cursor.list((): { value: Expression; direction: number } => {
    const { value } = readColumn(cursor, scope);
    const descending = cursor.accept('desc');
    if (!descending) cursor.accept('asc');
    return { value, direction: descending ? -1 : 1 };
  });
  return {
    kind: 'all',
    run: (rows) =>
      rows.toSorted((a, b) => {
        for (const { value, direction } of criteria) {
          const difference = order(value(a), value(b)) * direction;
          if (difference !== 0) return difference;
        }
        return 0;
      }),
  };
}

function readLimit(cursor: Cursor): Step {
  // `any` lets AWS stop reading early; which rows those are is open.
  cursor.accept('any');
  const count = cursor.match(/\d+/y)?.[0];
  if (count === undefined) throw cursor.unexpected('a number');
  return { kind: 'all', run: (rows) => rows.slice(0, Number(count)) };
}

// A list becomes a row for each of its items; what is no list is a list of one.
function readUnnest(cursor: Cursor): Step {
  const list = readField(cursor);
  const item = cursor.accept('into') ? readField(cursor) : list;
  return {
    kind: 'many',
    run: (row) => {
      const found = row.get(list);
      const text = typeof found === 'string' ? parseStructure(found) : undefined;
      const structure = found instanceof Structure ? found : text;
      const items = structure instanceof Structure ? structure.items() : [found];
      return items.map((value) => {
        const copy = row.copy();
        copy.set(item, value);
        return copy;
      });
    },
  };
}

function readDedup(cursor: Cursor): Step {
  const names = cursor.list(() => readField(cursor));
  return {
    kind: 'all',
    run: (rows) => {
      const seen = new Set<string>();
      return rows.filter((row) => {
        const values = names.map((name) => row.get(name));
        // What lacks a field is no duplicate of anything.
        if (values.includes(undefined)) return true;
        const key = JSON.stringify(values.map((value) => toNumber(value) ?? toText(value)));
        return !seen.has(key) && seen.add(key);
      });
    },
  };
}
