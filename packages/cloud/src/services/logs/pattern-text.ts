// What every kind of filter pattern is made of: wanted texts, regular expressions, and the error for a malformed one.
import { invalidParameter } from './errors.ts';

export type MessageTest = (message: string) => boolean;

export const invalidPattern = (why: string) => invalidParameter(`Invalid filter pattern: ${why}`);

/** A regular expression between percent signs, of the small kind that CloudWatch Logs allows. */
export function patternRegex(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw invalidPattern(`%${source}% is not a regular expression`);
  }
}

/** A wanted text in which `*` stands for anything. */
export function wildcard(text: string): (value: string) => boolean {
  if (!text.includes('*')) return (value) => value === text;
  const source = text
    .split('*')
    .map((part) => part.replace(/[\\^$.|+()[\]{}?]/g, '\\$&'))
    .join('.*');
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => expression.test(value);
}
