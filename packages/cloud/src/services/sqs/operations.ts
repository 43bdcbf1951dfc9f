// The SQS API. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
import { messageOperations } from './message-operations.ts';
import { moveOperations } from './move-operations.ts';
import { permissionOperations } from './permission-operations.ts';
import { queueOperations } from './queue-operations.ts';
import { ReceiveAttempts } from './receive-attempts.ts';
import type { Sqs } from './service.ts';

export type SqsOperations = ReturnType<typeof sqsOperations>;

export const sqsOperations = (sqs: Sqs) => ({
  ...queueOperations(sqs),
  ...permissionOperations(sqs),
  ...messageOperations(sqs, new ReceiveAttempts()),
  ...moveOperations(sqs),
});
