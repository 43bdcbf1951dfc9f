// What DynamoDB expressions speak of, as far as IAM's condition keys need it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html

export type Names = Readonly<Record<string, unknown>>;

const KEYWORDS = new Set(['and', 'or', 'not', 'between', 'in', 'set', 'remove', 'add', 'delete']);

/** Top-level attributes that an expression names, with placeholders resolved. */
export function attributesOf(expression: unknown, names: Names): string[] {
  if (typeof expression !== 'string') return [];
  // A name that follows a dot is nested, one before a parenthesis is a function, and `:value` is a value.
  const tokens = expression.matchAll(/(?<![\w.\]#:-])(#?[A-Za-z_][\w-]*|#\w+)(\s*\()?/g);
  return [...tokens]
    .filter(([, name, call]) => !call && !KEYWORDS.has(name!.toLowerCase()))
    .map(([, name]) => resolve(name!, names));
}

/** The value that a key condition demands of an attribute by `=`; undefined where it demands none. */
export function equalTo(attribute: string, expression: unknown, names: Names, values: Names): unknown {
  if (typeof expression !== 'string') return undefined;
  const pairs = expression.matchAll(/(#?[\w-]+)\s*=\s*(:[\w-]+)|(:[\w-]+)\s*=\s*(#?[\w-]+)/g);
  for (const [, left, right, value = right, name = left] of pairs) {
    if (name !== undefined && value !== undefined && resolve(name, names) === attribute) return values[value];
  }
  return undefined;
}

function resolve(name: string, names: Names): string {
  const resolved = names[name];
  return name.startsWith('#') && typeof resolved === 'string' ? resolved : name;
}
