// A policy's JSON as the real provider reads, merges and writes it.
import { UserError } from '../errors.ts';
import type { Attributes } from '../resource.ts';

/** A policy's statement, its members in the order in which they are written. */
export type Statement = Record<Exclude<(typeof STATEMENT_MEMBERS)[number], 'Sid'>, unknown> & {
  Sid: string | undefined;
};

export interface PolicyText {
  Version?: string;
  Id?: string;
  Statement: Statement[];
}

interface JsonDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement?: Attributes | Attributes[];
}

const STATEMENT_MEMBERS = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
] as const;

/** Reads a policy's text, its statements brought into the order of ours. */
export const readPolicy = (text: string): PolicyText => readDocument(parse(text));

/** The later document's id, the newer version, and its statements over those of the same Sid. */
export function mergePolicy(into: PolicyText, from: PolicyText): void {
  if (from.Id) into.Id = from.Id;
  if (from.Version && from.Version > (into.Version ?? '')) into.Version = from.Version;
  for (const statement of from.Statement) {
    const same = statement.Sid ? into.Statement.findIndex(({ Sid: sid }) => sid === statement.Sid) : -1;
    if (same < 0) into.Statement.push(statement);
    else into.Statement[same] = statement;
  }
}

/** JSON with the characters escaped that Go's encoder escapes, for use within HTML. */
export function writePolicy({ Version: version, Id: id, Statement: statements }: PolicyText, indent: number): string {
  const document = {
    ...(version ? { Version: version } : {}),
    ...(id ? { Id: id } : {}),
    ...(statements.length > 0 ? { Statement: statements.map(withoutEmpty) } : {}),
  };
  return JSON.stringify(document, null, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `"*"` for everybody; otherwise a list for each kind that has several. */
export function joinPrincipals(principals: readonly [string, string | string[]][]): unknown {
  const [[kind, names] = []] = principals;
  if (principals.length === 1 && kind === '*' && [names].flat().join() === '*' && [names].flat().length === 1)
    return '*';
  const joined: Record<string, string | string[]> = {};
  for (const [type, more] of principals) {
    const sorted = Array.isArray(more) ? more.toSorted(byBytes).toReversed() : more;
    const former = joined[type];
    joined[type] = former === undefined ? sorted : [former, sorted].flat();
  }
  return byKey(joined);
}

export function joinConditions(conditions: readonly [string, string, string[]][]): unknown {
  const joined: Record<string, Record<string, string[]>> = {};
  for (const [test, variable, values] of conditions) {
    const tests = (joined[test] ??= {});
    tests[variable] = [...(tests[variable] ?? []), ...values];
  }
  const single = (values: string[]) => (values.length === 1 ? values[0] : values);
  return byKey(
    Object.fromEntries(
      Object.entries(joined).map(([test, variables]) => [
        test,
        byKey(Object.fromEntries(Object.entries(variables).map(([name, values]) => [name, single(values)]))),
      ]),
    ),
  );
}

function parse(text: string): JsonDocument {
  try {
    return JSON.parse(text) as JsonDocument;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError(`a document is no JSON: ${error.message}`, `It is: ${text}`);
    throw error;
  }
}

function readDocument(json: JsonDocument): PolicyText {
  const { Version, Id, Statement: statements = [] } = json;
  return {
    ...(Version === undefined ? {} : { Version }),
    ...(Id === undefined ? {} : { Id }),
    Statement: [statements].flat().map((statement: Attributes) => ({
      ...(Object.fromEntries(STATEMENT_MEMBERS.map((name) => [name, statement[name]])) as Statement),
      Principal: readPrincipals(statement['Principal']),
      NotPrincipal: readPrincipals(statement['NotPrincipal']),
      Condition: readConditions(statement['Condition']),
    })),
  };
}

function readPrincipals(value: string | Record<string, string | string[]> | undefined): unknown {
  if (value === undefined) return undefined;
  return joinPrincipals(typeof value === 'string' ? [['*', ['*']]] : Object.entries(value));
}

function readConditions(value: Record<string, Record<string, string | boolean | string[]>> | undefined): unknown {
  if (value === undefined) return undefined;
  return joinConditions(
    Object.entries(value).flatMap(([test, variables]) =>
      Object.entries(variables).map(([name, values]): [string, string, string[]] => [
        test,
        name,
        Array.isArray(values) ? values : [String(values)],
      ]),
    ),
  );
}

const withoutEmpty = (statement: Statement): object =>
  Object.fromEntries(STATEMENT_MEMBERS.flatMap((name) => (statement[name] ? [[name, statement[name]]] : [])));

const byKey = <T>(object: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => byBytes(a, b)));

/** Go's order of texts: by their bytes in UTF-8. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
