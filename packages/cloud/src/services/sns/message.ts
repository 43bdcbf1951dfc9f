// A message as it is published: its text for each protocol, its attributes, its place in a FIFO topic; checked as SNS does.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
import type { MessageAttributeValue, PublishInput } from '@aws-sdk/client-sns';

import { invalidAttribute, invalidParameter } from './errors.ts';

/** As notifications carry them: the value of a binary one is base64. */
export type MessageAttributes = Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;

/** What somebody wants published, checked. */
export interface Draft {
  /** What subscribers get, where it does not depend on their protocol. */
  readonly text: string;
  /** Texts of protocols that get another one, with `MessageStructure` `json`. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly subject?: string | undefined;
  readonly attributes: MessageAttributes;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly bytes: number;
}

/** A message on its way. */
export interface Message extends Omit<Draft, 'bytes'> {
  readonly id: string;
  readonly topicArn: string;
  /** ISO 8601, with milliseconds. */
  readonly timestamp: string;
  readonly sequenceNumber?: string;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload.html */
export const LARGEST_MESSAGE_BYTES = 256 * 1024;

const LONGEST_SUBJECT = 100;

type Input = Pick<
  PublishInput,
  'Message' | 'MessageStructure' | 'Subject' | 'MessageAttributes' | 'MessageGroupId' | 'MessageDeduplicationId'
>;

/** Checks a message for a topic. Throws SNS's error. */
export function readDraft(input: Input, topic: { readonly fifo: boolean; readonly contentBased: boolean }): Draft {
  const { Message: text = '', Subject: subject, MessageStructure: structure } = input;
  if (text === '') throw invalidParameter('Empty message');
  checkSubject(subject);
  if (structure !== undefined && structure !== 'json') throw invalidParameter('MessageStructure');
  checkFifo(input, topic);
  const attributes = readAttributes(input.MessageAttributes ?? {});
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(subject ?? '') + bytesOf(attributes);
  if (bytes > LARGEST_MESSAGE_BYTES) throw invalidParameter('Message too long');
  return {
    ...(structure === 'json' ? readTexts(text) : { text }),
    subject,
    attributes,
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
    bytes,
  };
}

/** What subscribers of a protocol get. */
export const textFor = ({ text, texts }: Pick<Message, 'text' | 'texts'>, protocol: string): string =>
  texts?.[protocol] ?? text;

// UTF-8 without line breaks and control characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
function checkSubject(subject: string | undefined): void {
  if (subject === undefined) return;
  const length = Array.from(subject).length;
  if (length === 0 || length > LONGEST_SUBJECT || /\p{Cc}/u.test(subject)) throw invalidParameter('Subject');
}

function readTexts(json: string): Pick<Draft, 'text' | 'texts'> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  const texts = Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const { default: text, ...others } = Object.fromEntries(texts);
  if (text === undefined) throw invalidParameter('Message Structure - No default entry in JSON message body');
  return { text, texts: others };
}

const FIFO_ID = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

function checkFifo(
  { MessageGroupId: group, MessageDeduplicationId: id }: Input,
  { fifo, contentBased }: { readonly fifo: boolean; readonly contentBased: boolean },
): void {
  if (group !== undefined && !FIFO_ID.test(group)) throw invalidParameter('MessageGroupId');
  if (!fifo) {
    if (id === undefined) return;
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (group === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  if (id === undefined && !contentBased) {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  if (id !== undefined && !FIFO_ID.test(id)) throw invalidParameter('MessageDeduplicationId');
}

// https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
function readAttributes(given: Readonly<Record<string, MessageAttributeValue>>): MessageAttributes {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      checkName(name);
      return [name, { Type: value.DataType ?? '', Value: readValue(name, value) }];
    }),
  );
}

function checkName(name: string): void {
  const valid = /^[\w.-]{1,256}$/.test(name) && !/^\.|\.\.|\.$/.test(name) && !/^(aws|amazon)\./i.test(name);
  if (!valid) throw invalidAttribute(`Invalid message attribute name: '${name}'.`);
}

function readValue(
  name: string,
  { DataType: type = '', StringValue: text, BinaryValue: bytes }: MessageAttributeValue,
) {
  const [kind = ''] = type.split('.');
  if (type === '') {
    throw invalidAttribute(`The message attribute '${name}' must contain non-empty message attribute type.`);
  }
  if (!['String', 'Number', 'Binary'].includes(kind) || type.length > 256) {
    throw invalidAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const value = kind === 'Binary' ? bytes && Buffer.from(bytes).toString('base64') : text;
  const other = kind === 'Binary' ? text : bytes;
  if (value === undefined && other !== undefined) {
    const member = kind === 'Binary' ? 'Binary' : 'String';
    throw invalidAttribute(`The message attribute '${name}' with type '${type}' must use field '${member}'.`);
  }
  if (!value) {
    throw invalidAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  }
  if (kind === 'Number' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    throw invalidAttribute(`Could not cast message attribute '${name}' value to number.`);
  }
  return value;
}

const bytesOf = (attributes: MessageAttributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { Type, Value }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(Type) +
      (Type.startsWith('Binary') ? Buffer.from(Value, 'base64').length : Buffer.byteLength(Value)),
    0,
  );
