// Amazon SNS.
//
// Answers: standard and FIFO topics, policies, tags, subscriptions of queues, functions, HTTP endpoints and mail addresses with
// confirmation, filter policies on attributes and bodies, raw delivery, retries by protocol, dead letters, batches, KMS keys,
// signed notifications, delivery status logs.
// Gaps: text messages, mobile push, Firehose, archives and replays, data protection, active tracing (501 or a precise refusal).
// By design: nothing leaves the machine. HTTP endpoints have to be on it, and mails lie in an outbox that `plinth inbox` shows.
// SigningCertURL is the cloud's own. A topic's key is asked for every message, but what waits for its delivery lies in the
// cloud's store like everything else.
// Client quirks: the links in confirmations and notifications are unsigned GET requests.
import type { Kernel, Service } from '../../kernel/service.ts';
import { Deliveries } from './deliveries.ts';
import { Inbox } from './inbox.ts';
import { topicOf } from './names.ts';
import { snsOperations } from './operations.ts';
import { Publisher } from './publisher.ts';
import { snsDataSources, snsResources } from './resources.ts';
import { topicFacts } from './service.ts';
import { Signing } from './signing.ts';
import { Subscriptions } from './subscriptions.ts';
import { Topics } from './topics.ts';

export type { InboxLine } from './inbox.ts';

export function sns(kernel: Kernel): Service {
  const topics = new Topics(kernel.store);
  const subscriptions = new Subscriptions(kernel.store, kernel.clock);
  const inbox = new Inbox(kernel.store, ({ confirmUrl }) => {
    const token = confirmUrl && new URL(confirmUrl).searchParams.get('Token');
    return token ? subscriptions.waitsFor(token) : false;
  });
  const signing = new Signing(kernel);
  const deliveries = new Deliveries({ kernel, topics, subscriptions, inbox, signing });
  const publisher = new Publisher(kernel, topics, subscriptions, deliveries);
  return {
    name: 'sns',
    client: 'sns',
    operations: snsOperations({ kernel, topics, subscriptions, deliveries, publisher }),
    unsupported: { CreateTopic: ['DataProtectionPolicy'], Publish: ['PhoneNumber'] },
    resources: snsResources,
    dataSources: snsDataSources,
    describeResource: (arn, _action, call) =>
      arn.startsWith('arn:aws:sns:') ? topicFacts(topics, topicOf(arn), call) : undefined,
    serve: (request) => signing.serve(request),
    questions: { inbox: (query) => inbox.lines(query) },
    start: () => deliveries.resume(),
    stop: () => deliveries.stop(),
  };
}
