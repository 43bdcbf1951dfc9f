// Items as JSON texts, `{"key": {"S": "value"}}`, where binary data is base64.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

/** Throws where the text is no item. */
export function readItem(text: string): Item {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed)) throw new TypeError('an item is an object of attributes');
  return mapValues(parsed, (value, name) => {
    if (!isRecord(value) || Object.keys(value).length !== 1) throw new TypeError(`${name} is no attribute value`);
    return fromJson(value);
  });
}

/** The attributes in the order of their names, as Terraform's own `jsonencode` has them. */
export const itemText = (item: Item): string => JSON.stringify(mapValues(item, toJson));

/** A key's value as text: binary data in base64. */
export function keyText(value: AttributeValue | undefined): string {
  return value?.B ? base64(value.B) : (value?.S ?? value?.N ?? '');
}

function fromJson(value: Record<string, unknown>): AttributeValue {
  const [[type, plain] = ['', undefined]] = Object.entries(value);
  switch (type) {
    case 'B':
      return { B: bytes(plain) };
    case 'BS':
      return { BS: (plain as unknown[]).map(bytes) };
    case 'L':
      return { L: (plain as Record<string, unknown>[]).map(fromJson) };
    case 'M':
      return { M: mapValues(plain as Record<string, Record<string, unknown>>, fromJson) };
    default:
      return value as unknown as AttributeValue;
  }
}

function toJson(value: AttributeValue): unknown {
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  if (value.L) return { L: value.L.map(toJson) };
  if (value.M) return { M: mapValues(value.M, toJson) };
  return value;
}

const bytes = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(String(text), 'base64'));

const base64 = (data: Uint8Array): string => Buffer.from(data).toString('base64');

const mapValues = <From, To>(
  record: Record<string, From>,
  map: (value: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(
    Object.entries(record)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => [name, map(value, name)]),
  );

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
