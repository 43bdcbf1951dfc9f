// What requests say of an event source mapping, checked: a queue's or a table's stream's, others are refused by name.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
import type {
  CreateEventSourceMappingCommandInput,
  DestinationConfig,
  EventSourceMappingMetricsConfig,
  UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';

import { requireOneOf, requireWithin } from '../../kernel/constraint.ts';
import { compileEventPattern, EventPatternError } from '../../kernel/event-pattern.ts';
import { invalidParameter, invalidValue, validation } from './errors.ts';
import type { Mapping, StreamSettings } from './mappings.ts';
import { readTarget } from './targets.ts';

type MappingInput = CreateEventSourceMappingCommandInput & UpdateEventSourceMappingCommandInput;

/** What can be set and changed. */
export type MappingSettings = Pick<
  Mapping,
  'batchSize' | 'windowSeconds' | 'patterns' | 'reportsFailures' | 'maximumConcurrency' | 'countsEvents' | 'enabled'
>;

const UNSAID: MappingSettings = {
  batchSize: 10,
  windowSeconds: 0,
  patterns: [],
  reportsFailures: false,
  maximumConcurrency: undefined,
  enabled: true,
};

const MOST_MESSAGES = { standard: 10_000, fifo: 10 };
const LONGEST_WINDOW_SECONDS = 300;
const MOST_RETRIES = 10_000;
const MOST_LANES = 10;
const RECORD_AGE = { least: 60, most: 604_800 };
const CONCURRENCY = [2, 1_000] as const;
const MOST_FILTERS = 10;
const LONGEST_PATTERN = 4_096;

const OF_QUEUES = ['ScalingConfig'] as const;

const OF_STREAMS = [
  'StartingPosition',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'ParallelizationFactor',
  'DestinationConfig',
] as const;

/** Refuses what is of mappings of the other kind. */
export function refuseOthers(input: Partial<MappingInput>, sourceArn: string): void {
  const others = isStream(sourceArn) ? OF_QUEUES : OF_STREAMS;
  const kind = isStream(sourceArn) ? 'DynamoDB' : 'SQS';
  // What says nothing, as Terraform says it, is not there.
  const found = others.find((name) => input[name] !== undefined && !isEmpty(input[name]));
  if (found !== undefined) throw invalidParameter(`${found} is not valid for ${kind} event sources.`);
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(isEmpty);

/** What a stream's mapping has beside; undefined for a queue's. */
export function readStreamSettings(
  input: Pick<
    CreateEventSourceMappingCommandInput,
    | 'StartingPosition'
    | 'MaximumRetryAttempts'
    | 'MaximumRecordAgeInSeconds'
    | 'BisectBatchOnFunctionError'
    | 'DestinationConfig'
    | 'ParallelizationFactor'
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
  requireWithin(retries, 'maximumRetryAttempts', [-1, MOST_RETRIES], validation);
  if (age !== -1 && (age < RECORD_AGE.least || age > RECORD_AGE.most)) {
    const constraint = `Member must be -1 or between ${RECORD_AGE.least} and ${RECORD_AGE.most}`;
    throw invalidValue('maximumRecordAgeInSeconds', age, constraint);
  }
  const lanes = input.ParallelizationFactor ?? before?.lanes ?? 1;
  requireWithin(lanes, 'parallelizationFactor', [1, MOST_LANES], validation);
  const bisects = input.BisectBatchOnFunctionError ?? before?.bisects ?? false;
  const onFailure = input.DestinationConfig ? readDestination(input.DestinationConfig) : before?.onFailure;
  return {
    startingPosition: position,
    maximumRetryAttempts: retries,
    maximumRecordAgeSeconds: age,
    bisects,
    lanes,
    onFailure,
  };
}

/** What is told of records that are given up; an empty text is nothing. */
function readDestination({ OnFailure: failure, OnSuccess: success }: DestinationConfig): string | undefined {
  if (success?.Destination) throw invalidParameter('An OnSuccess destination is not valid for event source mappings.');
  const { Destination: arn } = failure ?? {};
  if (!arn) return undefined;
  const { kind = 'none', name = '' } = readTarget(arn) ?? {};
  if (!['sqs', 'sns', 's3'].includes(kind)) throw invalidParameter(`Unsupported destination: ${arn}`);
  if (name.endsWith('.fifo')) throw invalidParameter(`A FIFO queue or topic cannot be a destination: ${arn}`);
  return arn;
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
    | 'MetricsConfig'
  >,
  sourceArn: string,
  before: MappingSettings = isStream(sourceArn) ? { ...UNSAID, batchSize: 100 } : UNSAID,
): MappingSettings {
  const { ScalingConfig: scaling, FilterCriteria: filters, FunctionResponseTypes: types } = input;
  for (const type of types ?? []) {
    requireOneOf(type, 'functionResponseTypes', ['ReportBatchItemFailures'], validation);
  }
  const settings = {
    batchSize: input.BatchSize ?? before.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? before.windowSeconds,
    patterns: filters === undefined ? before.patterns : (filters.Filters ?? []).map(({ Pattern = '' }) => Pattern),
    reportsFailures: types === undefined ? before.reportsFailures : types.length > 0,
    maximumConcurrency: scaling === undefined ? before.maximumConcurrency : scaling.MaximumConcurrency,
    countsEvents: readMetrics(input.MetricsConfig) ?? before.countsEvents,
    enabled: input.Enabled ?? before.enabled,
  };
  check(settings, sourceArn);
  return settings;
}

// The other kinds are Kafka's.
function readMetrics(config: EventSourceMappingMetricsConfig | undefined): boolean | undefined {
  const other = config?.Metrics?.find((metric) => metric !== 'EventCount');
  if (other !== undefined) throw invalidParameter(`Metrics of the kind ${other} are not valid for this event source.`);
  return config && config.Metrics?.includes('EventCount');
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
  requireWithin(windowSeconds, 'maximumBatchingWindowInSeconds', [0, LONGEST_WINDOW_SECONDS], validation);
  if (fifo && windowSeconds > 0) throw invalidParameter('Batching window is not supported for FIFO queues.');
  if (batchSize > 10 && windowSeconds === 0 && !isStream(sourceArn)) {
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
  requireWithin(concurrency, 'scalingConfig.maximumConcurrency', CONCURRENCY, validation);
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
