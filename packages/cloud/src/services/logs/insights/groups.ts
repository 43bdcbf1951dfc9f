// The `stats` command: rows become groups, and aggregates of each.
import type { AggregateCall, Expression } from './expression.ts';
import { Row } from './row.ts';
import { toText, type Value } from './value.ts';

/** A named result of an expression. */
export interface Column {
  readonly name: string;
  readonly value: Expression;
}

/** One row for each group; without keys one for all rows, even for none. */
export function groupRows(
  rows: readonly Row[],
  keys: readonly Column[],
  calls: readonly AggregateCall[],
  results: readonly Column[],
): Row[] {
  const groups = new Map<string, Group>();
  const groupOf = (values: readonly Value[]): Group => {
    const id = JSON.stringify(values.map((value) => (value === undefined ? null : toText(value))));
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { values, aggregates: calls.map(({ create }) => create()) }));
    return group;
  };
  if (keys.length === 0) groupOf([]);
  for (const row of rows) {
    const { aggregates } = groupOf(keys.map(({ value }) => value(row)));
    for (const [index, { argument }] of calls.entries()) aggregates[index]!.add(argument ? argument(row) : true, row);
  }
  return [...groups.values()].map(({ values, aggregates }) => {
    const row = new Row();
    for (const [index, { name }] of keys.entries()) row.set(name, values[index]);
    for (const [index, { name }] of calls.entries()) row.set(name, aggregates[index]!.result());
    // In order: a later result may name an earlier one.
    for (const { name, value } of results) row.set(name, value(row));
    return row;
  });
}

interface Group {
  readonly values: readonly Value[];
  readonly aggregates: readonly ReturnType<AggregateCall['create']>[];
}
