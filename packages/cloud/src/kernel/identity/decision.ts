// Whether a request is allowed: IAM's evaluation of every policy that applies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
import { conditionsHold, matches, substitute, type Context } from './conditions.ts';
import { statementsOf, type Statement } from './policy-document.ts';
import type { Principal } from './principal.ts';

/** A policy text and what to call it when a decision is explained. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: string;
}

/** The policies that IAM holds for a principal. */
export interface PrincipalPolicies {
  readonly identity: readonly NamedPolicy[];
  readonly boundary: NamedPolicy | undefined;
  readonly session: readonly NamedPolicy[];
}

export interface Request {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
  readonly resourcePolicy: NamedPolicy | undefined;
  /** The resource's policy has the last word, as a role's trust policy or a key policy has. */
  readonly resourcePolicyRequired?: boolean;
}

export type PolicyType = 'identity-based policy' | 'resource-based policy' | 'permissions boundary' | 'session policy';

export type Decision =
  | {
      readonly allowed: true;
      readonly by: PolicyType | 'account root';
      readonly policy?: string;
      readonly sid?: string | undefined;
    }
  | {
      readonly allowed: false;
      readonly explicit: true;
      readonly by: PolicyType;
      readonly policy: string;
      readonly sid?: string | undefined;
    }
  /** `by` is the kind of policy that would have had to allow it. */
  | { readonly allowed: false; readonly explicit: false; readonly by: PolicyType };

/** Decides one action on one resource. Pure: everything it depends on is given. */
export function decide(request: Request, policies: PrincipalPolicies): Decision {
  const groups: [PolicyType, readonly NamedPolicy[]][] = [
    ['identity-based policy', policies.identity],
    ['permissions boundary', policies.boundary ? [policies.boundary] : []],
    ['session policy', policies.session],
    ['resource-based policy', request.resourcePolicy ? [request.resourcePolicy] : []],
  ];
  for (const [type, group] of groups) {
    const denial = find(group, 'Deny', request, type === 'resource-based policy');
    if (denial) return { allowed: false, explicit: true, by: type, policy: denial.policy, sid: denial.sid };
  }
  const grant = resourceGrant(request);
  if (request.resourcePolicyRequired && !grant) return { allowed: false, explicit: false, by: 'resource-based policy' };
  if (request.principal.kind === 'root') return { allowed: true, by: 'account root' };
  if (grant?.match === 'direct')
    return { allowed: true, by: 'resource-based policy', policy: grant.policy, sid: grant.sid };
  if (request.principal.kind === 'service' || request.principal.kind === 'anonymous') {
    return { allowed: false, explicit: false, by: 'resource-based policy' };
  }
  if (policies.session.length > 0 && !find(policies.session, 'Allow', request, false)) {
    return { allowed: false, explicit: false, by: 'session policy' };
  }
  if (policies.boundary && !find([policies.boundary], 'Allow', request, false)) {
    return { allowed: false, explicit: false, by: 'permissions boundary' };
  }
  if (grant?.match === 'role')
    return { allowed: true, by: 'resource-based policy', policy: grant.policy, sid: grant.sid };
  const allowance = find(policies.identity, 'Allow', request, false);
  if (!allowance) return { allowed: false, explicit: false, by: 'identity-based policy' };
  return { allowed: true, by: 'identity-based policy', policy: allowance.policy, sid: allowance.sid };
}

interface Found {
  readonly policy: string;
  readonly sid: string | undefined;
}

function find(
  policies: readonly NamedPolicy[],
  effect: Statement['effect'],
  request: Request,
  withPrincipal: boolean,
): Found | undefined {
  for (const policy of policies) {
    for (const statement of statementsOf(policy.document)) {
      if (statement.effect !== effect || !applies(statement, request)) continue;
      if (withPrincipal && principalMatch(statement, request.principal) === 'none') continue;
      return { policy: policy.name, sid: statement.sid };
    }
  }
  return undefined;
}

// A grant that names the user, the session or everyone stands beside boundaries and session policies; one that names a
// role does not; one that names the account only delegates to identity policies.
function resourceGrant(request: Request): (Found & { match: PrincipalMatch }) | undefined {
  if (!request.resourcePolicy) return undefined;
  const { name, document } = request.resourcePolicy;
  let best: (Found & { match: PrincipalMatch }) | undefined;
  for (const statement of statementsOf(document)) {
    if (statement.effect !== 'Allow' || !applies(statement, request)) continue;
    const match = principalMatch(statement, request.principal);
    if (match === 'none' || (match === 'account' && best)) continue;
    best = { policy: name, sid: statement.sid, match };
    if (match === 'direct') return best;
  }
  return best;
}

function applies(statement: Statement, request: Request): boolean {
  const action = statement.actions.some((pattern) => like(pattern, request.action, request.context, true));
  if (action === statement.notActions) return false;
  if (statement.resources) {
    const resource = statement.resources.some((pattern) => like(pattern, request.resource, request.context, false));
    if (resource === statement.notResources) return false;
  }
  return conditionsHold(statement.conditions, request.context);
}

function like(pattern: string, value: string, context: Context, ignoreCase: boolean): boolean {
  if (pattern === '*') return true;
  const substituted = substitute(pattern, context);
  return substituted !== undefined && matches(substituted, value, ignoreCase);
}

type PrincipalMatch = 'direct' | 'role' | 'account' | 'none';

function principalMatch(statement: Statement, principal: Principal): PrincipalMatch {
  const match = bestMatch(statement.principals ?? {}, principal);
  if (!statement.notPrincipals) return match;
  return match === 'none' ? 'direct' : 'none';
}

function bestMatch(principals: Readonly<Record<string, readonly string[]>>, principal: Principal): PrincipalMatch {
  if (principals['*']) return 'direct';
  if (principal.kind === 'service') return principals['Service']?.includes(principal.name) ? 'direct' : 'none';
  const names = principals['AWS'] ?? [];
  if (names.includes('*')) return 'direct';
  if (principal.kind === 'anonymous') return 'none';
  if (names.includes(principal.arn) && principal.kind !== 'root') return 'direct';
  if (principal.kind === 'session' && names.includes(principal.roleArn)) return 'role';
  const account = [principal.account, `arn:aws:iam::${principal.account}:root`];
  return names.some((name) => account.includes(name)) ? 'account' : 'none';
}
