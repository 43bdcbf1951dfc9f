// How a buildspec's values are read: YAML or JSON, and what is wrong with it by its place.
import { parse } from 'yaml';

/** A buildspec that cannot be used; CodeBuild reports it as YAML_FILE_ERROR in the DOWNLOAD_SOURCE phase. */
export class BuildspecError extends Error {}

export type Mapping = Record<string, unknown>;

/** The document, YAML or JSON. */
export function readDocument(text: string): Mapping {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new BuildspecError((error as Error).message);
  }
  return mapping(document, 'the buildspec');
}

/** What would be ignored would be pretended: it is named instead. */
export function refuseUnknown(value: Mapping, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new BuildspecError(`${unknown.join(', ')} in ${where} is not supported; supported: ${known.join(', ')}`);
  }
}

export function mapping(value: unknown, where: string): Mapping {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BuildspecError(`${where} has to be a mapping`);
  return value as Mapping;
}

export function strings(value: unknown, where: string): Record<string, string> {
  return Object.fromEntries(Object.entries(mapping(value ?? {}, where)).map(([name, each]) => [name, String(each)]));
}

/** A comment alone is a command that YAML reads as null: CodeBuild passes over it. */
export function list(value: unknown, where: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new BuildspecError(`${where} has to be a list`);
  return value.filter((each) => each !== null).map(String);
}

export function optionalText(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new BuildspecError(`${where} has to be a text`);
}

/** `yes` and `no`, which YAML reads as texts, or what YAML itself calls true and false. */
export function flag(value: unknown, where: string): boolean {
  if (value === undefined || value === null || value === false || value === 'no' || value === 'false') return false;
  if (value === true || value === 'yes' || value === 'true') return true;
  throw new BuildspecError(`${where} has to be yes or no`);
}
