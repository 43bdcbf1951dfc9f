// Maps and lists within a query: what jsonParse and logfmt make of a text, and what stands at a path in them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html#CWL_QuerySyntax-structure-types
import type { Value } from './value.ts';

export class Structure {
  readonly content: object;

  constructor(content: object) {
    this.content = content;
  }

  /** What stands at `a.b[0].c`; undefined where there is nothing. */
  at(path: string): Value {
    let found: unknown = this.content;
    for (const [, index, name] of path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)) {
      if (typeof found !== 'object' || found === null) return undefined;
      found = Object.hasOwn(found, (index ?? name)!) ? (found as Record<string, unknown>)[(index ?? name)!] : undefined;
    }
    return toValue(found);
  }

  /** Each item of a list; a map is a list of one. */
  items(): Value[] {
    return Array.isArray(this.content) ? this.content.map(toValue) : [this];
  }
}

/** What JSON has as a query's value; null is nothing. */
export function toValue(json: unknown): Value {
  if (json === null || json === undefined) return undefined;
  if (typeof json === 'object') return new Structure(json);
  return json as string | number | boolean;
}

/** Undefined where the text is no JSON. */
export function parseStructure(text: string): Value {
  try {
    return toValue(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
