// What hashicorp/aws refuses of single arguments before it asks AWS, in its words.
import type { Attributes } from './resource.ts';

export interface Problem {
  readonly attribute: string;
  readonly message: string;
}

export function rangeProblems(config: Attributes, attribute: string, least: number, most: number): Problem[] {
  const value: unknown = config[attribute];
  if (typeof value !== 'number' || (value >= least && value <= most)) return [];
  return [{ attribute, message: `expected ${attribute} to be in the range (${least} - ${most}), got ${value}` }];
}

export function lengthProblems(config: Attributes, attribute: string, least: number, most: number): Problem[] {
  const value: unknown = config[attribute];
  if (typeof value !== 'string' || (value.length >= least && value.length <= most)) return [];
  const message = `expected length of ${attribute} to be in the range (${least} - ${most}), got ${value}`;
  return [{ attribute, message }];
}

export function choiceProblems(config: Attributes, attribute: string, choices: readonly string[]): Problem[] {
  const value: unknown = config[attribute];
  if (typeof value !== 'string' || choices.includes(value)) return [];
  const quoted = choices.map((choice) => `"${choice}"`).join(' ');
  return [{ attribute, message: `expected ${attribute} to be one of [${quoted}], got ${value}` }];
}

export function patternProblems(config: Attributes, attribute: string, pattern: RegExp, said: string): Problem[] {
  const value: unknown = config[attribute];
  if (typeof value !== 'string' || pattern.test(value)) return [];
  return [{ attribute, message: `invalid value for ${attribute} (${said})` }];
}

export function jsonProblems(config: Attributes, attribute: string): Problem[] {
  const text: unknown = config[attribute];
  if (typeof text !== 'string' || text === '') return [];
  try {
    JSON.parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [{ attribute, message: `"${attribute}" contains an invalid JSON policy: ${error.message}` }];
  }
}

/** Arguments of which at most one may be there. */
export function conflictProblems(config: Attributes, ...names: readonly string[]): Problem[] {
  const [first, ...others] = names.filter((name) => isSet(config, name));
  if (first === undefined || others.length === 0) return [];
  return [{ attribute: first, message: `"${first}": conflicts with ${others.join(', ')}` }];
}

/** Arguments of which exactly one has to be there. */
export function exactlyOneProblems(config: Attributes, ...names: readonly string[]): Problem[] {
  if (names.filter((name) => isSet(config, name)).length === 1) return [];
  const attribute = names.find((name) => isSet(config, name)) ?? names[0] ?? '';
  return [{ attribute, message: `"${attribute}": one of \`${names.join(',')}\` must be specified, and only one` }];
}

/** An argument that says nothing without the others. */
export function requiredWithProblems(config: Attributes, attribute: string, ...others: readonly string[]): Problem[] {
  const missing = others.filter((name) => !isSet(config, name));
  if (!isSet(config, attribute) || missing.length === 0) return [];
  return [{ attribute, message: `"${attribute}": all of \`${[attribute, ...others].join(',')}\` must be specified` }];
}

const isSet = (config: Attributes, name: string): boolean => config[name] !== undefined && config[name] !== null;
