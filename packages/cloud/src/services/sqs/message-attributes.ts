// Message attributes: what they may be, their size and digest, and those that a receive asks for.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
import { createHash } from 'node:crypto';

import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

import { invalidValue, unsupportedOperation } from './errors.ts';

/** An attribute as the store keeps it; `binary` is base64. */
export interface StoredAttribute {
  readonly type: string;
  readonly text?: string;
  readonly binary?: string;
}

export type StoredAttributes = Readonly<Record<string, StoredAttribute>>;

type Given = Readonly<Record<string, MessageAttributeValue | undefined>>;

const MOST_ATTRIBUTES = 10;
const LONGEST_NAME = 256;

/** Checks attributes as SQS does; undefined where there are none. */
export function readAttributes(given: Given | undefined): StoredAttributes | undefined {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return undefined;
  if (entries.length > MOST_ATTRIBUTES) {
    throw invalidValue(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`,
    );
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, readAttribute(name, value!)]));
}

/** The trace header, the one system attribute that a sender may set. */
export function readTraceHeader(given: Given | undefined): string | undefined {
  const entries = Object.entries(given ?? {});
  const other = entries.find(([name]) => name !== 'AWSTraceHeader');
  if (other) throw invalidValue(`Message system attribute name '${other[0]}' is invalid.`);
  const [, value] = entries[0] ?? [];
  if (!value) return undefined;
  const { type, text } = readAttribute('AWSTraceHeader', value);
  if (type !== 'String' || text === undefined) {
    throw invalidValue("The type of message (system) attribute 'AWSTraceHeader' is invalid. It has to be String.");
  }
  return text;
}

/** What attributes add to a message's size, in bytes. */
export const sizeOf = (attributes: StoredAttributes = {}): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { type, text, binary }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(type) +
      (text === undefined ? Buffer.byteLength(binary ?? '', 'base64') : Buffer.byteLength(text)),
    0,
  );

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation */
export function md5Of(attributes: StoredAttributes | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).toSorted();
  if (!attributes || names.length === 0) return undefined;
  const digest = createHash('md5');
  const part = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    digest.update(length).update(bytes);
  };
  for (const name of names) {
    const { type, text, binary } = attributes[name]!;
    part(Buffer.from(name));
    part(Buffer.from(type));
    digest.update(Buffer.of(text === undefined ? 2 : 1));
    part(text === undefined ? Buffer.from(binary ?? '', 'base64') : Buffer.from(text));
  }
  return digest.digest('hex');
}

/** The attributes that a receive asks for: by name, by the beginning of it (`prefix.*`), or all. */
export function selectAttributes(attributes: StoredAttributes | undefined, names: readonly string[]): StoredAttributes {
  if (!attributes || names.length === 0) return {};
  if (names.includes('All') || names.includes('.*')) return attributes;
  const wanted = (name: string) =>
    names.some((pattern) => (pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

export const shapeAttributes = (attributes: StoredAttributes): Record<string, MessageAttributeValue> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { type, text, binary }]) => [
      name,
      {
        DataType: type,
        ...(text === undefined ? { BinaryValue: Buffer.from(binary ?? '', 'base64') } : { StringValue: text }),
      },
    ]),
  );

function readAttribute(name: string, value: MessageAttributeValue): StoredAttribute {
  checkName(name);
  const { DataType: type = '', StringValue: text, BinaryValue: binary, StringListValues, BinaryListValues } = value;
  if (StringListValues?.length || BinaryListValues?.length) {
    throw unsupportedOperation('Message attribute list values in SendMessage operation are not supported.');
  }
  const [kind] = type.split('.');
  if (type === '') {
    throw invalidValue(`The message attribute '${name}' must contain non-empty message attribute type.`);
  }
  if (type.length > LONGEST_NAME || !['String', 'Number', 'Binary'].includes(kind!)) {
    throw invalidValue(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  if (kind === 'Binary') {
    if (!binary || binary.length === 0) throw empty(name, type);
    return { type, binary: Buffer.from(binary).toString('base64') };
  }
  if (!text) throw empty(name, type);
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw invalidValue(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return { type, text };
}

function checkName(name: string): void {
  const fine = name.length <= LONGEST_NAME && /^[\w-]+(\.[\w-]+)*$/.test(name);
  if (!fine) {
    throw invalidValue(
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    );
  }
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidValue(`Message (user) attribute name '${name}' is invalid. It uses a reserved prefix.`);
  }
}

const empty = (name: string, type: string) =>
  invalidValue(
    `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
  );
