// What every kind of filter pattern is made of: wanted texts, regular expressions, and the error for a malformed one.
import { invalidParameter } from './errors.ts';

export type MessageTest = (message: string) => boolean;

export const invalidPattern = (why: string) => invalidParameter(`Invalid filter pattern: ${why}`);

export const invalidCharacters = (characters: string) => invalidPattern(`Invalid character(s) in term '${characters}'`);

/**
 * A regular expression between percent signs, of the small kind that CloudWatch Logs allows: letters, digits, a few symbols,
 * and no parentheses. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
 */
export function patternRegex(source: string): RegExp {
  const [stranger] = /[^A-Za-z0-9:_#=@/;,\-^$?[\]{}|\\*+.]/.exec(source) ?? [];
  if (stranger !== undefined) throw invalidCharacters(stranger);
  try {
    return new RegExp(source);
  } catch {
    throw invalidPattern(`%${source}% is not a regular expression`);
  }
}

/** How many regular expressions a pattern holds. */
export const countRegexes = (pattern: string): number =>
  pattern.replace(/"(?:[^"\\]|\\.)*"/gs, '""').match(/%[^%]+%/g)?.length ?? 0;

/** A wanted text in which `*` at its beginning or its end stands for anything; elsewhere it is a letter like others. */
export function wildcard(text: string): (value: string) => boolean {
  if (/^\*+$/.test(text)) return () => true;
  const part = text.replace(/^\*|\*$/g, '');
  const [open, unended] = [text.startsWith('*'), text.endsWith('*')];
  if (open && unended) return (value) => value.includes(part);
  if (open) return (value) => value.endsWith(part);
  if (unended) return (value) => value.startsWith(part);
  return (value) => value === part;
}
