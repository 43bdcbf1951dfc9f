// aws_iam_policy_document, which asks nobody: it writes a policy's JSON, letter by letter as the real provider does.
import { crc32 } from 'node:zlib';

import { UserError } from '../errors.ts';
import type { Attributes, DataSourceType } from '../resource.ts';
import {
  byBytes,
  joinConditions,
  joinPrincipals,
  mergePolicy,
  readPolicy,
  writePolicy,
  type PolicyText,
  type Statement,
} from './policy-text.ts';

const UNIQUE_SIDS = 'Remove the Sid or ensure Sids are unique.';

export const policyDocument: DataSourceType = {
  type: 'aws_iam_policy_document',
  validate: (config) => [
    ...textListProblems(config, 'source_policy_documents'),
    ...textListProblems(config, 'override_policy_documents'),
    ...((config['statement'] ?? []) as Attributes[]).flatMap((statement, index) => statementProblems(statement, index)),
  ],
  async read(config) {
    const merged: PolicyText = { Statement: [] };
    const sids = new Set<string>();
    for (const [index, source] of policies(config['source_policy_documents']).entries()) {
      for (const [position, { Sid: sid }] of source.Statement.entries()) {
        if (sid && sids.has(sid)) {
          throw new UserError(
            `merging source document ${index}: duplicate Sid (${sid}) in source_policy_documents (statement ${position})`,
            UNIQUE_SIDS,
          );
        }
        if (sid) sids.add(sid);
      }
      mergePolicy(merged, source);
    }
    mergePolicy(merged, ownDocument(config));
    for (const override of policies(config['override_policy_documents'])) mergePolicy(merged, override);
    const json = writePolicy(merged, 2);
    return {
      id: String(crc32(json)),
      json,
      minified_json: writePolicy(merged, 0),
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

function ownDocument(config: Attributes): PolicyText {
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

const policies = (texts: readonly (string | null)[] | null | undefined): PolicyText[] =>
  (texts ?? []).filter((text) => text !== null).map(readPolicy);
