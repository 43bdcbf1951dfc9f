// What SQS is made of, and what its operations share.
import type { Kernel } from '../../kernel/service.ts';
import { Deduplication } from './deduplication.ts';
import { DataKeys } from './encryption.ts';
import { QueueMeasurements } from './measurements.ts';
import { MessageStore } from './message-store.ts';
import { MoveTasks } from './move-tasks.ts';
import { Queues } from './queues.ts';

export interface Sqs {
  readonly kernel: Kernel;
  readonly queues: Queues;
  readonly messages: MessageStore;
  readonly deduplication: Deduplication;
  readonly dataKeys: DataKeys;
  readonly measure: QueueMeasurements;
  readonly moves: MoveTasks;
}

export function createSqs(kernel: Kernel): Sqs {
  const messages = new MessageStore(kernel.store);
  const deduplication = new Deduplication(kernel.store);
  const queues = new Queues(kernel, messages, deduplication);
  return {
    kernel,
    queues,
    messages,
    deduplication,
    dataKeys: new DataKeys(kernel),
    measure: new QueueMeasurements(kernel, () => queues.all()),
    moves: new MoveTasks(kernel, queues, messages),
  };
}
