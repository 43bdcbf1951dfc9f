// Queue attributes: which there are, what they may be, and what they are where nobody says.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
import { invalidAttribute, unknownAttribute } from './errors.ts';

export type Attributes = Readonly<Record<string, string>>;

interface Range {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
}

const NUMBERS = {
  DelaySeconds: { least: 0, most: 900, usual: 0 },
  MaximumMessageSize: { least: 1_024, most: 1_048_576, usual: 1_048_576 },
  MessageRetentionPeriod: { least: 60, most: 1_209_600, usual: 345_600 },
  ReceiveMessageWaitTimeSeconds: { least: 0, most: 20, usual: 0 },
  VisibilityTimeout: { least: 0, most: 43_200, usual: 30 },
  KmsDataKeyReusePeriodSeconds: { least: 60, most: 86_400, usual: 300 },
} satisfies Readonly<Record<string, Range>>;

type NumberName = keyof typeof NUMBERS;

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  FifoQueue: ['true'],
  ContentBasedDeduplication: ['true', 'false'],
  SqsManagedSseEnabled: ['true', 'false'],
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};

const FIFO_ONLY: Attributes = {
  FifoQueue: 'true',
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

const TEXTS = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId'];

/** Facts that a queue tells and nobody sets. */
const COMPUTED = [
  'QueueArn',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns: readonly string[];
}

/** The attributes that a new queue of this kind has beside those it was given. */
export function defaultsFor(fifo: boolean): Attributes {
  const { KmsDataKeyReusePeriodSeconds: _ofKeys, ...numbers } = NUMBERS;
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([name, { usual }]) => [name, String(usual)])),
    SqsManagedSseEnabled: 'true',
    ...(fifo && FIFO_ONLY),
  };
}

export const isFifo = (attributes: Attributes): boolean => attributes['FifoQueue'] === 'true';

export const numberOf = (attributes: Attributes, name: NumberName): number =>
  Number(attributes[name] ?? NUMBERS[name].usual);

/** Refuses to be asked for an attribute that no queue has. */
export function requireAttributeNames(names: readonly string[]): void {
  const known = ['All', ...Object.keys(NUMBERS), ...Object.keys(CHOICES), ...TEXTS, ...COMPUTED];
  const other = names.find((name) => !known.includes(name));
  if (other !== undefined) throw unknownAttribute(other);
}

/**
 * A queue's attributes once `given` is set; an empty text takes back what may be absent. Throws where a value is none, or
 * does not go with the others.
 */
export function changedAttributes(before: Attributes, given: Attributes): Attributes {
  const attributes: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(given)) {
    checkAttribute(name, value, before);
    if (value === '' && TEXTS.includes(name)) delete attributes[name];
    else attributes[name] = name in NUMBERS ? String(Number(value)) : value;
  }
  if (attributes['KmsMasterKeyId'] !== undefined && attributes['SqsManagedSseEnabled'] === 'true') {
    if (given['SqsManagedSseEnabled'] === 'true') {
      throw invalidAttribute(
        'SqsManagedSseEnabled',
        'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
      );
    }
    attributes['SqsManagedSseEnabled'] = 'false';
  }
  if (attributes['FifoThroughputLimit'] === 'perMessageGroupId' && attributes['DeduplicationScope'] === 'queue') {
    throw invalidAttribute(
      'FifoThroughputLimit',
      'perMessageGroupId is allowed only where DeduplicationScope is messageGroup.',
    );
  }
  return attributes;
}

/** Undefined where the queue has no dead-letter queue. */
export function redriveOf(attributes: Attributes): RedrivePolicy | undefined {
  const text = attributes['RedrivePolicy'];
  if (text === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(text) as Record<string, unknown>;
  return { deadLetterTargetArn: String(deadLetterTargetArn), maxReceiveCount: Number(maxReceiveCount) };
}

/** Whom a queue takes dead letters from: from all, where it does not say. */
export function redriveAllowOf(attributes: Attributes): RedriveAllowPolicy {
  const text = attributes['RedriveAllowPolicy'];
  if (text === undefined) return { redrivePermission: 'allowAll', sourceQueueArns: [] };
  const { redrivePermission, sourceQueueArns = [] } = JSON.parse(text) as Partial<RedriveAllowPolicy> &
    Pick<RedriveAllowPolicy, 'redrivePermission'>;
  return { redrivePermission, sourceQueueArns };
}

function checkAttribute(name: string, value: string, before: Attributes): void {
  if (Object.hasOwn(NUMBERS, name)) {
    const { least, most } = NUMBERS[name as NumberName];
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) throw invalidAttribute(name);
    return;
  }
  if (Object.hasOwn(FIFO_ONLY, name) && !isFifo(before)) throw unknownAttribute(name);
  if (Object.hasOwn(CHOICES, name)) {
    if (!CHOICES[name]!.includes(value)) throw invalidAttribute(name);
    return;
  }
  if (!TEXTS.includes(name)) throw unknownAttribute(name);
  if (value === '') return;
  if (name === 'RedrivePolicy') checkRedrive(value);
  if (name === 'RedriveAllowPolicy') checkRedriveAllow(value);
}

function checkRedrive(text: string): void {
  const policy = readObject('RedrivePolicy', text);
  const { deadLetterTargetArn: target, maxReceiveCount: most } = policy;
  const refuse = (reason: string) => invalidAttribute('RedrivePolicy', `${reason} (value ${text})`);
  if (typeof target !== 'string')
    throw refuse('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  if (most === undefined) throw refuse('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  // Both 3 and "3" are taken, as in AWS.
  const count = typeof most === 'string' && /^\d+$/.test(most) ? Number(most) : most;
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > 1_000) {
    const given = JSON.stringify(most);
    throw refuse(`Invalid value for maxReceiveCount: ${given}, valid values are from 1 to 1000 both inclusive.`);
  }
}

function checkRedriveAllow(text: string): void {
  const { redrivePermission: permission, sourceQueueArns: sources } = readObject('RedriveAllowPolicy', text);
  const refuse = (reason: string) => invalidAttribute('RedriveAllowPolicy', `${reason} (value ${text})`);
  if (!['allowAll', 'denyAll', 'byQueue'].includes(String(permission))) {
    throw refuse('redrivePermission has to be allowAll, denyAll or byQueue.');
  }
  const listed = Array.isArray(sources) && sources.length > 0;
  if ((permission === 'byQueue') !== listed) {
    throw refuse('sourceQueueArns are given where redrivePermission is byQueue, and only there.');
  }
  if (listed && sources.length > 10) throw refuse('sourceQueueArns has at most 10 queues.');
}

function readObject(name: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalidAttribute(name, `${name} is no JSON object.`);
}
