// The `parse` command: fields out of a text, by a pattern with asterisks, by a regular expression with named groups, or out of
// lines of logfmt and CSV. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Parse.html
import type { Cursor } from './cursor.ts';
import { readField, readRegex, readText } from './expression.ts';
import type { Step } from './query.ts';
import type { Row } from './row.ts';
import { Structure } from './structure.ts';
import { toText } from './value.ts';

/** The fields that a command makes, and how. */
export interface Parse {
  readonly names: readonly string[];
  readonly step: Step;
}

/** Reads the rest of the command. */
export function readParse(cursor: Cursor): Parse {
  const unsaid = /["'/]/.test(cursor.text[cursor.at] ?? '') || /^(logfmt|csv)\s/i.test(cursor.text.slice(cursor.at));
  const field = unsaid ? '@message' : readField(cursor);
  if (cursor.accept('logfmt')) return byLogfmt(cursor, field);
  if (cursor.accept('csv')) return byCsv(cursor, field);
  const regex = readRegex(cursor);
  return regex ? byRegex(cursor, field, regex) : byGlob(cursor, field);
}

const each = (names: readonly string[], parse: (row: Row) => void): Parse => ({
  names,
  step: { kind: 'each', run: (row) => (parse(row), true) },
});

function byRegex(cursor: Cursor, field: string, regex: RegExp): Parse {
  const names = [...regex.source.matchAll(/\(\?<([a-z_]\w*)>/gi)].map(([, name]) => name!);
  if (names.length === 0) throw cursor.malformed('the regular expression of parse has no named group');
  const fill = (row: Row, { groups = {} }: RegExpExecArray) => {
    for (const [name, value] of Object.entries(groups)) row.set(name, value);
    return row;
  };
  if (cursor.accept('multi')) {
    const global = new RegExp(regex.source, `${regex.flags}g`);
    return {
      names,
      step: {
        kind: 'many',
        run: (row) => {
          const rows = [...toText(row.get(field)).matchAll(global)].map((match) => fill(row.copy(), match));
          return rows.length > 0 ? rows : [row];
        },
      },
    };
  }
  return each(names, (row) => {
    const match = regex.exec(toText(row.get(field)));
    if (match) fill(row, match);
  });
}

function byGlob(cursor: Cursor, field: string): Parse {
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
  return each(names, (row) => {
    const [, ...values] = expression.exec(toText(row.get(field))) ?? [];
    for (const [index, value] of values.entries()) row.set(names[index]!, value);
  });
}

// `level=error msg="no till" retry`: a key without a value is true.
function byLogfmt(cursor: Cursor, field: string): Parse {
  cursor.expect('as');
  const name = readField(cursor);
  return each([name], (row) => {
    const pairs = toText(row.get(field)).matchAll(/([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|(\S*)))?/g);
    const map = Object.fromEntries(
      [...pairs].map(([, key, quoted, plain]) => [key, quoted?.replace(/\\(.)/g, '$1') ?? plain ?? 'true']),
    );
    row.set(name, new Structure(map));
  });
}

/** Values between commas; double quotes keep commas within one. */
function byCsv(cursor: Cursor, field: string): Parse {
  cursor.expect('as');
  const names = cursor.list(() => readField(cursor));
  return each(names, (row) => {
    const values = toText(row.get(field)).matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g);
    for (const [index, [, quoted, plain]] of [...values].entries()) {
      const name = names[index];
      if (name !== undefined) row.set(name, quoted?.replaceAll('""', '"') ?? plain?.trim());
    }
  });
}
