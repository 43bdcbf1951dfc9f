// The SNS API. https://docs.aws.amazon.com/sns/latest/api/welcome.html
import { publishOperations } from './publish-operations.ts';
import type { Sns } from './service.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { tagOperations } from './tag-operations.ts';
import { topicOperations } from './topic-operations.ts';

export type SnsOperations = ReturnType<typeof snsOperations>;

export const snsOperations = (sns: Sns) => ({
  ...topicOperations(sns),
  ...subscriptionOperations(sns),
  ...publishOperations(sns),
  ...tagOperations(sns),
});
