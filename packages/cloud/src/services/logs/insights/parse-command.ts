// The `parse` command: fields out of a text, by a pattern with asterisks or a regular expression with named groups.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html
import type { Cursor } from './cursor.ts';
import { readField, readRegex, readText } from './expression.ts';
import type { Row } from './row.ts';
import { toText } from './value.ts';

/** Reads the rest of the command; the answer sets a row's fields where its text matches. */
export function readParse(cursor: Cursor): (row: Row) => void {
  const field = /["'/]/.test(cursor.text[cursor.at] ?? '') ? '@message' : readField(cursor);
  const regex = readRegex(cursor);
  return regex ? byRegex(cursor, field, regex) : byGlob(cursor, field);
}

function byRegex(cursor: Cursor, field: string, regex: RegExp): (row: Row) => void {
  if (!/\(\?<[a-z_]/i.test(regex.source)) throw cursor.malformed('the regular expression of parse has no named group');
  return (row) => {
    const { groups = {} } = regex.exec(toText(row.get(field))) ?? {};
    for (const [name, value] of Object.entries(groups)) row.set(name, value);
  };
}

function byGlob(cursor: Cursor, field: string): (row: Row) => void {
  const glob = readText(cursor);
  if (glob === undefined) throw cursor.unexpected('a text or a regular expression');
  const parts = glob.split('*');
  cursor.expect('as');
  const names = cursor.list(() => readField(cursor));
  if (names.length !== parts.length - 1) {
    throw cursor.malformed(`the pattern has ${parts.length - 1} asterisks for ${names.length} fields`);
  }
  const literal = parts.map((part) => part.replace(/[\\^$.|+()[\]{}?]/g, '\\$&'));
  const expression = new RegExp(
    `${literal.slice(0, -1).join('(.*?)')}(.*${literal.at(-1) === '' ? '' : '?'})${literal.at(-1)}`,
    's',
  );
  return (row) => {
    const [, ...values] = expression.exec(toText(row.get(field))) ?? [];
    for (const [index, value] of values.entries()) row.set(names[index]!, value);
  };
}
