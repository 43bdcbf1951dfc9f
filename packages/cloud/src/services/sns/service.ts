// What SNS's operations work with, and what IAM has to know of topics.
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, Kernel, ResourceFacts } from '../../kernel/service.ts';
import type { Deliveries } from './deliveries.ts';
import { topicOf, topicArnOf } from './names.ts';
import type { Publisher } from './publisher.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Topics } from './topics.ts';

export interface Sns {
  readonly kernel: Kernel;
  readonly topics: Topics;
  readonly subscriptions: Subscriptions;
  readonly deliveries: Deliveries;
  readonly publisher: Publisher;
}

/** Services of the account for which `AWS:SourceOwner` is set, so that a topic's default policy lets them in. */
const OWNED_SERVICES = ['cloudwatch.amazonaws.com'];

export function topicFacts(topics: Topics, arn: string, { principal, account }: Call): ResourceFacts | undefined {
  const topic = topics.find(arn);
  if (!topic) return undefined;
  const owned = principal.kind === 'service' && OWNED_SERVICES.includes(principal.name);
  return {
    resourcePolicy: topic.policy,
    context: { ...resourceTags(topic.tags), ...(owned && { 'aws:SourceOwner': account }) },
  };
}

export function onTopic(
  { topics }: Sns,
  action: string,
  arn: string | undefined,
  call: Call,
  context: NonNullable<Access['context']> = {},
): Access[] {
  const resource = arn ?? '*';
  const facts = topicFacts(topics, resource, call);
  return [{ action: `SNS:${action}`, resource, ...facts, context: { ...facts?.context, ...context } }];
}

/** What is done to a subscription is allowed on its topic. */
export const onSubscription = (sns: Sns, action: string, arn: string | undefined, call: Call): Access[] =>
  onTopic(sns, action, arn === undefined ? undefined : topicOf(arn), call);

/** On all topics of the region. */
export const onTopics = (action: string, call: Call): Access[] => [
  { action: `SNS:${action}`, resource: topicArnOf(call, '*') },
];
