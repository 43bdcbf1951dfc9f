// What an operation on a queue needs allowed; the queue's own policy has a say in each.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import { nameIn, queueArn } from './queue-address.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

export type Context = NonNullable<Access['context']>;

export function onArn(queues: Queues, action: string, arn: string, context: Context = {}): Access {
  const queue = queues.find(arn);
  const facts = queue && factsOf(queue);
  return { action: `sqs:${action}`, resource: arn, ...facts, context: { ...facts?.context, ...context } };
}

/** An operation's `access`: one action, on the queue whose URL its input has. */
export const onQueue =
  (queues: Queues, action: string) =>
  ({ QueueUrl }: { QueueUrl: string | undefined }, call: Call): Access[] => [
    onArn(queues, action, queueArn(call, nameIn(QueueUrl, call))),
  ];

export function factsOf({ record }: Queue): ResourceFacts {
  const { Policy: policy } = record.attributes;
  return { ...(policy !== undefined && { resourcePolicy: policy }), context: resourceTags(record.tags) };
}
