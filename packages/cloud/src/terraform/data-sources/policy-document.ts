// aws_iam_policy_document, which asks nobody: it writes a policy's JSON, letter by letter as the real provider does.
import { crc32 } from 'node:zlib';

import { UserError } from '../errors.ts';
import type { Attributes, DataSourceType } from '../resource.ts';

/** A policy's statement, its members in the order in which they are written. */
type Statement = Record<(typeof STATEMENT_MEMBERS)[number], unknown>;

interface Document {
  Version?: string;
  Id?: string;
  Statement: Statement[];
}

interface JsonDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement?: Attributes | Attributes[];
}

const UNIQUE_SIDS = 'Remove the Sid or ensure Sids are unique.';

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

export const policyDocument: DataSourceType = {
  type: 'aws_iam_policy_document',
  validate: (config) => [
    ...textListProblems(config, 'source_policy_documents'),
    ...textListProblems(config, 'override_policy_documents'),
    ...((config['statement'] ?? []) as Attributes[]).flatMap((statement, index) => statementProblems(statement, index)),
  ],
  async read(config) {
    const merged: Document = { Statement: [] };
    const sids = new Set<string>();
    for (const [index, source] of documents(config['source_policy_documents']).entries()) {
      for (const [position, { Sid: sid }] of source.Statement.entries()) {
        if (sid && sids.has(String(sid))) {
          throw new UserError(
            `merging source document ${index}: duplicate Sid (${sid}) in source_policy_documents (statement ${position})`,
            UNIQUE_SIDS,
          );
        }
        if (sid) sids.add(String(sid));
      }
      merge(merged, source);
    }
    merge(merged, ownDocument(config));
    for (const override of documents(config['override_policy_documents'])) merge(merged, override);
    const json = write(merged, 2);
    return {
      id: String(crc32(json)),
      json,
      minified_json: write(merged, 0),
      version: config['version'] ?? DEFAULT_VERSION,
      statement: ((config['statement'] ?? []) as Attributes[]).map(withDefaults),
    };
  },
};

/** What the real provider's state says of a statement's members that the configuration leaves out. */
const withDefaults = (statement: Attributes): Attributes => ({
  ...statement,
  effect: statement['effect'] ?? 'Allow',
  sid: statement['sid'] ?? '',
  ...Object.fromEntries(
    ['actions', 'not_actions', 'resources', 'not_resources'].map((name) => [name, statement[name] ?? []]),
  ),
});

const DEFAULT_VERSION = '2012-10-17';

