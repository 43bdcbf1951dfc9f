// Parameter policies: when a parameter ends.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
import { notSupported } from '../../kernel/errors.ts';
import { invalidPolicyAttribute, invalidPolicyType, policyLimit, validation } from './errors.ts';

export interface ParameterPolicy {
  readonly text: string;
  readonly type: 'Expiration';
  /** Milliseconds. */
  readonly expiresAt: number;
}

const POLICIES_LIMIT = 10;

/** Reads the policies of a request. Those that would only notify are refused: nothing here would hear them. */
export function readPolicies(text: string | undefined): ParameterPolicy[] {
  if (text === undefined || text.trim() === '') return [];
  const list = parse(text);
  if (list.length > POLICIES_LIMIT) throw policyLimit(POLICIES_LIMIT);
  const policies = list.map(readPolicy);
  if (policies.length > 1) throw invalidPolicyAttribute('A parameter has one policy of type Expiration.');
  return policies;
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
  if (Type === 'ExpirationNotification' || Type === 'NoChangeNotification') {
    throw notSupported(`Policies of type ${Type} are not supported here: there is nobody to be notified.`);
  }
  if (Type !== 'Expiration') throw invalidPolicyType(`The policy type ${String(Type)} is not known.`);
  const { Timestamp } = Object(Attributes) as { Timestamp?: unknown };
  const expiresAt = typeof Timestamp === 'string' ? Date.parse(Timestamp) : Number.NaN;
  if (Version !== '1.0' || Number.isNaN(expiresAt)) {
    throw invalidPolicyAttribute('An Expiration policy needs Version 1.0 and a Timestamp in ISO 8601.');
  }
  return { text: JSON.stringify(policy), type: Type, expiresAt };
}
