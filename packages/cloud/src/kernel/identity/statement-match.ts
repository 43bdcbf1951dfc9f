// Whether a policy's statement is about a request, and which of its elements says that it is not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
import { findUnmet, type Context, type Unmet } from './conditions.ts';
import { matchesPattern } from './pattern.ts';
import type { Statement } from './policy-document.ts';
import type { Principal } from './principal.ts';

/** What a statement is compared with. */
export interface Subject {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

/** Why a statement is not about a request. */
export type Miss =
  | { readonly element: 'Action' | 'NotAction' | 'Resource' | 'NotResource' | 'Principal' | 'NotPrincipal' }
  | ({ readonly element: 'Condition' } & Unmet);

/** How a statement of a resource's policy names the caller: as itself, as the role behind its session, or as its account. */
export type PrincipalMatch = 'direct' | 'role' | 'account' | 'none';

/** The first element that does not fit, principals aside; undefined where the statement applies. */
export function findMiss(statement: Statement, { action, resource, context }: Subject): Miss | undefined {
  const variables = statement.variables ? context : undefined;
  const named = statement.actions.some((pattern) =>
    matchesPattern(pattern.toLowerCase(), action.toLowerCase(), undefined),
  );
  if (named === statement.notActions) return statement.notActions ? NOT_ACTION : ACTION;
  if (statement.resources) {
    const covered = statement.resources.some((pattern) => matchesPattern(pattern, resource, variables));
    if (covered === statement.notResources) return statement.notResources ? NOT_RESOURCE : RESOURCE;
  }
  const unmet = findUnmet(statement.conditions, context, statement.variables);
  return unmet && { element: 'Condition', ...unmet };
}

const ACTION: Miss = { element: 'Action' };
const NOT_ACTION: Miss = { element: 'NotAction' };
const RESOURCE: Miss = { element: 'Resource' };
const NOT_RESOURCE: Miss = { element: 'NotResource' };

/**
 * How the statement names the principal. A denial of everybody but some (`NotPrincipal`) spares only who is listed with its
 * account, its role and its session alike.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function matchPrincipal(statement: Statement, principal: Principal): PrincipalMatch {
  const principals = statement.principals ?? {};
  if (!statement.notPrincipals) return bestMatch(principals, principal);
  if (isEveryone(principals)) return 'none';
  const names = new Set(Object.values(principals).flat());
  const listed = identitiesOf(principal).map((forms) => forms.some((form) => names.has(form)));
  const spared = statement.effect === 'Deny' ? listed.every(Boolean) : listed.some(Boolean);
  return spared ? 'none' : 'direct';
}

function bestMatch(principals: Readonly<Record<string, readonly string[]>>, principal: Principal): PrincipalMatch {
  if (isEveryone(principals)) return 'direct';
  if (principal.kind === 'anonymous') return 'none';
  if (principal.kind === 'service') return principals['Service']?.includes(principal.name) ? 'direct' : 'none';
  if (principal.kind === 'web-identity')
    return principals['Federated']?.includes(principal.provider) ? 'direct' : 'none';
  const names = principals['AWS'] ?? [];
  if (names.includes(principal.arn) && principal.kind !== 'root') return 'direct';
  if (principal.kind === 'session' && names.includes(principal.roleArn)) return 'role';
  return accountForms(principal.account).some((form) => names.includes(form)) ? 'account' : 'none';
}

const isEveryone = (principals: Readonly<Record<string, readonly string[]>>): boolean =>
  principals['*'] !== undefined || (principals['AWS']?.includes('*') ?? false);

// Everything that a caller is, each in the forms in which a policy may name it.
function identitiesOf(principal: Principal): string[][] {
  switch (principal.kind) {
    case 'service':
      return [[principal.name]];
    case 'web-identity':
      return [[principal.provider]];
    case 'anonymous':
      return [[]];
    case 'root':
      return [accountForms(principal.account)];
    case 'session':
      return [[principal.arn], [principal.roleArn], accountForms(principal.account)];
    case 'user':
    case 'federated-user':
      return [[principal.arn], accountForms(principal.account)];
  }
}

const accountForms = (account: string): string[] => [account, `arn:aws:iam::${account}:root`];
