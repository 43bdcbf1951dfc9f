// Event source mappings made, found, changed and deleted.
import type {
  CreateEventSourceMappingCommandInput,
  EventSourceMappingConfiguration,
  ListEventSourceMappingsCommandInput,
  UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';

import { AwsError, unsupported } from '../../kernel/errors.ts';
import { taggingAccess } from '../../kernel/identity/context.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onNothing, tagContext } from './access.ts';
import { conflict, invalidParameter, requireOwnTags } from './errors.ts';
import type { Target } from './functions.ts';
import { isStream, readSettings, readStreamSettings, refuseOthers } from './mapping-input.ts';
import { lanesOf, mappingArn, NOTHING_PROCESSED, onMapping, type Mapping, type StreamSettings } from './mappings.ts';
import { namedArn } from './names.ts';
import { page, type Lambda } from './service.ts';
import { StreamReader } from './stream-reader.ts';

interface Named {
  UUID: string | undefined;
}

const STREAM = /^arn:aws:dynamodb:([a-z0-9-]+):(\d{12}):table\/[\w.-]+\/stream\/.+$/;
const QUEUE = /^arn:aws:sqs:([a-z0-9-]+):(\d{12}):([\w-]+(?:\.fifo)?)$/;

export function mappingOperations(lambda: Lambda) {
  const { functions, mappings, pollers } = lambda;
  const access =
    (action: string) =>
    ({ UUID }: Named, call: Call): Access[] => [onMapping(mappings, action, UUID, call)];

  return {
    CreateEventSourceMapping: {
      access: (input: CreateEventSourceMappingCommandInput, call: Call): Access[] => {
        const context = { ...tagContext(input.Tags), 'lambda:FunctionArn': namedArn(call, input.FunctionName) };
        return [
          { ...onNothing('CreateEventSourceMapping'), context },
          ...taggingAccess('lambda:TagResource', mappingArn(call, '*'), input.Tags ?? {}),
        ];
      },
      run: async (input: CreateEventSourceMappingCommandInput, call: Call) => {
        const sourceArn = requireSource(input.EventSourceArn, call);
        refuseOthers(input, sourceArn);
        requireOwnTags(input.Tags);
        const target = functions.target(call, input.FunctionName);
        const { fn, qualifier } = target;
        const settings = readSettings(input, sourceArn);
        const stream = readStreamSettings(input, sourceArn);
        refuseSecond(mappings.list(call.region), sourceArn, target);
        const id = uuid();
        if (stream) await begin(lambda, target, { id, sourceArn, stream });
        else await requireAccess(lambda, target, sourceArn);
        const mapping: Mapping = {
          id,
          region: call.region,
          arn: mappingArn(call, id),
          functionArn: fn.arn,
          qualifier,
          sourceArn,
          ...settings,
          stream,
          lastResult: NOTHING_PROCESSED,
          tags: input.Tags ?? {},
          modifiedAt: call.now,
        };
        mappings.save(mapping);
        pollers.changed(mapping);
        return shape(mapping, 'Creating');
      },
    },
    GetEventSourceMapping: {
      access: access('GetEventSourceMapping'),
      run: ({ UUID }: Named, call: Call) => shape(mappings.require(call, UUID)),
    },
    ListEventSourceMappings: {
      access: (): Access[] => [onNothing('ListEventSourceMappings')],
      run: (input: ListEventSourceMappingsCommandInput, call: Call) => {
        const { EventSourceArn: source, FunctionName: name } = input;
        const functionArn = name === undefined ? undefined : namedArn(call, name);
        const found = mappings
          .list(call.region)
          .filter(({ sourceArn }) => source === undefined || sourceArn === source)
          .filter((mapping) => functionArn === undefined || targetArn(mapping) === functionArn);
        const { items, rest } = page(found, ({ id }) => id, input, { size: 100 });
        return { EventSourceMappings: items.map((mapping) => shape(mapping)), ...rest };
      },
    },
    UpdateEventSourceMapping: {
      access: access('UpdateEventSourceMapping'),
      run: async (input: UpdateEventSourceMappingCommandInput, call: Call) => {
        const before = mappings.require(call, input.UUID);
        refuseOthers(input, before.sourceArn);
        const settings = readSettings(input, before.sourceArn, before);
        const stream = readStreamSettings(input, before.sourceArn, before.stream);
        const target = functions.target(call, input.FunctionName ?? targetArn(before));
        if (input.FunctionName !== undefined && !stream) await requireAccess(lambda, target, before.sourceArn);
        const { fn, qualifier } = target;
        const mapping = { ...before, ...settings, stream, functionArn: fn.arn, qualifier, modifiedAt: call.now };
        functions.transaction(() => {
          mappings.save(mapping);
          mappings.changeLanes(mapping.id, lanesOf(before), lanesOf(mapping));
        });
        pollers.changed(mapping);
        const switched = before.enabled === mapping.enabled ? 'Updating' : mapping.enabled ? 'Enabling' : 'Disabling';
        return shape(mapping, switched);
      },
    },
    DeleteEventSourceMapping: {
      access: access('DeleteEventSourceMapping'),
      run: ({ UUID }: Named, call: Call) => {
        const mapping = mappings.require(call, UUID);
        mappings.delete(mapping);
        pollers.deleted(mapping);
        return shape(mapping, 'Deleting');
      },
    },
  };
}

function requireSource(arn: string | undefined, { region, account }: Call): string {
  if (arn === undefined) throw invalidParameter('Event source arn is required.');
  const [, ownRegion, owner] = QUEUE.exec(arn) ?? STREAM.exec(arn) ?? [];
  if (ownRegion === undefined) throw unsupported(`The event source ${arn}`);
  if (ownRegion !== region || owner !== account) {
    throw invalidParameter('The event source has to be in the region and account of the function.');
  }
  return arn;
}

function refuseSecond(mappings: readonly Mapping[], sourceArn: string, { fn, qualifier }: Target): void {
  const arn = qualifier === undefined ? fn.arn : `${fn.arn}:${qualifier}`;
  const same = mappings.find((mapping) => mapping.sourceArn === sourceArn && targetArn(mapping) === arn);
  if (!same) return;
  throw conflict(
    `An event source mapping with ${isStream(sourceArn) ? 'DynamoDB' : 'SQS'} arn (" ${sourceArn} ") and function (" ${fn.name} ") already exists. Please update or delete the existing mapping with UUID ${same.id}`,
  );
}

/** Reads the stream as the function's role, and remembers where a mapping begins that wants only what comes. */
async function begin(
  { kernel, sessions, mappings }: Lambda,
  { fn, version }: Target,
  { id, sourceArn, stream }: Pick<Mapping, 'id' | 'sourceArn'> & { readonly stream: StreamSettings },
): Promise<void> {
  const reader = new StreamReader(kernel, sourceArn, sessions.of(fn, version.settings.role).principal);
  try {
    const latest = await reader.latest();
    if (stream.startingPosition !== 'LATEST' || latest === undefined) return;
    for (let lane = 0; lane < lanesOf({ stream }); lane++) mappings.keepPosition(id, lane, latest);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'ResourceNotFoundException') throw invalidParameter(`Stream not found: ${sourceArn}`);
    throw invalidParameter(
      `Cannot access stream ${sourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.`,
    );
  }
}

