// Who can be a schedule's target, and how it is told: through its own API, as the target's role.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
import type { Target } from '@aws-sdk/client-scheduler';

import { requireMatch, requireWithin } from '../../kernel/constraint.ts';
import { unsupported } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/identity/principal.ts';
import type { Kernel } from '../../kernel/service.ts';
import { validation } from './errors.ts';
import type { Schedule } from './schedules.ts';
import { checkUniversalTarget, isUniversal, tellUniversalTarget } from './universal-targets.ts';

type Tell = (kernel: Kernel, principal: Principal, target: Schedule['target'], input: string) => Promise<unknown>;

const regionOf = (arn: string): string => arn.split(':')[3]!;

const nameOf = (arn: string): string => arn.split(':').slice(5).join(':');

const TELLERS: Readonly<Record<string, Tell>> = {
  lambda: ({ invoke }, principal, { Arn }, input) =>
    invoke(
      'lambda',
      'Invoke',
      { FunctionName: Arn, InvocationType: 'Event', Payload: Buffer.from(input) },
      { principal, region: regionOf(Arn) },
    ),
  sqs: ({ invoke, endpoint, account }, principal, { Arn, SqsParameters: sqs }, MessageBody) =>
    invoke(
      'sqs',
      'SendMessage',
      { QueueUrl: `${endpoint()}/${account}/${nameOf(Arn)}`, MessageBody, MessageGroupId: sqs?.MessageGroupId },
      { principal, region: regionOf(Arn) },
    ),
  sns: ({ invoke }, principal, { Arn: TopicArn }, Message) =>
    invoke('sns', 'Publish', { TopicArn, Message }, { principal, region: regionOf(TopicArn) }),
  codebuild: ({ invoke }, principal, { Arn }, input) =>
    invoke(
      'codebuild',
      'StartBuild',
      {
        ...(input.includes('"aws.scheduler"') ? {} : (JSON.parse(input) as object)),
        projectName: nameOf(Arn).replace(/^project\//, ''),
      },
      { principal, region: regionOf(Arn) },
    ),
  events: async ({ invoke }, principal, { Arn, EventBridgeParameters: event }, Detail) => {
    const entry = { EventBusName: Arn, Source: event?.Source, DetailType: event?.DetailType, Detail };
    const answer = await invoke<object, { Entries: { ErrorCode?: string; ErrorMessage?: string }[] }>(
      'events',
      'PutEvents',
      { Entries: [entry] },
      { principal, region: regionOf(Arn) },
    );
    const [result] = answer.Entries;
    if (result?.ErrorCode) throw validation(`${result.ErrorCode}: ${result.ErrorMessage}`);
  },
};

/** Dead letters are for standard queues. */
const QUEUE = 'arn:aws(-[a-z]+)?:sqs:[a-z0-9\\-]+:\\d{12}:[a-zA-Z0-9\\-_]+';

const MOST_ATTEMPTS = 185;
const LONGEST_SECONDS = 86_400;

/** How often and how long a target is tried; where it says nothing, as long as it may be. */
export const retriesOf = ({ RetryPolicy: policy }: Target) => ({
  MaximumEventAgeInSeconds: policy?.MaximumEventAgeInSeconds ?? LONGEST_SECONDS,
  MaximumRetryAttempts: policy?.MaximumRetryAttempts ?? MOST_ATTEMPTS,
});

/** Refuses a target that could never be told. */
export async function checkTarget(kernel: Kernel, target: Target | undefined): Promise<Schedule['target']> {
  const { Arn = '', RoleArn = '' } = target ?? {};
  const [arn, , service = '', , , name] = Arn.split(':');
  if (arn !== 'arn' || name === undefined) throw validation(`Invalid target ARN: ${Arn}`);
  if (isUniversal(Arn)) await checkUniversalTarget(kernel, Arn, target?.Input);
  else if (!Object.hasOwn(TELLERS, service)) throw unsupported(`A target of the service ${service}`);
  if (!/^arn:aws:iam::\d{12}:role\//.test(RoleArn)) throw validation(`Invalid RoleArn: ${RoleArn}`);
  if (service === 'events' && !(target?.EventBridgeParameters?.Source && target.EventBridgeParameters.DetailType)) {
    throw validation('EventBridgeParameters with Source and DetailType are required for an event bus.');
  }
  const { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: attempts } = target?.RetryPolicy ?? {};
  requireWithin(age, 'target.retryPolicy.maximumEventAgeInSeconds', [60, LONGEST_SECONDS], validation);
  requireWithin(attempts, 'target.retryPolicy.maximumRetryAttempts', [0, MOST_ATTEMPTS], validation);
  requireMatch(target?.DeadLetterConfig?.Arn, 'target.deadLetterConfig.arn', QUEUE, validation);
  return { ...target, Arn, RoleArn };
}

/** Tells a target; rejects with the AWS error that stood in the way. */
export async function tell(kernel: Kernel, schedule: Schedule, executionId: string, input: string): Promise<void> {
  const { target, arn } = schedule;
  const { principal } = kernel.sessions.assumeForService('scheduler.amazonaws.com', target.RoleArn, executionId, arn);
  if (isUniversal(target.Arn)) await tellUniversalTarget(kernel, principal, schedule, input);
  else await TELLERS[target.Arn.split(':')[2]!]!(kernel, principal, target, input);
}
