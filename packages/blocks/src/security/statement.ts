// IAM statements, typed: what is allowed on what, and a written reason wherever that is "anything".
import { Token } from 'cdktn';

import { validate, type Rule } from '../rules.ts';

/** E.g. `s3:GetObject`. */
export type Action = `${string}:${string}`;

/** A pattern wider than one action or resource, with the reason why it has to be. */
export interface Wide {
  readonly pattern: string;
  readonly because: string;
}

/** Condition operators, their keys and values, as IAM writes them: `{ StringEquals: { 'aws:SourceAccount': [account] } }`. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface Statement {
  readonly actions: readonly (string | Wide)[];
  readonly resources: readonly (string | Wide)[];
  readonly conditions?: Conditions;
}

/** The same with literals checked by the compiler: an action with a `*`, or the resource `*`, has to be a `Wide`. */
export interface CheckedStatement<A extends string, R extends string> extends Statement {
  readonly actions: readonly (A | Wide)[] & readonly (ExactAction<A> | Wide)[];
  readonly resources: readonly (R | Wide)[] & readonly (NamedResource<R> | Wide)[];
}

type ExactAction<A> = A extends `${string}*${string}` ? 'give the reason: anyAction(pattern, because)' : A;
type NamedResource<R> = R extends '*' ? 'give the reason: anyResource(because)' : R;

/** Whoever a grant can be made to. */
export interface Grantee {
  allow<const A extends Action, const R extends string>(statement: CheckedStatement<A, R>): void;
}

/** `*` as a resource, for actions that AWS defines no resource for. */
export const anyResource = (because: string): Wide => ({ pattern: '*', because });

/** An action pattern such as `s3:Get*`. */
export const anyAction = (pattern: Action, because: string): Wide => ({ pattern, because });

/** Throws where a statement is empty, is wide without a reason, or does not name actions as IAM does. */
export const validateStatement = (statement: Statement): void => validate(RULES, statement);

export interface StatementOptions {
  readonly effect?: 'Allow' | 'Deny';
  readonly principal?: Readonly<Record<string, string>> | '*';
  readonly sid?: string;
}

/** A statement as IAM's JSON has it. */
export const statementJson = (
  { actions, resources, conditions }: Statement,
  { effect = 'Allow', principal, sid }: StatementOptions = {},
): Record<string, unknown> => ({
  ...(sid !== undefined && { Sid: sid }),
  Effect: effect,
  ...(principal !== undefined && { Principal: principal }),
  Action: actions.map(patternOf),
  ...(resources.length > 0 && { Resource: resources.map(patternOf) }),
  ...(conditions && { Condition: conditions }),
});

/** A policy document of those statements; ones that differ in their actions only become one. */
export function policyJson(statements: readonly Statement[]): string {
  const merged = new Map<string, { statement: Statement; actions: Set<string> }>();
  for (const statement of statements) {
    const scope = JSON.stringify([statement.resources.map(patternOf), statement.conditions]);
    const same = merged.get(scope) ?? { statement, actions: new Set<string>() };
    for (const action of statement.actions) same.actions.add(patternOf(action));
    merged.set(scope, same);
  }
  return documentJson(
    [...merged.values()].map(({ statement, actions }) => statementJson({ ...statement, actions: [...actions] })),
  );
}

export const documentJson = (statements: readonly Record<string, unknown>[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

const patternOf = (value: string | Wide): string => (typeof value === 'string' ? value : value.pattern);

const ACTION = /^[a-z0-9-]+:[A-Za-z0-9*?]+$/;

/** Shorter than this is not a reason. */
const REASON_LENGTH = 15;

const RULES: readonly Rule<Statement>[] = [
  {
    code: 'empty-statement',
    holds: ({ actions, resources }) => actions.length > 0 && resources.length > 0,
    says: () => 'a statement needs at least one action and one resource',
    fix: 'Name the actions and the resources: an empty selection means nothing, not everything.',
  },
  {
    code: 'action-name',
    holds: ({ actions }) => actions.map(patternOf).every((action) => ACTION.test(action)),
    says: ({ actions }) => `'${actions.map(patternOf).find((action) => !ACTION.test(action))}' is not an IAM action`,
    fix: "Write it as 'service:Action', e.g. 's3:GetObject'.",
  },
  {
    code: 'wide-action',
    holds: ({ actions }) => wideAction(actions) === undefined,
    says: ({ actions }) => `the action '${wideAction(actions)}' is wide`,
    fix: 'List the actions, or say why it has to be that wide: anyAction(pattern, because).',
  },
  {
    code: 'wide-resource',
    holds: ({ resources }) => !resources.includes('*'),
    says: ({ actions }) => `${actions.map(patternOf).join(', ')} on every resource`,
    fix: 'Name the ARNs, or say why there are none: anyResource(because).',
  },
  {
    code: 'resource-arn',
    holds: ({ resources }) => resources.map(patternOf).every(isResource),
    says: ({ resources }) => `'${resources.map(patternOf).find((resource) => !isResource(resource))}' is not an ARN`,
    fix: "Resources of a statement are ARNs: pass the block's `arn`.",
  },
  {
    code: 'reason-missing',
    holds: ({ actions, resources }) =>
      wides(actions, resources).every(({ because }) => because.trim().length >= REASON_LENGTH),
    says: ({ actions, resources }) => `no reason is given for '${wides(actions, resources)[0]?.pattern}'`,
    fix: 'Write one sentence that a reviewer can check.',
  },
];

const isResource = (resource: string): boolean =>
  resource === '*' || resource.startsWith('arn:') || Token.isUnresolved(resource);

const wideAction = (actions: Statement['actions']): string | undefined =>
  actions.filter((action) => typeof action === 'string').find((action) => action.includes('*'));

const wides = (...lists: readonly (readonly (string | Wide)[])[]): Wide[] =>
  lists.flat().filter((each): each is Wide => typeof each !== 'string');
