// What AWS says of a member that is none of its values, or out of its range, in the words that all its services share.
import type { AwsError } from './errors.ts';

/** Makes a service's own error of the sentence. */
type Invalid = (message: string) => AwsError;

/** Throws where a value is given that is none of those allowed. */
export function requireOneOf<T extends string>(
  value: string | undefined,
  member: string,
  allowed: readonly T[],
  invalid: Invalid,
): void {
  if (value === undefined || allowed.some((each) => each === value)) return;
  throw invalid(failed(value, member, `Member must satisfy enum value set: [${allowed.join(', ')}]`));
}

/** Throws where a value is given that is below the least or above the most; both are allowed themselves. */
export function requireWithin(
  value: number | undefined,
  member: string,
  [least, most]: readonly [least: number, most: number],
  invalid: Invalid,
): void {
  if (value === undefined) return;
  if (!(value >= least))
    throw invalid(failed(value, member, `Member must have value greater than or equal to ${least}`));
  if (value > most) throw invalid(failed(value, member, `Member must have value less than or equal to ${most}`));
}

const failed = (value: string | number, member: string, constraint: string): string =>
  `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
