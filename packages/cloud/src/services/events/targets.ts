// Who can be a target, and how it is told: through the service's own API, so that its policies decide.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
import type { Target } from '@aws-sdk/client-eventbridge';

import { requireMatch, requireWithin } from '../../kernel/constraint.ts';
import { unsupported } from '../../kernel/errors.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import { requireQueue } from './dead-letters.ts';
import { validation } from './errors.ts';

/** What a target is told, and on whose behalf. */
export interface Message {
  readonly target: Target & { readonly Id: string; readonly Arn: string };
  /** What it gets. */
  readonly input: string;
  /** The rule's ARN. */
  readonly sourceArn: string;
  /** The X-Ray trace that the event is part of, as its header says it. */
  readonly trace?: string | undefined;
}

type Send = (kernel: Kernel, message: Message, name: string, region: string) => Promise<unknown>;

const EVENTS = 'events.amazonaws.com';

/** Senders by the service in the target's ARN; each is given the last part of that ARN. */
const SENDERS: Readonly<Record<string, Send>> = {
  lambda: (kernel, message) =>
    asEvents(kernel, message, 'lambda', 'Invoke', {
      FunctionName: message.target.Arn,
      InvocationType: 'Event',
      Payload: Buffer.from(message.input),
    }),
  sqs: (kernel, message, name) =>
    asEvents(kernel, message, 'sqs', 'SendMessage', {
      QueueUrl: `${kernel.endpoint()}/${kernel.account}/${name}`,
      MessageBody: message.input,
      MessageGroupId: message.target.SqsParameters?.MessageGroupId,
      ...(message.trace !== undefined && {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: message.trace } },
      }),
    }),
  sns: (kernel, message) =>
    asEvents(kernel, message, 'sns', 'Publish', { TopicArn: message.target.Arn, Message: message.input }),
  logs: async (kernel, message, name) => {
    const stream = { logGroupName: name.replace(/^log-group:/, '').replace(/:\*$/, ''), logStreamName: uuid() };
    await asEvents(kernel, message, 'logs', 'CreateLogStream', stream);
    const logEvents = [{ timestamp: kernel.clock.now(), message: message.input }];
    return asEvents(kernel, message, 'logs', 'PutLogEvents', { ...stream, logEvents });
  },
  codebuild: (kernel, message, name, region) => {
    const { principal } = sessionOf(kernel, message);
    const overrides = JSON.parse(message.input) as object;
    // The event itself, which a target without an input gets, overrides nothing.
    const input = 'detail-type' in overrides ? {} : overrides;
    return kernel.invoke(
      'codebuild',
      'StartBuild',
      { ...input, projectName: name.replace(/^project\//, '') },
      { principal, region, sourceArn: message.sourceArn },
    );
  },
};

const NEED_ROLE = ['codebuild'];

/** Refuses a target that could never be told; `path` is where it is in the request. */
export function checkTarget(target: Target, path: string): void {
  const { Id, Arn, RoleArn, RetryPolicy: policy, SqsParameters: sqs, DeadLetterConfig: dead } = target;
  requireMatch(Id, `${path}.id`, '[\\.\\-_A-Za-z0-9]+', validation);
  const [arn, , service = '', , , name] = (Arn ?? '').split(':');
  if (arn !== 'arn' || name === undefined)
    throw validation(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  if (!Object.hasOwn(SENDERS, service) && !isBus(Arn!)) throw unsupported(`A target of the service ${service}`);
  const { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: attempts } = policy ?? {};
  requireWithin(age, `${path}.retryPolicy.maximumEventAgeInSeconds`, [60, 86_400], validation);
  requireWithin(attempts, `${path}.retryPolicy.maximumRetryAttempts`, [0, 185], validation);
  if (dead?.Arn !== undefined) requireQueue(dead.Arn);
  if (service === 'sqs' && name.endsWith('.fifo') && !sqs?.MessageGroupId)
    throw validation(`Parameter(s) SqsParameters must be specified for target: ${Id}.`);
  if (NEED_ROLE.includes(service) && !RoleArn) throw validation(`RoleArn is required for target ${Arn}.`);
}

export const isBus = (arn: string): boolean => /^arn:aws:events:[\w-]+:\d{12}:event-bus\//.test(arn);

/** Tells a target; rejects with the AWS error that stood in the way. */
export async function tell(kernel: Kernel, message: Message): Promise<void> {
  const [, , service = '', region = '', , ...rest] = message.target.Arn.split(':');
  const send = SENDERS[service];
  if (!send) throw unsupported(`A target of the service ${service}`);
  await send(kernel, message, rest.join(':'), region);
}

/** The session of a target's own role. */
export const sessionOf = (kernel: Kernel, { target, sourceArn }: Message) =>
  kernel.sessions.assumeForService(EVENTS, target.RoleArn!, uuid(), sourceArn);

/** As EventBridge itself, for the rule; or as the target's role, where it has one. */
function asEvents(
  kernel: Kernel,
  message: Message,
  service: string,
  operation: string,
  input: object,
): Promise<unknown> {
  const principal = message.target.RoleArn
    ? sessionOf(kernel, message).principal
    : servicePrincipal(kernel.account, EVENTS);
  const region = message.target.Arn.split(':')[3]!;
  const { sourceArn, trace } = message;
  return kernel.invoke(service, operation, input, {
    principal,
    region,
    sourceArn,
    ...(trace !== undefined && { headers: { 'x-amzn-trace-id': trace } }),
  });
}
