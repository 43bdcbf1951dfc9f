// What requests say of an event source mapping, checked: a queue's or a table's stream's, others are refused by name.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
import type {
  CreateEventSourceMappingCommandInput,
  UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';

import { compileEventPattern, EventPatternError } from '../../kernel/event-pattern.ts';
import { invalidParameter, invalidValue, unsupported } from './errors.ts';
import type { Mapping, StreamSettings } from './mappings.ts';

/** What can be set and changed. */
export type MappingSettings = Pick<
  Mapping,
  'batchSize' | 'windowSeconds' | 'patterns' | 'reportsFailures' | 'maximumConcurrency' | 'enabled'
>;

const UNSAID: MappingSettings = {
  batchSize: 10,
  windowSeconds: 0,
  patterns: [],
  reportsFailures: false,
  maximumConcurrency: undefined,
  enabled: true,
};

const KNOWN = [
  'UUID',
  'FunctionName',
  'EventSourceArn',
  'Enabled',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'FilterCriteria',
  'FunctionResponseTypes',
  'ScalingConfig',
  'Tags',
];

const MOST_MESSAGES = { standard: 10_000, fifo: 10 };
const LONGEST_WINDOW_SECONDS = 300;
const MOST_RETRIES = 10_000;
const RECORD_AGE = { least: 60, most: 604_800 };
const CONCURRENCY = { least: 2, most: 1_000 };
const MOST_FILTERS = 10;
const LONGEST_PATTERN = 4_096;

const OF_STREAMS = [
  'StartingPosition',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'ParallelizationFactor',
];

/** Refuses what is not of a mapping of this kind, or not supported here. */
export function refuseOthers(input: object, sourceArn: string): void {
  const known = isStream(sourceArn) ? [...KNOWN.filter((name) => name !== 'ScalingConfig'), ...OF_STREAMS] : KNOWN;
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || known.includes(name)) continue;
    // What says nothing, as Terraform says it.
    if (name === 'ScalingConfig' && Object.keys(value as object).length === 0) continue;
    if (OF_STREAMS.includes(name)) throw invalidParameter(`${name} is not valid for SQS event sources.`);
    throw unsupported(name);
  }
  const { ParallelizationFactor: factor = 1 } = input as { ParallelizationFactor?: number };
  if (factor !== 1) throw unsupported('A ParallelizationFactor other than 1');
}

/** What a stream's mapping has beside; undefined for a queue's. */
export function readStreamSettings(
  input: Pick<
    CreateEventSourceMappingCommandInput,
    'StartingPosition' | 'MaximumRetryAttempts' | 'MaximumRecordAgeInSeconds' | 'BisectBatchOnFunctionError'
  >,
  sourceArn: string,
  before?: StreamSettings,
): StreamSettings | undefined {
  if (!isStream(sourceArn)) return undefined;
  const position = input.StartingPosition ?? before?.startingPosition;
  if (position !== 'TRIM_HORIZON' && position !== 'LATEST') {
    throw invalidParameter(
      position === undefined
        ? "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null."
        : 'Unsupported starting position for arn type. Please specify TRIM_HORIZON or LATEST.',
    );
  }
  const retries = input.MaximumRetryAttempts ?? before?.maximumRetryAttempts ?? -1;
  const age = input.MaximumRecordAgeInSeconds ?? before?.maximumRecordAgeSeconds ?? -1;
  if (retries < -1 || retries > MOST_RETRIES) {
    throw invalidValue('maximumRetryAttempts', retries, `Member must have value between -1 and ${MOST_RETRIES}`);
  }
  if (age !== -1 && (age < RECORD_AGE.least || age > RECORD_AGE.most)) {
    const constraint = `Member must be -1 or between ${RECORD_AGE.least} and ${RECORD_AGE.most}`;
    throw invalidValue('maximumRecordAgeInSeconds', age, constraint);
  }
  const bisects = input.BisectBatchOnFunctionError ?? before?.bisects ?? false;
  return { startingPosition: position, maximumRetryAttempts: retries, maximumRecordAgeSeconds: age, bisects };
}

/** A table's stream; queues are the other source. */
export const isStream = (arn: string): boolean => arn.startsWith('arn:aws:dynamodb:');

/** The settings after a request; what it leaves out stays as it is. */
export function readSettings(
  input: Pick<
    CreateEventSourceMappingCommandInput | UpdateEventSourceMappingCommandInput,
    | 'Enabled'
    | 'BatchSize'
    | 'MaximumBatchingWindowInSeconds'
    | 'FilterCriteria'
    | 'FunctionResponseTypes'
    | 'ScalingConfig'
  >,
  sourceArn: string,
  before: MappingSettings = isStream(sourceArn) ? { ...UNSAID, batchSize: 100 } : UNSAID,
): MappingSettings {
  const { ScalingConfig: scaling, FilterCriteria: filters, FunctionResponseTypes: types } = input;
  const other = types?.find((type) => type !== 'ReportBatchItemFailures');
  if (other !== undefined)
    throw invalidValue('functionResponseTypes', other, 'Member must satisfy enum value set: [ReportBatchItemFailures]');
  const settings = {
    batchSize: input.BatchSize ?? before.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? before.windowSeconds,
    patterns: filters === undefined ? before.patterns : (filters.Filters ?? []).map(({ Pattern = '' }) => Pattern),
    reportsFailures: types === undefined ? before.reportsFailures : types.length > 0,
    maximumConcurrency: scaling === undefined ? before.maximumConcurrency : scaling.MaximumConcurrency,
    enabled: input.Enabled ?? before.enabled,
  };
  check(settings, sourceArn);
  return settings;
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
function check(
  { batchSize, windowSeconds, patterns, maximumConcurrency: concurrency }: MappingSettings,
  sourceArn: string,
): void {
  const fifo = sourceArn.endsWith('.fifo');
  const most = fifo ? MOST_MESSAGES.fifo : MOST_MESSAGES.standard;
  if (batchSize < 1 || batchSize > most) {
    throw invalidParameter(
      `Batch size must be between 1 and ${most} for ${isStream(sourceArn) ? 'streams' : fifo ? 'FIFO queues' : 'standard queues'}.`,
    );
  }
  if (windowSeconds < 0 || windowSeconds > LONGEST_WINDOW_SECONDS) {
    const constraint = `Member must have value less than or equal to ${LONGEST_WINDOW_SECONDS}`;
    throw invalidValue('maximumBatchingWindowInSeconds', windowSeconds, constraint);
  }
  if (fifo && windowSeconds > 0) throw invalidParameter('Batching window is not supported for FIFO queues.');
  if (batchSize > 10 && windowSeconds === 0 && !isStream(sourceArn)) {
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
  if (concurrency !== undefined && (concurrency < CONCURRENCY.least || concurrency > CONCURRENCY.most)) {
    const constraint = `Member must have value between ${CONCURRENCY.least} and ${CONCURRENCY.most}`;
    throw invalidValue('scalingConfig.maximumConcurrency', concurrency, constraint);
  }
  if (patterns.length > MOST_FILTERS) throw invalidParameter(`A mapping has at most ${MOST_FILTERS} filters.`);
  for (const pattern of patterns) checkPattern(pattern);
}

function checkPattern(pattern: string): void {
  try {
    if (pattern.length <= LONGEST_PATTERN) {
      compileEventPattern(pattern);
      return;
    }
  } catch (error) {
    if (!(error instanceof EventPatternError)) throw error;
  }
  throw invalidParameter('Invalid filter pattern definition.');
}
