// Arguments that AWS has and the cloud has not: said when a plan is made, before anything is applied.
import type { Attributes, ResourceType } from './resource.ts';

type Finding = ReturnType<NonNullable<ResourceType['validate']>>[number];

/** A finding for each of these arguments that is given, by its path: `source.auth` is the block `auth` in any block `source`. */
export const refusedAttributes = (config: Attributes, paths: readonly string[]): Finding[] =>
  paths.flatMap((path) =>
    given(config, path.split('.')).map((attribute) => ({ attribute, message: `${path} is not supported here` })),
  );

/** Where the argument is given. What is off, or holds nothing, asks for nothing. */
function given(config: Attributes, [name = '', ...rest]: readonly string[]): string[] {
  const value: unknown = config[name];
  if (rest.length > 0) {
    const blocks = Array.isArray(value) ? (value as Attributes[]) : [];
    return blocks.flatMap((block, index) => given(block, rest).map((path) => `${name}.${index}.${path}`));
  }
  const nothing = value === undefined || value === null || value === '' || value === 0 || value === false;
  return nothing || (Array.isArray(value) && value.length === 0) ? [] : [name];
}
