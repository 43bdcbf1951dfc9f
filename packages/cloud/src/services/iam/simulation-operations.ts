// The policy simulator: what the evaluator would say, asked without a call.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
import type {
  ContextEntry,
  EvaluationResult,
  PolicySourceType,
  SimulateCustomPolicyCommandInput,
  SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';

import { principalContext } from '../../kernel/identity/context.ts';
import type { NamedPolicy, PrincipalPolicies } from '../../kernel/identity/decision.ts';
import type { PolicyHolder, Role, User } from '../../kernel/identity/directory.ts';
import { contextFrom, explain, type PolicyVerdict } from '../../kernel/identity/explanation.ts';
import type { Identity } from '../../kernel/identity/identity.ts';
import { findPrincipal } from '../../kernel/identity/named-principal.ts';
import { parsePolicy, statementsOf, type Statement } from '../../kernel/identity/policy-document.ts';
import { anonymousPrincipal, type Principal } from '../../kernel/identity/principal.ts';
import { findMiss } from '../../kernel/identity/statement-match.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { invalid, noSuchEntity } from './errors.ts';
import { page } from './shapes.ts';

interface Source extends NamedPolicy {
  readonly type: PolicySourceType;
}

interface Simulated {
  readonly principal: Principal;
  readonly identity: readonly Source[];
  readonly boundary: readonly Source[];
}

export function simulationOperations({ directory }: Identity, account: string) {
  const simulate = (input: SimulateCustomPolicyCommandInput, simulated: Simulated, call: Call) => {
    const { principal } = simulated;
    const context = contextFrom([
      ['aws:CurrentTime', new Date(call.now).toISOString()],
      ['aws:EpochTime', String(Math.floor(call.now / 1000))],
      // Of somebody who is not named, nobody knows a name.
      ...(principal.id === anonymousPrincipal.id ? [] : principalContext(principal, directory)),
      ...(input.ContextEntries ?? []).map(entryOf),
    ]);
    const resourcePolicy = input.ResourcePolicy
      ? { name: 'ResourcePolicy', document: requirePolicy(input.ResourcePolicy, 'resource'), type: 'resource' as const }
      : undefined;
    const policies: PrincipalPolicies = {
      identity: simulated.identity,
      boundary: merged(simulated.boundary),
      session: [],
    };
    const sources = [...simulated.identity, ...simulated.boundary, ...(resourcePolicy ? [resourcePolicy] : [])];
    const pairs = (input.ActionNames ?? []).flatMap((action) =>
      (input.ResourceArns?.length ? input.ResourceArns : ['*']).map((resource) => ({ action, resource })),
    );
    const { items, ...rest } = page(pairs, ({ action, resource }) => `${action} ${resource}`, input);
    return {
      EvaluationResults: items.map(({ action, resource }): EvaluationResult => {
        const request = { principal, action, resource, context, resourcePolicy };
        const explanation = explain(request, policies);
        return {
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: explanation.decision,
          MatchedStatements: matched(explanation.policies, explanation.decision, sources),
          MissingContextValues: missingKeys(sources, request),
          ...(simulated.boundary.length > 0 && {
            PermissionsBoundaryDecisionDetail: {
              AllowedByPermissionsBoundary: explanation.policies.some(
                ({ kind, verdict }) => kind === 'permissions boundary' && verdict === 'allows',
              ),
            },
          }),
        };
      }),
      ...rest,
    };
  };

  const given = (texts: readonly string[] | undefined, name: string): Source[] =>
    (texts ?? []).map((document, index) => ({
      name: `${name}.${index + 1}`,
      document: requirePolicy(document, 'identity'),
      type: 'none',
    }));

  const sourcesOf = (holder: PolicyHolder, kind: 'user' | 'group' | 'role'): Source[] =>
    directory.ownPolicies(holder).map(({ name, document }) =>
      name.startsWith('arn:')
        ? {
            name: name.slice(name.lastIndexOf('/') + 1),
            document,
            type: name.startsWith('arn:aws:iam::aws:') ? 'aws-managed' : 'user-managed',
          }
        : { name: `${kind}_${holder.name}_${name}`, document, type: kind },
    );

  const holderOf = (arn: string) => {
    const group = directory.groups.list().find(({ value }) => value.arn === arn)?.value;
    const found = directory.findUserByArn(arn) ?? directory.findRoleByArn(arn) ?? group;
    if (!found) throw noSuchEntity(`The entity ${arn}`);
    return found;
  };

  const policiesOf = (arn: string): Omit<Simulated, 'principal'> => {
    const holder = holderOf(arn);
    const kind = arn.split(':')[5]!.split('/')[0] as 'user' | 'group' | 'role';
    const groups = ((holder as User).groups ?? []).flatMap((name) => directory.groups.get(name) ?? []);
    const { boundary } = directory.policiesOfHolder(holder as User | Role);
    return {
      identity: [...sourcesOf(holder, kind), ...groups.flatMap((group) => sourcesOf(group, 'group'))],
      boundary: boundary ? [{ ...boundary, type: 'user-managed' }] : [],
    };
  };

  const principalOf = (arn: string | undefined): Principal =>
    (arn === undefined ? undefined : findPrincipal(arn, { directory, account })) ?? anonymousUser(account);

  return {
    SimulatePrincipalPolicy: {
      access: (input: SimulatePrincipalPolicyCommandInput): Access[] => [
        { action: 'iam:SimulatePrincipalPolicy', resource: input.PolicySourceArn ?? '*' },
      ],
      run: (input: SimulatePrincipalPolicyCommandInput, call: Call) => {
        const own = policiesOf(input.PolicySourceArn ?? '');
        const boundary = given(input.PermissionsBoundaryPolicyInputList, 'PermissionsBoundaryPolicyInputList');
        const simulated: Simulated = {
          principal: principalOf(input.CallerArn ?? input.PolicySourceArn),
          identity: [...own.identity, ...given(input.PolicyInputList, 'PolicyInputList')],
          boundary: boundary.length > 0 ? boundary : own.boundary,
        };
        return simulate(input as SimulateCustomPolicyCommandInput, simulated, call);
      },
    },
    SimulateCustomPolicy: {
      access: (): Access[] => [{ action: 'iam:SimulateCustomPolicy', resource: '*' }],
      run: (input: SimulateCustomPolicyCommandInput, call: Call) => {
        const simulated: Simulated = {
          principal: principalOf(input.CallerArn),
          identity: given(input.PolicyInputList, 'PolicyInputList'),
          boundary: given(input.PermissionsBoundaryPolicyInputList, 'PermissionsBoundaryPolicyInputList'),
        };
        return simulate(input, simulated, call);
      },
    },
    GetContextKeysForCustomPolicy: {
      access: (): Access[] => [{ action: 'iam:GetContextKeysForCustomPolicy', resource: '*' }],
      run: (input: { PolicyInputList?: string[] | undefined }) => ({
        ContextKeyNames: keysOf(given(input.PolicyInputList, 'PolicyInputList')),
      }),
    },
    GetContextKeysForPrincipalPolicy: {
      access: (input: { PolicySourceArn?: string | undefined }): Access[] => [
        { action: 'iam:GetContextKeysForPrincipalPolicy', resource: input.PolicySourceArn ?? '*' },
      ],
      run: (input: { PolicySourceArn?: string | undefined; PolicyInputList?: string[] | undefined }) => {
        const own = policiesOf(input.PolicySourceArn ?? '').identity;
        return { ContextKeyNames: keysOf([...own, ...given(input.PolicyInputList, 'PolicyInputList')]) };
      },
    },
  };
}

/** Somebody of the account about whom nothing is known, as a custom simulation has nobody else. */
const anonymousUser = (account: string): Principal => ({
  ...anonymousPrincipal,
  kind: 'user',
  account,
  name: '',
});

function entryOf({ ContextKeyName, ContextKeyValues = [], ContextKeyType }: ContextEntry) {
  if (!ContextKeyName) throw invalid('A context entry needs a ContextKeyName.');
  const list = ContextKeyType?.endsWith('List') ?? false;
  return [ContextKeyName, list ? ContextKeyValues : (ContextKeyValues[0] ?? '')] as const;
}

function requirePolicy(document: string, kind: 'identity' | 'resource'): string {
  parsePolicy(document, kind);
  return document;
}

// Several boundaries are given only to be asked as one.
function merged(boundary: readonly Source[]): NamedPolicy | undefined {
  if (boundary.length <= 1) return boundary[0];
  const statements = boundary.flatMap(({ document }) =>
    [(JSON.parse(document) as { Statement: unknown }).Statement].flat(),
  );
  return {
    name: boundary.map(({ name }) => name).join(', '),
    document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
  };
}

function matched(verdicts: readonly PolicyVerdict[], decision: string, sources: readonly Source[]) {
  const effect = decision === 'allowed' ? 'Allow' : 'Deny';
  return verdicts.flatMap(({ policy, statements }) =>
    statements
      .filter((statement) => statement.applies && statement.effect === effect)
      .map(() => ({
        SourcePolicyId: policy,
        SourcePolicyType: sources.find(({ name }) => name === policy)?.type ?? ('none' as const),
      })),
  );
}

// Keys that could have decided, but that nobody gave.
function missingKeys(sources: readonly Source[], request: Parameters<typeof findMiss>[1]): string[] {
  const asked = sources
    .flatMap(({ document }) => statementsOf(document))
    .filter((statement) => {
      const miss = findMiss({ ...statement, conditions: new Map() }, request);
      return miss === undefined || (miss.element === 'Resource' && statement.variables);
    });
  return keysIn(asked).filter((key) => !request.context.has(key.toLowerCase()));
}

const keysOf = (sources: readonly Source[]): string[] =>
  keysIn(sources.flatMap(({ document }) => statementsOf(document)));

function keysIn(statements: readonly Statement[]): string[] {
  const keys = statements.flatMap(({ conditions, resources = [], variables }) => [
    ...[...conditions.values()].flatMap((byKey) => [...byKey.keys()]),
    ...(variables
      ? [...resources, ...[...conditions.values()].flatMap((byKey) => [...byKey.values()].flat())]
      : []
    ).flatMap((text) =>
      Array.from(text.matchAll(/\$\{\s*([^,}\s]+:[^,}\s]+)[^}]*\}/g), (match) => match[1]!.toLowerCase()),
    ),
  ]);
  return [...new Set(keys)];
}
