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

/** Throws where a list has too few items, or too many. `shown` is what AWS shows of it. */
export function requireLength(
  { length }: { readonly length: number },
  member: string,
  [least, most]: readonly [least: number, most: number],
  { shown, invalid }: { readonly shown: string; readonly invalid: Invalid },
): void {
  if (length < least) throw invalid(failed(shown, member, `Member must have length greater than or equal to ${least}`));
  if (length > most) throw invalid(failed(shown, member, `Member must have length less than or equal to ${most}`));
}

/** Throws where a text is given that the pattern, as AWS writes it, does not match as a whole. */
export function requireMatch(value: string | undefined, member: string, pattern: string, invalid: Invalid): void {
  if (value === undefined || new RegExp(`^(?:${pattern})$`).test(value)) return;
  throw invalid(failed(value, member, `Member must satisfy regular expression pattern: ${pattern}`));
}

const failed = (value: string | number, member: string, constraint: string): string =>
  `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