/** Asks the queue as the function's role whether it may be polled, and whether it hides messages for long enough. */
async function requireAccess({ kernel, sessions }: Lambda, { fn, version }: Target, sourceArn: string): Promise<void> {
  const [, region = '', account = '', name = ''] = QUEUE.exec(sourceArn) ?? [];
  const as = { principal: sessions.of(fn, version.settings.role).principal, region };
  const QueueUrl = `${kernel.endpoint()}/${account}/${name}`;
  const ask = async <Output>(operation: string, input: object) => {
    try {
      return await kernel.invoke<object, Output>('sqs', operation, { QueueUrl, ...input }, as);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'AccessDeniedException') {
        throw invalidParameter(`The function execution role does not have permissions to call ${operation} on SQS`);
      }
      if (error.code === 'QueueDoesNotExist') {
        throw invalidParameter(
          `Error occurred while ${operation}. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: ${error.message}`,
        );
      }
      // What is asked for cannot be had: an answer of that kind says that asking is allowed.
      return undefined;
    }
  };
  await ask('ReceiveMessage', { MaxNumberOfMessages: 0 });
  await ask('DeleteMessage', { ReceiptHandle: '' });
  const AttributeNames = ['VisibilityTimeout'];
  const answer = await ask<{ Attributes?: Record<string, string> }>('GetQueueAttributes', { AttributeNames });
  const hidden = Number(answer?.Attributes?.['VisibilityTimeout']);
  const { timeoutSeconds } = version.settings;
  if (hidden < timeoutSeconds) {
    throw invalidParameter(
      `Queue visibility timeout: ${hidden} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
  }
}

const targetArn = ({ functionArn, qualifier }: Pick<Mapping, 'functionArn' | 'qualifier'>): string =>
  qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`;

/** A mapping's changes take effect at once; the answer to one says, as AWS's, that it is under way. */
function shape(mapping: Mapping, state?: string): EventSourceMappingConfiguration {
  const { patterns, maximumConcurrency: MaximumConcurrency, stream } = mapping;
  return {
    UUID: mapping.id,
    EventSourceMappingArn: mapping.arn,
    EventSourceArn: mapping.sourceArn,
    FunctionArn: targetArn(mapping),
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    ...(patterns.length > 0 && { FilterCriteria: { Filters: patterns.map((Pattern) => ({ Pattern })) } }),
    FunctionResponseTypes: mapping.reportsFailures ? ['ReportBatchItemFailures'] : [],
    ...(mapping.countsEvents && { MetricsConfig: { Metrics: ['EventCount'] } }),
    ...(MaximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency } }),
    ...(stream && {
      StartingPosition: stream.startingPosition,
      MaximumRetryAttempts: stream.maximumRetryAttempts,
      MaximumRecordAgeInSeconds: stream.maximumRecordAgeSeconds,
      BisectBatchOnFunctionError: stream.bisects,
      ParallelizationFactor: lanesOf(mapping),
      DestinationConfig: { OnFailure: stream.onFailure === undefined ? {} : { Destination: stream.onFailure } },
    }),
    State: state ?? (mapping.enabled ? 'Enabled' : 'Disabled'),
    StateTransitionReason: 'USER_INITIATED',
    LastProcessingResult: mapping.lastResult,
    LastModified: new Date(mapping.modifiedAt),
  };
}
