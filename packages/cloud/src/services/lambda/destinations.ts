// Where the end of an asynchronous invocation is told: the destination for success or failure, and the dead-letter queue.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { StoredEvent } from './event-queue.ts';
import type { EventInvokeConfig, LambdaFunction } from './functions.ts';
import type { RunResult } from './invoker.ts';
import type { Measure } from './measurements.ts';
import { objectKey, queueUrl, readTarget, sendTo } from './targets.ts';

export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';

export interface Ended {
  readonly fn: LambdaFunction;
  readonly event: StoredEvent;
  readonly config: EventInvokeConfig | undefined;
  readonly condition: Condition;
  /** What the function made of it last; undefined where it never ran. */
  readonly result: RunResult | undefined;
}

export interface Sender {
  readonly kernel: Kernel;
  /** The function's role, as which everything is sent. */
  readonly session: () => Principal;
  readonly measure: Measure;
}

/** Sends the record to where the function wants it; what fails is counted and logged, not tried again. */
export async function deliverEnd(sender: Sender, ended: Ended): Promise<void> {
  const { fn, event, config, condition } = ended;
  const destination = condition === 'Success' ? config?.onSuccess : config?.onFailure;
  if (destination !== undefined) {
    await attempt(sender, fn, event, 'DestinationDeliveryFailures', () => sendRecord(sender, destination, ended));
  }
  const deadLetters = fn.latest.settings.deadLetterArn;
  if (deadLetters !== undefined && condition !== 'Success') {
    await attempt(sender, fn, event, 'DeadLetterErrors', () => sendDeadLetter(sender, deadLetters, ended));
  }
}

async function attempt(
  { kernel, measure }: Sender,
  fn: LambdaFunction,
  { qualifier, requestId }: StoredEvent,
  measurement: string,
  send: () => Promise<unknown>,
): Promise<void> {
  try {
    await send();
  } catch (error) {
    measure(fn, qualifier, measurement, 1);
    kernel.log('event not delivered', { function: fn.arn, requestId, reason: String(error) });
  }
}

function sendRecord({ kernel, session }: Sender, destination: string, ended: Ended): Promise<unknown> {
  const { fn, event, condition } = ended;
  const now = kernel.clock.now();
  const text = JSON.stringify(recordOf(now, ended));
  return sendTo(kernel, { principal: session(), region: fn.region }, destination, {
    text,
    objectKey: objectKey(`async/${fn.name}`, now),
    busEntry: {
      Source: 'lambda',
      DetailType: `Lambda Function Invocation Result - ${condition === 'Success' ? 'Success' : 'Failure'}`,
      Detail: text,
      Resources: [qualified(fn, event), destination],
    },
  });
}

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
function sendDeadLetter(
  { kernel, session }: Sender,
  arn: string,
  { event, condition, result }: Ended,
): Promise<unknown> {
  const target = readTarget(arn)!;
  const as = { principal: session(), region: target.region };
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  const MessageAttributes = {
    RequestID: text(event.requestId),
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ErrorMessage: text(errorOf(result, condition).slice(0, 1024)),
  };
  return target.kind === 'sqs'
    ? kernel.invoke(
        'sqs',
        'SendMessage',
        { QueueUrl: queueUrl(kernel, target), MessageBody: event.payload, MessageAttributes },
        as,
      )
    : kernel.invoke('sns', 'Publish', { TopicArn: arn, Message: event.payload, MessageAttributes }, as);
}

const qualified = (fn: LambdaFunction, { qualifier = '$LATEST' }: StoredEvent): string => `${fn.arn}:${qualifier}`;

function errorOf(result: RunResult | undefined, condition: Condition): string {
  if (!result) return condition;
  const { errorMessage } = JSON.parse(result.payload) as { errorMessage?: string };
  return errorMessage || 'Unknown';
}

function recordOf(now: number, { fn, event, condition, result }: Ended) {
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: qualified(fn, event),
      condition,
      approximateInvokeCount: event.attempts,
    },
    requestPayload: JSON.parse(event.payload) as unknown,
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: result.version,
        ...(result.failed && { functionError: 'Unhandled' }),
      },
      responsePayload: JSON.parse(result.payload) as unknown,
    }),
  };
}
