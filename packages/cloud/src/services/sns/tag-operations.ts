// Tags of topics.
import type {
  ListTagsForResourceCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-sns';

import { requestTags } from '../../kernel/identity/context.ts';
import type { Call } from '../../kernel/service.ts';
import { resourceNotFound } from './errors.ts';
import { onTopic, type Sns } from './service.ts';
import { addTags, toTags } from './tags.ts';
import type { Topic } from './topics.ts';

export function tagOperations(sns: Sns) {
  const { topics } = sns;
  const require = (arn: string | undefined): Topic => {
    const topic = topics.find(arn ?? '');
    if (!topic) throw resourceNotFound();
    return topic;
  };

  return {
    TagResource: {
      access: ({ ResourceArn, Tags = [] }: TagResourceCommandInput, call: Call) =>
        onTopic(sns, 'TagResource', ResourceArn, call, requestTags(addTags({}, Tags))),
      run: ({ ResourceArn, Tags = [] }: TagResourceCommandInput) => {
        const topic = require(ResourceArn);
        topics.save({ ...topic, tags: addTags(topic.tags, Tags) });
        return {};
      },
    },
    UntagResource: {
      access: ({ ResourceArn, TagKeys = [] }: UntagResourceCommandInput, call: Call) =>
        onTopic(sns, 'UntagResource', ResourceArn, call, { 'aws:TagKeys': TagKeys }),
      run: ({ ResourceArn, TagKeys = [] }: UntagResourceCommandInput) => {
        const topic = require(ResourceArn);
        const left = Object.entries(topic.tags).filter(([key]) => !TagKeys.includes(key));
        topics.save({ ...topic, tags: Object.fromEntries(left) });
        return {};
      },
    },
    ListTagsForResource: {
      access: ({ ResourceArn }: ListTagsForResourceCommandInput, call: Call) =>
        onTopic(sns, 'ListTagsForResource', ResourceArn, call),
      run: ({ ResourceArn }: ListTagsForResourceCommandInput) => ({ Tags: toTags(require(ResourceArn).tags) }),
    },
  };
}
