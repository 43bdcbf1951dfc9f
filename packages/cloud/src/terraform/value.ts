// Values on Terraform's wire: MessagePack, with a marker for what is not known yet.
import { isDeepStrictEqual } from 'node:util';

import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';

class Unknown {
  toString(): string {
    return '(known after apply)';
  }
}

/** What is known only after the apply. */
export const UNKNOWN = new Unknown();

/** A value as Terraform sends it: JSON's kinds, or unknown anywhere within. */
export type WireValue = string | number | boolean | null | Unknown | WireValue[] | WireObject;

export interface WireObject {
  [name: string]: WireValue;
}

/** How a value travels: as MessagePack, or as the JSON of a state file. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

const extensionCodec = new ExtensionCodec();
// Terraform writes unknown as extension 0, or as 12 with what it can already say about the value, which nothing here needs.
extensionCodec.register({
  type: 0,
  encode: (value) => (value === UNKNOWN ? new Uint8Array([0]) : null),
  decode: () => UNKNOWN,
});
extensionCodec.register({ type: 12, encode: () => null, decode: () => UNKNOWN });
const encoder = new Encoder({ extensionCodec });
const decoder = new Decoder({ extensionCodec });

export function decodeValue(value: DynamicValue | undefined): WireValue {
  if (value?.msgpack?.length) return decoder.decode(value.msgpack) as WireValue;
  if (value?.json?.length) return JSON.parse(Buffer.from(value.json).toString('utf8')) as WireValue;
  return null;
}

export const encodeValue = (value: WireValue): DynamicValue => ({ msgpack: Buffer.from(encoder.encode(value)) });

/** An object or null: what a resource's state, plan and configuration are at their top. */
export function decodeObject(value: DynamicValue | undefined): WireObject | null {
  const decoded = decodeValue(value);
  return isObject(decoded) ? decoded : null;
}

export const isObject = (value: unknown): value is WireObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && value !== UNKNOWN;

export const isEqual = (a: WireValue | undefined, b: WireValue | undefined): boolean => isDeepStrictEqual(a, b);

/** The value without what is not known: unknown members are left out, and so is a list with an unknown element. */
export function knownPart(value: WireValue): WireValue | undefined {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) {
    const elements = value.map(knownPart);
    return elements.includes(undefined) ? undefined : (elements as WireValue[]);
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).flatMap(([name, member]): [string, WireValue][] => {
    const known = knownPart(member);
    return known === undefined ? [] : [[name, known]];
  });
  return Object.fromEntries(members);
}

export function hasUnknown(value: WireValue | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}