function textListProblems(config: Attributes, attribute: string) {
  return ((config[attribute] ?? []) as (string | null)[]).flatMap((text, index) => {
    if (text === null || isJson(text)) return [];
    return [{ attribute: `${attribute}.${index}`, message: `"${attribute}.${index}" contains an invalid JSON` }];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function statementProblems({ effect, sid }: Attributes, index: number) {
  const problems: { attribute: string; message: string }[] = [];
  if (effect && effect !== 'Allow' && effect !== 'Deny') {
    problems.push({
      attribute: `statement.${index}.effect`,
      message: `expected statement.${index}.effect to be one of ["Allow" "Deny"], got ${effect}`,
    });
  }
  if (sid && !/^[a-zA-Z0-9]*$/.test(sid)) {
    problems.push({
      attribute: `statement.${index}.sid`,
      message: `invalid value for statement.${index}.sid (must only include alphanumeric characters)`,
    });
  }
  return problems;
}

function ownDocument(config: Attributes): Document {
  const version: string = config['version'] ?? DEFAULT_VERSION;
  const statements = (config['statement'] ?? []) as Attributes[];
  const sids = statements.map(({ sid }) => sid).filter(Boolean);
  const duplicate = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (duplicate) throw new UserError(`duplicate Sid (${duplicate})`, UNIQUE_SIDS);
  return {
    Version: version,
    ...(config['policy_id'] ? { Id: config['policy_id'] } : {}),
    Statement: statements.map((statement) => ownStatement(statement, version)),
  };
}

const ownStatement = (statement: Attributes, version: string): Statement => ({
  Sid: statement['sid'] || undefined,
  Effect: statement['effect'] ?? 'Allow',
  Action: textOrList(statement['actions']),
  NotAction: textOrList(statement['not_actions']),
  Resource: withVariables(textOrList(statement['resources']), version),
  NotResource: withVariables(textOrList(statement['not_resources']), version),
  Principal: ownPrincipals(statement['principals'], version),
  NotPrincipal: ownPrincipals(statement['not_principals'], version),
  Condition: ownConditions(statement['condition'], version),
});

/** The order in which the real provider goes through a set of blocks: by a hash of what they hold, as decimal text. */
const inHashOrder = <T>(elements: readonly T[], contents: (element: T) => string): T[] =>
  elements
    .map((element) => ({ element, hash: String(crc32(contents(element))) }))
    .toSorted((a, b) => byBytes(a.hash, b.hash))
    .map(({ element }) => element);

const hashOrderOfTexts = (values: readonly string[]): string => texts(inHashOrder(values, (value) => `${value};`));

const texts = (values: readonly (string | null)[]): string => values.map((value) => `${value ?? ''};`).join('');

/** One text stands alone; several are in reverse order, for no reason that is known. */
function textOrList(texts: readonly string[] | null | undefined): string | string[] | undefined {
  if (!texts || texts.length === 0) return undefined;
  return texts.length === 1 ? texts[0] : texts.toSorted(byBytes).toReversed();
}

function ownPrincipals(blocks: readonly Attributes[] | undefined, version: string): unknown {
  if (!blocks || blocks.length === 0) return undefined;
  return joinPrincipals(
    inHashOrder(blocks, ({ type, identifiers }) => `identifiers:{${hashOrderOfTexts(identifiers)}};type:${type};`).map(
      ({ type, identifiers }): [string, string | string[]] => [
        type,
        withVariables(textOrList(identifiers), version) ?? [],
      ],
    ),
  );
}

/** `"*"` for everybody; otherwise a list for each kind that has several. */
function joinPrincipals(principals: readonly [string, string | string[]][]): unknown {
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

function ownConditions(blocks: readonly Attributes[] | undefined, version: string): unknown {
  if (!blocks || blocks.length === 0) return undefined;
  return joinConditions(
    inHashOrder(
      blocks,
      ({ test, variable, values }) => `test:${test};values:(${texts(values)});variable:${variable};`,
    ).map(({ test, variable, values }): [string, string, string[]] => [
      test,
      variable,
      [
        withVariables(
          (values as (string | null)[]).map((value) => value ?? ''),
          version,
        ),
      ].flat(),
    ]),
  );
}

function joinConditions(conditions: readonly [string, string, string[]][]): unknown {
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

/** `&{aws:username}` stands for `${aws:username}`, which Terraform would take for its own. */
function withVariables<T extends string | string[] | undefined>(texts: T, version: string): T {
  const replace = (text: string) => {
    if (version === '2008-10-17' && text.includes('&{')) {
      throw new UserError(
        `found &{ sequence in (${text}), which is not supported in document version 2008-10-17`,
        'Use version 2012-10-17.',
      );
    }
    return text.replaceAll('&{', '${');
  };
  if (typeof texts === 'string') return replace(texts) as T;
  return (Array.isArray(texts) ? texts.map(replace) : texts) as T;
}

const documents = (texts: readonly (string | null)[] | null | undefined): Document[] =>
  (texts ?? []).filter((text) => text !== null).map((text) => readDocument(parse(text)));

function parse(text: string): JsonDocument {
  try {
    return JSON.parse(text) as JsonDocument;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError(`a document is no JSON: ${error.message}`, `It is: ${text}`);
    throw error;
  }
}

/** Another document's text, its statements brought into the order of ours. */
function readDocument(json: JsonDocument): Document {
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

/** The later document's id, the newer version, and its statements over those of the same Sid. */
function merge(into: Document, from: Document): void {
  if (from.Id) into.Id = from.Id;
  if (from.Version && from.Version > (into.Version ?? '')) into.Version = from.Version;
  for (const statement of from.Statement) {
    const same = statement.Sid ? into.Statement.findIndex(({ Sid: sid }) => sid === statement.Sid) : -1;
    if (same < 0) into.Statement.push(statement);
    else into.Statement[same] = statement;
  }
}

/** JSON with the characters escaped that Go's encoder escapes, for use within HTML. */
function write({ Version: version, Id: id, Statement: statements }: Document, indent: number): string {
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

const withoutEmpty = (statement: Statement): object =>
  Object.fromEntries(STATEMENT_MEMBERS.flatMap((name) => (statement[name] ? [[name, statement[name]]] : [])));

const byKey = <T>(object: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => byBytes(a, b)));

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
