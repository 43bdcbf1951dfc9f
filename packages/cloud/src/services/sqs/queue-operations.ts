// Queues made, found, described, changed and deleted, and their tags.
import type {
  CreateQueueCommandInput,
  GetQueueAttributesCommandInput,
  ListDeadLetterSourceQueuesCommandInput,
  ListQueuesCommandInput,
  SetQueueAttributesCommandInput,
  TagQueueCommandInput,
  UntagQueueCommandInput,
} from '@aws-sdk/client-sqs';

import { requestTags } from '../../kernel/identity/context.ts';
import { pageOf } from '../../kernel/page.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onArn, onQueue } from './access.ts';
import { requireAttributeNames, type Attributes } from './attributes.ts';
import { invalidParameter, invalidValue } from './errors.ts';
import { queueArn, queueUrl } from './queue-address.ts';
import type { Queue } from './queue.ts';
import type { Sqs } from './service.ts';

interface Addressed {
  QueueUrl: string | undefined;
}

interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

const LARGEST_PAGE = 1_000;
const MOST_TAGS = 50;

export function queueOperations({ queues }: Sqs) {
  const access = (action: string) => onQueue(queues, action);
  const urlsOf = (found: readonly Queue[], input: PageInput, call: Call) => {
    const { items, NextToken } = page(found, input);
    return { urls: items.map(({ record }) => queueUrl(call, record.name)), NextToken };
  };
  const saveTags = (queue: Queue, tags: Readonly<Record<string, string>>) => {
    if (Object.keys(tags).length > MOST_TAGS) throw invalidValue(`Too many tags added for queue ${queue.record.name}.`);
    queues.save(queue, { ...queue.record, tags });
    return {};
  };

  return {
    CreateQueue: {
      access: ({ QueueName = '', tags = {} }: CreateQueueCommandInput, call: Call): Access[] => {
        const arn = queueArn(call, QueueName);
        const context = requestTags(tags);
        const create = onArn(queues, 'CreateQueue', arn, context);
        return Object.keys(tags).length > 0 ? [create, onArn(queues, 'TagQueue', arn, context)] : [create];
      },
      run: ({ QueueName = '', Attributes: given = {}, tags = {} }: CreateQueueCommandInput, call: Call) => {
        const { record } = queues.create(call, QueueName, given as Attributes, tags);
        return { QueueUrl: queueUrl(call, record.name) };
      },
    },
    DeleteQueue: {
      access: access('DeleteQueue'),
      run: ({ QueueUrl }: Addressed, call: Call) => {
        queues.delete(queues.named(call, QueueUrl));
        return {};
      },
    },
    GetQueueUrl: {
      access: ({ QueueName = '' }: { QueueName: string | undefined }, call: Call): Access[] => [
        onArn(queues, 'GetQueueUrl', queueArn(call, QueueName)),
      ],
      run: (input: { QueueName: string | undefined; QueueOwnerAWSAccountId?: string | undefined }, call: Call) => {
        const { QueueName = '', QueueOwnerAWSAccountId: owner = call.account } = input;
        const { record } = queues.named(call, `/${owner}/${QueueName}`);
        return { QueueUrl: queueUrl(call, record.name) };
      },
    },
    GetQueueAttributes: {
      access: access('GetQueueAttributes'),
      run: ({ QueueUrl, AttributeNames: names = [] }: GetQueueAttributesCommandInput, call: Call) => {
        const queue = queues.named(call, QueueUrl);
        requireAttributeNames(names);
        const wanted = new Set<string>(names);
        const known = Object.entries(describe(queue)).filter(([name]) => wanted.has('All') || wanted.has(name));
        return known.length > 0 ? { Attributes: Object.fromEntries(known) } : {};
      },
    },
    SetQueueAttributes: {
      access: access('SetQueueAttributes'),
      run: ({ QueueUrl, Attributes: given = {} }: SetQueueAttributesCommandInput, call: Call) => {
        queues.setAttributes(queues.named(call, QueueUrl), given as Attributes, call.now);
        return {};
      },
    },
    ListQueues: {
      access: (_input: ListQueuesCommandInput, call: Call): Access[] => [
        { action: 'sqs:ListQueues', resource: queueArn(call, '') },
      ],
      run: (input: ListQueuesCommandInput, call: Call) => {
        const { QueueNamePrefix: prefix = '' } = input;
        const found = queues.list(call.region).filter(({ record }) => record.name.startsWith(prefix));
        const { urls, NextToken } = urlsOf(found, input, call);
        return { ...(urls.length > 0 && { QueueUrls: urls }), NextToken };
      },
    },
    ListDeadLetterSourceQueues: {
      access: access('ListDeadLetterSourceQueues'),
      run: (input: ListDeadLetterSourceQueuesCommandInput, call: Call) => {
        const { urls, NextToken } = urlsOf(queues.sourcesOf(queues.named(call, input.QueueUrl)), input, call);
        return { queueUrls: urls, NextToken };
      },
    },
    TagQueue: {
      access: ({ QueueUrl, Tags = {} }: TagQueueCommandInput, call: Call): Access[] =>
        access('TagQueue')({ QueueUrl }, call).map((one) => ({
          ...one,
          context: { ...one.context, ...requestTags(Tags) },
        })),
      run: ({ QueueUrl, Tags = {} }: TagQueueCommandInput, call: Call) => {
        const queue = queues.named(call, QueueUrl);
        return saveTags(queue, { ...queue.record.tags, ...Tags });
      },
    },
    UntagQueue: {
      access: ({ QueueUrl, TagKeys }: UntagQueueCommandInput, call: Call): Access[] =>
        access('UntagQueue')({ QueueUrl }, call).map((one) => ({
          ...one,
          context: { ...one.context, 'aws:TagKeys': TagKeys },
        })),
      run: ({ QueueUrl, TagKeys: keys = [] }: UntagQueueCommandInput, call: Call) => {
        const queue = queues.named(call, QueueUrl);
        const left = Object.entries(queue.record.tags).filter(([key]) => !keys.includes(key));
        return saveTags(queue, Object.fromEntries(left));
      },
    },
    ListQueueTags: {
      access: access('ListQueueTags'),
      run: ({ QueueUrl }: Addressed, call: Call) => {
        const { tags } = queues.named(call, QueueUrl).record;
        return Object.keys(tags).length > 0 ? { Tags: tags } : {};
      },
    },
  };
}

