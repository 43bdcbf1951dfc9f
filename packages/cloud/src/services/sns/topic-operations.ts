// Topics made, described, changed and opened to others.
import type {
  AddPermissionCommandInput,
  CreateTopicCommandInput,
  DeleteTopicCommandInput,
  GetTopicAttributesCommandInput,
  ListTopicsCommandInput,
  RemovePermissionCommandInput,
  SetTopicAttributesCommandInput,
} from '@aws-sdk/client-sns';

import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { invalidParameter } from './errors.ts';
import { isFifo, topicArnOf } from './names.ts';
import { page } from './page.ts';
import { onTopics, onTopic, type Sns } from './service.ts';
import { addTags } from './tags.ts';
import { checkTopicAttribute, rolesIn, shownTopicAttributes } from './topic-attributes.ts';
import { addPermission, defaultTopicPolicy, readTopicPolicy, removePermission } from './topic-policy.ts';
import type { Topic } from './topics.ts';

export function topicOperations(sns: Sns) {
  const { kernel, topics, subscriptions } = sns;
  const on =
    (action: string) =>
    ({ TopicArn }: { TopicArn: string | undefined }, call: Call) =>
      onTopic(sns, action, TopicArn, call);
  // AWS looks them up when the policy is stored.
  const requireKnownPrincipals = (policy: string | undefined, arn: string): void => {
    const { identity, account } = kernel;
    if (policy && identity.directory.findUnknownPrincipal(readTopicPolicy(policy, arn), account) !== undefined) {
      throw invalidParameter('Policy Error: PrincipalNotFound');
    }
  };

  return {
    CreateTopic: {
      access: ({ Name = '', Tags = [], Attributes = {} }: CreateTopicCommandInput, call: Call) => [
        ...onTopic(sns, 'CreateTopic', topicArnOf(call, Name), call, requestTags(addTags({}, Tags))),
        ...taggingAccess('SNS:TagResource', topicArnOf(call, Name), addTags({}, Tags)),
        ...passRoles(Attributes),
      ],
      run: (input: CreateTopicCommandInput, call: Call) => {
        const { Name: name = '', Attributes: given = {} } = input;
        checkName(name, given['FifoTopic'] === 'true');
        const arn = topicArnOf(call, name);
        for (const [attribute, value] of Object.entries(given)) checkTopicAttribute(attribute, value, arn, true);
        requireKnownPrincipals(given['Policy'], arn);
        const { FifoTopic: _fifo, Policy: policy, ...rest } = given;
        const attributes = withoutEmpty(rest);
        const tags = addTags({}, input.Tags ?? []);
        const existing = topics.find(arn);
        if (existing) {
          checkSame(existing, given);
          if (input.Tags?.length && !isSame(existing.tags, tags)) {
            throw invalidParameter('Tags Reason: Topic already exists with different tags');
          }
          return { TopicArn: arn };
        }
        topics.save({
          arn,
          name,
          attributes,
          policy: policy || defaultTopicPolicy(arn),
          tags,
          subscriptionsDeleted: 0,
        });
        return { TopicArn: arn };
      },
    },
    /** What is not there is deleted with success, as in AWS. */
    DeleteTopic: {
      access: on('DeleteTopic'),
      run: ({ TopicArn: arn = '' }: DeleteTopicCommandInput) => {
        kernel.store.transaction(() => {
          for (const subscription of subscriptions.ofTopic(arn)) subscriptions.delete(subscription.arn);
          topics.delete(arn);
        });
        return {};
      },
    },
    ListTopics: {
      access: (_: unknown, call: Call) => onTopics('ListTopics', call),
      run: ({ NextToken }: ListTopicsCommandInput, { region }: Call) => {
        const { items, ...rest } = page(topics.list(region), NextToken);
        return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), ...rest };
      },
    },
    GetTopicAttributes: {
      access: on('GetTopicAttributes'),
      run: ({ TopicArn }: GetTopicAttributesCommandInput, call: Call) => {
        const topic = topics.require(TopicArn, call);
        const all = subscriptions.ofTopic(topic.arn);
        const pending = all.filter((subscription) => subscription.pending).length;
        return { Attributes: shownTopicAttributes(topic, { confirmed: all.length - pending, pending }) };
      },
    },
    SetTopicAttributes: {
      access: (input: SetTopicAttributesCommandInput, call: Call) => [
        ...on('SetTopicAttributes')(input, call),
        ...passRoles({ [input.AttributeName ?? '']: input.AttributeValue ?? '' }),
      ],
      run: (input: SetTopicAttributesCommandInput, call: Call) => {
        const { AttributeName: name = '', AttributeValue: value = '' } = input;
        const topic = topics.require(input.TopicArn, call);
        checkTopicAttribute(name, value, topic.arn);
        if (name === 'Policy') requireKnownPrincipals(value, topic.arn);
        topics.save(
          name === 'Policy'
            ? { ...topic, policy: value || defaultTopicPolicy(topic.arn) }
            : { ...topic, attributes: withoutEmpty({ ...topic.attributes, [name]: value }) },
        );
        return {};
      },
    },
    AddPermission: {
      access: on('AddPermission'),
      run: (input: AddPermissionCommandInput, call: Call) => {
        const topic = topics.require(input.TopicArn, call);
        topics.save({ ...topic, policy: addPermission(topic.policy, input, topic.arn) });
        return {};
      },
    },
    RemovePermission: {
      access: on('RemovePermission'),
      run: ({ TopicArn, Label }: RemovePermissionCommandInput, call: Call) => {
        const topic = topics.require(TopicArn, call);
        topics.save({ ...topic, policy: removePermission(topic.policy, Label) });
        return {};
      },
    },
  };
}

const passRoles = (attributes: Readonly<Record<string, string>>): Access[] =>
  rolesIn(attributes).map((resource) => ({
    action: 'iam:PassRole',
    resource,
    context: { 'iam:PassedToService': 'sns.amazonaws.com' },
  }));

function checkName(name: string, fifo: boolean): void {
  if (fifo && !/^[\w-]{1,251}\.fifo$/.test(name)) {
    throw invalidParameter(
      'Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.',
    );
  }
  if (!fifo && !/^[\w-]{1,256}$/.test(name)) throw invalidParameter('Topic Name');
}

// Whoever names a topic that is there may say less of it, but nothing else.
function checkSame({ arn, attributes, policy }: Topic, given: Readonly<Record<string, string>>): void {
  const before: Readonly<Record<string, string>> = {
    DisplayName: '',
    ContentBasedDeduplication: 'false',
    FifoThroughputScope: 'Topic',
    FifoTopic: String(isFifo(arn)),
    ...attributes,
    Policy: policy,
  };
  if (Object.entries(given).some(([name, value]) => (before[name] ?? '') !== value)) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
}

const isSame = (left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean =>
  Object.keys(left).length === Object.keys(right).length &&
  Object.entries(left).every(([name, value]) => right[name] === value);

const withoutEmpty = (attributes: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
