// Parameter policies: when a parameter ends, and what is to be told before that, or where nobody changes it.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
import { invalidPolicyAttribute, invalidPolicyType, policyLimit, validation } from './errors.ts';

interface Written {
  /** As the customer wrote it. */
  readonly text: string;
  /** It has done what it is for. */
  readonly done?: true;
}

export type ParameterPolicy = Written &
  (
    | { readonly type: 'Expiration'; /** Milliseconds. */ readonly expiresAt: number }
    | { readonly type: 'ExpirationNotification'; /** Milliseconds before the end. */ readonly before: number }
    | { readonly type: 'NoChangeNotification'; /** Milliseconds after the last change. */ readonly after: number }
  );

const POLICIES_LIMIT = 10;

const UNITS: Readonly<Record<string, number>> = { Days: 86_400_000, Hours: 3_600_000 };

/** Reads the policies of a request. */
export function readPolicies(text: string | undefined): ParameterPolicy[] {
  if (text === undefined || text.trim() === '') return [];
  const list = parse(text);
  if (list.length > POLICIES_LIMIT) throw policyLimit(POLICIES_LIMIT);
  const policies = list.map(readPolicy);
  const ends = policies.filter(({ type }) => type === 'Expiration').length;
  if (ends > 1) throw invalidPolicyAttribute('A parameter has one policy of type Expiration.');
  if (ends === 0 && policies.some(({ type }) => type === 'ExpirationNotification')) {
    throw invalidPolicyAttribute('A policy of type ExpirationNotification needs one of type Expiration beside it.');
  }
  return policies;
}

/** The policies of the next version, where a request leaves them as they are: a change starts them anew. */
export const renewed = (policies: readonly ParameterPolicy[] = []): ParameterPolicy[] =>
  policies.map(({ done: _done, ...policy }) => policy as ParameterPolicy);

/** When a policy acts; undefined once it has. */
export function dueAt(
  policy: ParameterPolicy,
  {
    modifiedAt,
    policies = [],
  }: { readonly modifiedAt: number; readonly policies?: readonly ParameterPolicy[] | undefined },
): number | undefined {
  if (policy.done) return undefined;
  if (policy.type === 'Expiration') return policy.expiresAt;
  if (policy.type === 'NoChangeNotification') return modifiedAt + policy.after;
  const end = policies.find(({ type }) => type === 'Expiration') as { expiresAt: number } | undefined;
  return end && end.expiresAt - policy.before;
}

function parse(text: string): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw validation('The policies are not valid JSON.');
  }
  return Array.isArray(parsed) ? parsed : [parsed];
}

function readPolicy(policy: unknown): ParameterPolicy {
  const { Type, Version, Attributes } = Object(policy) as Record<string, unknown>;
  const { Timestamp, Before, After, Unit } = Object(Attributes) as Record<string, unknown>;
  const text = JSON.stringify(policy);
  if (Version !== '1.0') throw invalidPolicyAttribute('A policy needs Version 1.0.');
  switch (Type) {
    case 'Expiration': {
      const expiresAt = typeof Timestamp === 'string' ? Date.parse(Timestamp) : Number.NaN;
      if (!Number.isNaN(expiresAt)) return { text, type: Type, expiresAt };
      throw invalidPolicyAttribute('An Expiration policy needs Version 1.0 and a Timestamp in ISO 8601.');
    }
    case 'ExpirationNotification':
      return { text, type: Type, before: durationOf('Before', Before, Unit) };
    case 'NoChangeNotification':
      return { text, type: Type, after: durationOf('After', After, Unit) };
    default:
      throw invalidPolicyType(`The policy type ${String(Type)} is not known.`);
  }
}

function durationOf(name: string, count: unknown, unit: unknown): number {
  const milliseconds = UNITS[String(unit)];
  if (milliseconds !== undefined && /^[1-9]\d{0,4}$/.test(String(count))) return Number(count) * milliseconds;
  throw invalidPolicyAttribute(`The policy needs ${name}, a positive whole number, and Unit, which is Days or Hours.`);
}
