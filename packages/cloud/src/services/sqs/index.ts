// Amazon SQS.
//
// Answers: standard and FIFO queues with delays, visibility timeouts, long polling, batches, message attributes, deduplication,
// dead-letter queues and redrives, policies, tags, KMS keys and measurements for CloudWatch; in JSON and in the query protocol.
// Gaps: none of the API's operations.
// By design: messages are received in the order in which they came, also from standard queues; the approximate counts are exact;
// a queue's name is free at once after it was deleted, a purge is done when it is answered, and no calls are throttled.
// Client quirks: older clients, and moto, speak the query protocol, some of them to the queue's URL without naming it again.
// The AWS CLI of version 1 goes by `AWS_ENDPOINT_URL` for everything but SQS: `plinth aws` names the endpoint itself.
import type { Kernel, Service } from '../../kernel/service.ts';
import { factsOf } from './access.ts';
import { sqsOperations } from './operations.ts';
import { sqsDataSources } from './queue-data-source.ts';
import { sqsResources } from './resources.ts';
import { createSqs } from './service.ts';

export function sqs(kernel: Kernel): Service {
  const parts = createSqs(kernel);
  const { queues, moves, measure } = parts;
  return {
    name: 'sqs',
    client: 'sqs',
    missingInputCode: 'MissingParameter',
    operations: sqsOperations(parts),
    resources: sqsResources,
    dataSources: sqsDataSources,
    describeResource: (arn) => {
      const queue = queues.find(arn);
      return queue && factsOf(queue);
    },
    start: () => {
      queues.start();
      moves.start();
      measure.start();
    },
    stop: () => {
      moves.stop();
      measure.stop();
      queues.stop();
    },
  };
}
