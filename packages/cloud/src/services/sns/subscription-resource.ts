// aws_sns_topic_subscription.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sns_topic_subscription
import { AwsError } from '../../kernel/errors.ts';
import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { SnsOperations } from './operations.ts';

/** Terraform's attributes and AWS's, the scope before the policy that is judged by it. */
const NAMES: Readonly<Record<string, string>> = {
  delivery_policy: 'DeliveryPolicy',
  filter_policy_scope: 'FilterPolicyScope',
  filter_policy: 'FilterPolicy',
  raw_message_delivery: 'RawMessageDelivery',
  redrive_policy: 'RedrivePolicy',
  replay_policy: 'ReplayPolicy',
  subscription_role_arn: 'SubscriptionRoleArn',
};

export const subscription: ResourceType = {
  type: 'aws_sns_topic_subscription',
  replace: ['endpoint', 'protocol', 'topic_arn'],
  defaults: { confirmation_timeout_in_minutes: 1, endpoint_auto_confirms: false, raw_message_delivery: false },
  json: ['delivery_policy', 'filter_policy', 'redrive_policy', 'replay_policy'],
  async create(planned, context) {
    const sns = clientOf(context);
    const { SubscriptionArn: id } = await sns('Subscribe', {
      TopicArn: planned['topic_arn'],
      Protocol: planned['protocol'],
      Endpoint: planned['endpoint'],
      ReturnSubscriptionArn: true,
      Attributes: Object.fromEntries(
        Object.entries(NAMES)
          .filter(([attribute]) => isSet(planned[attribute]))
          .map(([attribute, name]) => [name, String(planned[attribute])]),
      ),
    });
    context.created({ id });
    if (planned['endpoint_auto_confirms']) {
      await untilConfirmed(id, (planned['confirmation_timeout_in_minutes'] ?? 1) * 60_000, context);
    }
    return { id };
  },
  async read({ id }, context) {
    const found = await orNull(clientOf(context)('GetSubscriptionAttributes', { SubscriptionArn: id }), 'NotFound');
    if (!found) return null;
    const { Attributes: has } = found;
    return {
      arn: has['SubscriptionArn'],
      confirmation_was_authenticated: has['ConfirmationWasAuthenticated'] === 'true',
      delivery_policy: has['DeliveryPolicy'] ?? '',
      endpoint: has['Endpoint'],
      filter_policy: has['FilterPolicy'] ?? '',
      filter_policy_scope: has['FilterPolicyScope'] ?? '',
      owner_id: has['Owner'],
      pending_confirmation: has['PendingConfirmation'] === 'true',
      protocol: has['Protocol'],
      raw_message_delivery: has['RawMessageDelivery'] === 'true',
      redrive_policy: has['RedrivePolicy'] ?? '',
      replay_policy: has['ReplayPolicy'] ?? '',
      subscription_role_arn: has['SubscriptionRoleArn'] ?? '',
      topic_arn: has['TopicArn'],
    };
  },
  async update(prior, planned, context) {
    for (const [attribute, AttributeName] of Object.entries(NAMES)) {
      const value = planned[attribute];
      if (prior[attribute] === value || (!isSet(prior[attribute]) && !isSet(value))) continue;
      const AttributeValue = isSet(value) ? String(value) : attribute === 'raw_message_delivery' ? 'false' : '';
      await clientOf(context)('SetSubscriptionAttributes', {
        SubscriptionArn: prior['id'],
        AttributeName,
        AttributeValue,
      });
    }
  },
  /** One that nobody confirmed stays until AWS forgets it, as hashicorp/aws leaves it. */
  async delete({ id }, context) {
    try {
      await clientOf(context)('Unsubscribe', { SubscriptionArn: id });
    } catch (error) {
      if (!(error instanceof AwsError) || !error.message.includes('pending confirmation')) throw error;
    }
  },
};

const clientOf = (context: ResourceContext) => context.client<SnsOperations>('sns');

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && value !== false;

/** How often a subscription is looked at that its endpoint is to confirm, in milliseconds. */
const LOOK_MILLISECONDS = 100;

async function untilConfirmed(id: string, patience: number, context: ResourceContext): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const { Attributes: has }: { Attributes: Attributes } = await clientOf(context)('GetSubscriptionAttributes', {
      SubscriptionArn: id,
    });
    if (has['PendingConfirmation'] === 'false') return;
    if (Date.now() > end || context.signal.aborted) {
      throw new Error(`waiting for SNS Topic Subscription (${id}) confirmation: the endpoint has not confirmed it`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}
