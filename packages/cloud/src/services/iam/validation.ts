// What hashicorp/aws refuses of IAM's types before it asks AWS.
import { malformedId } from '../../terraform/errors.ts';
import type { Attributes } from '../../terraform/resource.ts';
import { UNIQUE_SUFFIX_LENGTH } from '../../terraform/unique-name.ts';

export interface Problem {
  readonly attribute: string;
  readonly message: string;
}

const NAME = /^[\w+=,.@-]*$/;

export function nameProblems(config: Attributes, longest: number): Problem[] {
  const problems: Problem[] = [];
  if (config['name'] && config['name_prefix']) {
    problems.push({ attribute: 'name', message: '"name": conflicts with name_prefix' });
  }
  for (const [attribute, limit] of [
    ['name', longest],
    ['name_prefix', longest - UNIQUE_SUFFIX_LENGTH],
  ] as const) {
    const value: unknown = config[attribute];
    if (typeof value !== 'string') continue;
    if (value.length > limit) {
      problems.push({
        attribute,
        message: `expected length of ${attribute} to be in the range (1 - ${limit}), got ${value}`,
      });
    }
    if (!NAME.test(value)) {
      problems.push({ attribute, message: `invalid value for ${attribute} (must match [\\w+=,.@-]): ${value}` });
    }
  }
  return problems;
}

export function jsonProblems(config: Attributes, attribute: string): Problem[] {
  const text: unknown = config[attribute];
  if (typeof text !== 'string') return [];
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [{ attribute, message: `"${attribute}" contains an invalid JSON policy: ${error.message}` }];
  }
}

/** The two parts of an id given to `terraform import`, the second with all that follows. */
export function importParts(id: string, separator: string, form: string): [string, string] {
  const at = id.indexOf(separator);
  if (at <= 0 || at === id.length - 1) throw malformedId(id, form);
  return [id.slice(0, at), id.slice(at + 1)];
}
