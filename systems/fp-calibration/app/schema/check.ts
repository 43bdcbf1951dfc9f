// Values from outside against their schemas; what does not fit is named by its field, as one refusal.
import type * as z from 'zod/mini';

import type { Refusal } from '../domain/refusal.ts';

export type Checked<T> = { readonly value: T } | { readonly value?: undefined; readonly refusal: Refusal };

/** The value, or the first of its fields that is not what it should be. */
export function check<T>(
  schema: z.ZodMiniType<T>,
  value: unknown,
  expected: Readonly<Record<string, string>>,
): Checked<T> {
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data };
  const [issue] = result.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown !== undefined) return invalid(unknown, 'no such field', value, [unknown]);
  const path = issue?.path ?? [];
  const field = path.map(String).join('.');
  return invalid(field, expected[String(path[0] ?? '')] ?? 'an object', value, path);
}

export function invalid(
  field: string,
  expected: string,
  value: unknown,
  path: readonly PropertyKey[] = [field],
): { readonly refusal: Refusal } {
  const received = path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[String(key)] : undefined), value);
  return { refusal: { status: 400, error: 'INVALID_SCHEMA', field, expected, received: describe(received) } };
}

const LONGEST = 80;

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
