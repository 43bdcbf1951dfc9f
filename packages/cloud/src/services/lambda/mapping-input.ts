// What requests say of an event source mapping, checked; a queue's, for other sources are refused by name.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
import type {
  CreateEventSourceMappingCommandInput,
  UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';

import { compileEventPattern, EventPatternError } from '../../kernel/event-pattern.ts';
import { invalidParameter, invalidValue, unsupported } from './errors.ts';
import type { Mapping } from './mappings.ts';

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
const CONCURRENCY = { least: 2, most: 1_000 };
const MOST_FILTERS = 10;
const LONGEST_PATTERN = 4_096;

/** Refuses what is not of a queue's mapping, or not supported here. */
export function refuseOthers(input: object): void {
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || KNOWN.includes(name)) continue;
    if (name.startsWith('StartingPosition')) throw invalidParameter(`${name} is not valid for SQS event sources.`);
    throw unsupported(name);
  }
}

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
  before: MappingSettings = UNSAID,
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
  check(settings, sourceArn.endsWith('.fifo'));
  return settings;
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
function check(
  { batchSize, windowSeconds, patterns, maximumConcurrency: concurrency }: MappingSettings,
  fifo: boolean,
): void {
  const most = fifo ? MOST_MESSAGES.fifo : MOST_MESSAGES.standard;
  if (batchSize < 1 || batchSize > most) {
    throw invalidParameter(`Batch size must be between 1 and ${most} for ${fifo ? 'FIFO' : 'standard'} queues.`);
  }
  if (windowSeconds < 0 || windowSeconds > LONGEST_WINDOW_SECONDS) {
    const constraint = `Member must have value less than or equal to ${LONGEST_WINDOW_SECONDS}`;
    throw invalidValue('maximumBatchingWindowInSeconds', windowSeconds, constraint);
  }
  if (fifo && windowSeconds > 0) throw invalidParameter('Batching window is not supported for FIFO queues.');
  if (batchSize > 10 && windowSeconds === 0) {
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
