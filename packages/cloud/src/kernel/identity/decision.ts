// Whether a request is allowed: IAM's evaluation of every policy that applies.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
import { statementsOf, type Statement } from './policy-document.ts';
import { findMiss, matchPrincipal, type PrincipalMatch, type Subject } from './statement-match.ts';

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

export interface Request extends Subject {
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
  const { principal, resourcePolicy } = request;
  for (const [type, group] of policyGroups(policies, resourcePolicy)) {
    const denial = find(group, 'Deny', request, type === 'resource-based policy');
    if (denial) return { allowed: false, explicit: true, by: type, ...denial };
  }
  const grant = resourceGrant(request);
  if (request.resourcePolicyRequired && !grant) return implicit('resource-based policy');
  if (principal.kind === 'root') return { allowed: true, by: 'account root' };
  if (grant?.match === 'direct') return { allowed: true, by: 'resource-based policy', ...grant.found };
  if (principal.kind === 'service' || principal.kind === 'anonymous' || principal.kind === 'web-identity') {
    return implicit('resource-based policy');
  }
  const allowance = find(policies.identity, 'Allow', request, false);
  if (!allowance && grant?.match !== 'role') return implicit('identity-based policy');
  if (policies.boundary && !find([policies.boundary], 'Allow', request, false)) return implicit('permissions boundary');
  if (policies.session.length > 0 && !find(policies.session, 'Allow', request, false))
    return implicit('session policy');
  return allowance
    ? { allowed: true, by: 'identity-based policy', ...allowance }
    : { allowed: true, by: 'resource-based policy', ...grant!.found };
}

/** The policies that apply, by kind, in the order in which they are asked. */
export function policyGroups(
  policies: PrincipalPolicies,
  resourcePolicy: NamedPolicy | undefined,
): [PolicyType, readonly NamedPolicy[]][] {
  return [
    ['identity-based policy', policies.identity],
    ['permissions boundary', policies.boundary ? [policies.boundary] : []],
    ['session policy', policies.session],
    ['resource-based policy', resourcePolicy ? [resourcePolicy] : []],
  ];
}

const implicit = (by: PolicyType): Decision => ({ allowed: false, explicit: false, by });

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
      if (statement.effect !== effect || findMiss(statement, request)) continue;
      if (withPrincipal && matchPrincipal(statement, request.principal) === 'none') continue;
      return { policy: policy.name, sid: statement.sid };
    }
  }
  return undefined;
}

// A grant that names the user, the session or everyone stands beside boundaries and session policies; one that names a
// role does not; one that names the account only delegates to identity policies.
function resourceGrant(request: Request): { found: Found; match: PrincipalMatch } | undefined {
  if (!request.resourcePolicy) return undefined;
  const { name, document } = request.resourcePolicy;
  let best: { found: Found; match: PrincipalMatch } | undefined;
  for (const statement of statementsOf(document)) {
    if (statement.effect !== 'Allow' || findMiss(statement, request)) continue;
    const match = matchPrincipal(statement, request.principal);
    if (match === 'none' || (match === 'account' && best)) continue;
    best = { found: { policy: name, sid: statement.sid }, match };
    if (match === 'direct') return best;
  }
  return best;
}
