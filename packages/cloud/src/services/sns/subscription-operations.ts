// Subscriptions made, confirmed, described, changed and ended.
import type {
  ConfirmSubscriptionCommandInput,
  GetSubscriptionAttributesCommandInput,
  ListSubscriptionsByTopicCommandInput,
  ListSubscriptionsCommandInput,
  SetSubscriptionAttributesCommandInput,
  SubscribeCommandInput,
  UnsubscribeCommandInput,
} from '@aws-sdk/client-sns';

import { uuid } from '../../kernel/ids.ts';
import type { Call } from '../../kernel/service.ts';
import { asksFirst, checkEndpoint } from './endpoints.ts';
import { invalidParameter, notAuthorized, tooManyFilterPolicies } from './errors.ts';
import { readSubscriptionArn, regionIn } from './names.ts';
import { page } from './page.ts';
import { onTopics, onSubscription, onTopic, type Sns } from './service.ts';
import { shownSubscriptionAttributes, withAttribute, withAttributes } from './subscription-attributes.ts';
import type { Subscription } from './subscriptions.ts';
import type { Topic } from './topics.ts';

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const MOST_FILTER_POLICIES = 200;

export function subscriptionOperations(sns: Sns) {
  const { kernel, topics, subscriptions, deliveries } = sns;
  const on =
    (action: string) =>
    ({ SubscriptionArn }: { SubscriptionArn: string | undefined }, call: Call) =>
      onSubscription(sns, action, SubscriptionArn, call);

  const requireRoomForFilter = (topicArn: string, attributes: Readonly<Record<string, string>>) => {
    if (attributes['FilterPolicy'] === undefined) return;
    const filtered = subscriptions.ofTopic(topicArn).filter((one) => one.attributes['FilterPolicy'] !== undefined);
    if (filtered.length >= MOST_FILTER_POLICIES) throw tooManyFilterPolicies();
  };
  const ask = (subscription: Subscription) =>
    deliveries.confirm('SubscriptionConfirmation', subscription, subscriptions.issueToken('confirm', subscription));

  return {
    Subscribe: {
      access: ({ TopicArn, Protocol, Endpoint }: SubscribeCommandInput, call: Call) =>
        onTopic(sns, 'Subscribe', TopicArn, call, { 'sns:Protocol': Protocol, 'sns:Endpoint': Endpoint }),
      run: (input: SubscribeCommandInput, call: Call) => {
        const { Protocol: protocol = '', Endpoint: endpoint = '', Attributes: given = {} } = input;
        const topic = topics.require(input.TopicArn, call);
        checkEndpoint(protocol, endpoint, topic.arn);
        const target = { topicArn: topic.arn, protocol, endpoint, attributes: {} };
        const attributes = withAttributes(target, given);
        const before = subscriptions
          .ofTopic(topic.arn)
          .find((one) => one.protocol === protocol && one.endpoint === endpoint);
        if (before && !agrees(before.attributes, attributes)) {
          throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
        }
        const subscription = before ?? subscriptionOf({ ...target, attributes }, call);
        kernel.store.transaction(() => {
          if (!before) {
            requireRoomForFilter(topic.arn, attributes);
            subscriptions.save(subscription);
          }
          // Whoever subscribes again before the first answer is asked again.
          if (subscription.pending) ask(subscription);
        });
        const told = !subscription.pending || input.ReturnSubscriptionArn === true;
        return { SubscriptionArn: told ? subscription.arn : 'pending confirmation' };
      },
    },
    /** By the link in a confirmation, too, which nobody signs. */
    ConfirmSubscription: {
      unsigned: true,
      access: ({ TopicArn }: ConfirmSubscriptionCommandInput, call: Call) =>
        call.principal.kind === 'anonymous' ? [] : onTopic(sns, 'ConfirmSubscription', TopicArn, call),
      run: (input: ConfirmSubscriptionCommandInput, { principal }: Call) => {
        const topic = topics.require(input.TopicArn, { region: regionIn(input.TopicArn ?? '') });
        const subscription = subscriptions.redeem(input.Token, topic.arn);
        const signed = principal.kind !== 'anonymous';
        const guarded = input.AuthenticateOnUnsubscribe === 'true';
        if (guarded && !signed) throw notAuthorized('Authentication is required to set AuthenticateOnUnsubscribe');
        // A second look at the link changes nothing.
        if (subscription.pending || !subscriptions.find(subscription.arn)) {
          subscriptions.save({
            ...subscription,
            pending: false,
            authenticated: signed,
            authenticateOnUnsubscribe: guarded,
          });
        }
        return { SubscriptionArn: subscription.arn };
      },
    },
    /** By the link in a notification, too; then the endpoint is told, and may take it back. */
    Unsubscribe: {
      unsigned: true,
      access: (input: UnsubscribeCommandInput, call: Call) =>
        call.principal.kind === 'anonymous' ? [] : on('Unsubscribe')(input, call),
      run: (input: UnsubscribeCommandInput, { principal }: Call) => {
        const subscription = subscriptions.find(readSubscriptionArn(input.SubscriptionArn));
        if (!subscription) return {};
        if (subscription.pending) {
          throw invalidParameter(
            'SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation',
          );
        }
        const signed = principal.kind !== 'anonymous';
        if (!signed && subscription.authenticateOnUnsubscribe) {
          throw notAuthorized('This subscription can only be ended by an authenticated request');
        }
        kernel.store.transaction(() => {
          subscriptions.delete(subscription.arn);
          const topic = topics.find(subscription.topicArn);
          if (topic) topics.save({ ...topic, subscriptionsDeleted: topic.subscriptionsDeleted + 1 });
          if (!signed && asksFirst(subscription.protocol)) {
            const token = subscriptions.issueToken('restore', subscription);
            deliveries.confirm('UnsubscribeConfirmation', subscription, token);
          }
        });
        return {};
      },
    },
    GetSubscriptionAttributes: {
      access: on('GetSubscriptionAttributes'),
      run: ({ SubscriptionArn }: GetSubscriptionAttributesCommandInput) => {
        const subscription = subscriptions.require(SubscriptionArn);
        const topic: Topic | undefined = topics.find(subscription.topicArn);
        return { Attributes: shownSubscriptionAttributes(subscription, topic) };
      },
    },
    SetSubscriptionAttributes: {
      access: on('SetSubscriptionAttributes'),
      run: (input: SetSubscriptionAttributesCommandInput) => {
        const subscription = subscriptions.require(input.SubscriptionArn);
        const { AttributeName: name = '', AttributeValue: value = '' } = input;
        const attributes = withAttribute(subscription, name, value);
        if (subscription.attributes['FilterPolicy'] === undefined) {
          requireRoomForFilter(subscription.topicArn, attributes);
        }
        subscriptions.save({ ...subscription, attributes });
        return {};
      },
    },
    ListSubscriptions: {
      access: (_: unknown, call: Call) => onTopics('ListSubscriptions', call),
      run: ({ NextToken }: ListSubscriptionsCommandInput, { region }: Call) =>
        listed(subscriptions.inRegion(region), NextToken),
    },
    ListSubscriptionsByTopic: {
      access: ({ TopicArn }: ListSubscriptionsByTopicCommandInput, call: Call) =>
        onTopic(sns, 'ListSubscriptionsByTopic', TopicArn, call),
      run: ({ TopicArn, NextToken }: ListSubscriptionsByTopicCommandInput, call: Call) => {
        const topic = topics.require(TopicArn, call);
        return listed(subscriptions.ofTopic(topic.arn), NextToken);
      },
    },
  };
}

function subscriptionOf(
  target: Pick<Subscription, 'topicArn' | 'protocol' | 'endpoint' | 'attributes'>,
  { principal, now }: Call,
): Subscription {
  const pending = asksFirst(target.protocol);
  return {
    ...target,
    arn: `${target.topicArn}:${uuid()}`,
    principal: principal.arn,
    pending,
    authenticated: !pending,
    authenticateOnUnsubscribe: false,
    createdAt: now,
  };
}

/** Whoever subscribes again may say less, but nothing else. */
const agrees = (before: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>): boolean =>
  Object.entries(given).every(([name, value]) => before[name] === value);

function listed(all: readonly Subscription[], token: string | undefined) {
  const { items, ...rest } = page(all, token);
  return {
    Subscriptions: items.map(({ arn, topicArn, protocol, endpoint, pending }) => ({
      SubscriptionArn: pending ? 'PendingConfirmation' : arn,
      Owner: arn.split(':')[4],
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn,
    })),
    ...rest,
  };
}