/** All attributes of a queue, set and computed. */
function describe(queue: Queue): Record<string, string> {
  const { arn, attributes, createdAt, modifiedAt } = queue.record;
  const { visible, inFlight, delayed } = queue.counts();
  const seconds = (moment: number) => String(Math.floor(moment / 1_000));
  return {
    QueueArn: arn,
    ...attributes,
    ...(attributes['KmsMasterKeyId'] !== undefined && {
      KmsDataKeyReusePeriodSeconds: attributes['KmsDataKeyReusePeriodSeconds'] ?? '300',
    }),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: seconds(createdAt),
    LastModifiedTimestamp: seconds(modifiedAt),
  };
}

// Without MaxResults an answer has up to a thousand queues, and no token.
function page(found: readonly Queue[], { MaxResults: size, NextToken: token }: PageInput) {
  if (size === undefined && token !== undefined) {
    throw invalidValue('MaxResults is a mandatory parameter when you provide a value for NextToken.');
  }
  if (size !== undefined && (size < 1 || size > LARGEST_PAGE)) {
    throw invalidParameter('MaxResults', size, `Must be between 1 and ${LARGEST_PAGE}, if provided.`);
  }
  const { items, token: next } = pageOf(found, {
    keyOf: ({ record }) => record.name,
    limit: size ?? LARGEST_PAGE,
    token,
    invalidToken: () => invalidValue('Invalid or expired next token.'),
  });
  return { items, NextToken: size === undefined ? undefined : next };
}
