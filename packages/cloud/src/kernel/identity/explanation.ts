// Why a decision is what it is: every policy that was asked, and what each of its statements said.
import type { Context } from './conditions.ts';
import {
  decide,
  policyGroups,
  type Decision,
  type NamedPolicy,
  type PrincipalPolicies,
  type Request,
} from './decision.ts';
import { sentence } from './denial.ts';
import { statementsOf, type Statement } from './policy-document.ts';
import { findMiss, matchPrincipal, type Miss } from './statement-match.ts';

export interface StatementVerdict {
  /** The statement's `Sid`, or its place in the policy, counted from one. */
  readonly statement: string;
  readonly effect: 'Allow' | 'Deny';
  readonly applies: boolean;
  /** The element that does not fit, where it does not apply. */
  readonly miss?: Miss['element'];
  /** Says the same in words, with the values that were compared. */
  readonly why: string;
}

export interface PolicyVerdict {
  readonly kind: ReturnType<typeof policyGroups>[number][0];
  readonly policy: string;
  readonly verdict: 'allows' | 'denies' | 'says nothing';
  readonly statements: readonly StatementVerdict[];
}

export interface Explanation {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** One sentence; for a denial, the one that AWS answers. */
  readonly reason: string;
  readonly policies: readonly PolicyVerdict[];
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** Decides like `decide`, and tells how it came to that. */
export function explain(request: Request, policies: PrincipalPolicies): Explanation {
  const { principal, action, resource, context } = request;
  const decision = decide(request, policies);
  return {
    principal: principal.arn,
    action,
    resource,
    decision: decision.allowed ? 'allowed' : decision.explicit ? 'explicitDeny' : 'implicitDeny',
    reason: reasonOf(decision, request),
    policies: policyGroups(policies, request.resourcePolicy).flatMap(([kind, group]) =>
      group.map((policy) => policyVerdict(kind, policy, request)),
    ),
    context: Object.fromEntries([...context].toSorted(([left], [right]) => (left < right ? -1 : 1))),
  };
}

function reasonOf(decision: Decision, request: Request): string {
  if (!decision.allowed) return sentence(request, { ...request, service: request.action.split(':')[0]! }, decision);
  if (decision.by === 'account root') return 'The account’s root may do everything that no resource’s policy denies.';
  const sid = decision.sid ? `, statement ${decision.sid}` : '';
  return `Allowed by the ${decision.by} ${decision.policy}${sid}.`;
}

function policyVerdict(kind: PolicyVerdict['kind'], { name, document }: NamedPolicy, request: Request): PolicyVerdict {
  const statements = statementsOf(document).map((statement, index) =>
    statementVerdict(statement, index, request, kind === 'resource-based policy'),
  );
  const applying = statements.filter(({ applies }) => applies).map(({ effect }) => effect);
  const verdict = applying.includes('Deny') ? 'denies' : applying.includes('Allow') ? 'allows' : 'says nothing';
  return { kind, policy: name, verdict, statements };
}

function statementVerdict(
  statement: Statement,
  index: number,
  request: Request,
  withPrincipal: boolean,
): StatementVerdict {
  const common = { statement: statement.sid || String(index + 1), effect: statement.effect };
  const match = withPrincipal ? matchPrincipal(statement, request.principal) : 'direct';
  if (match === 'none') {
    const element = statement.notPrincipals ? 'NotPrincipal' : 'Principal';
    const why = `${element} ${list(Object.values(statement.principals ?? {}).flat())}: ${request.principal.arn} is ${statement.notPrincipals ? 'among them' : 'none of them'}`;
    return { ...common, applies: false, miss: element, why };
  }
  const miss = findMiss(statement, request);
  if (miss) return { ...common, applies: false, miss: miss.element, why: missText(miss, statement, request) };
  const account = match === 'account' ? '; it names the account, whose own policies have to allow too' : '';
  return { ...common, applies: true, why: `action, resource and conditions match${account}` };
}

function missText(miss: Miss, statement: Statement, { action, resource }: Request): string {
  switch (miss.element) {
    case 'Action':
      return `Action ${list(statement.actions)} does not match ${action}`;
    case 'NotAction':
      return `NotAction ${list(statement.actions)} leaves out ${action}`;
    case 'Resource':
      return `Resource ${list(statement.resources ?? [])} does not match ${resource}`;
    case 'NotResource':
      return `NotResource ${list(statement.resources ?? [])} leaves out ${resource}`;
    case 'Condition': {
      const actual =
        miss.actual === undefined ? 'the request has none' : `the request has ${list([miss.actual].flat())}`;
      return `${miss.operator} ${miss.key} wants ${list(miss.wanted)}; ${actual}`;
    }
    default:
      return miss.element;
  }
}

const list = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ');

/** A context from plain entries, as a person or the policy simulator gives them. */
export const contextFrom = (entries: Iterable<readonly [string, string | readonly string[]]>): Context =>
  new Map(Array.from(entries, ([key, value]) => [key.toLowerCase(), value]));
