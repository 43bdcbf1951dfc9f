// The queues of all regions: made, found, changed and deleted.
import { alphanumeric } from '../../kernel/ids.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import { changedAttributes, defaultsFor, isFifo, redriveAllowOf, redriveOf, type Attributes } from './attributes.ts';
import type { Deduplication } from './deduplication.ts';
import { invalidAttribute, invalidValue, queueNameExists, queueNotFound, unknownAttribute } from './errors.ts';
import type { MessageStore } from './message-store.ts';
import { nameIn, queueArn } from './queue-address.ts';
import { checkQueuePolicy } from './queue-policy.ts';
import { Queue, type QueueRecord } from './queue.ts';

export class Queues {
  readonly #kernel: Kernel;
  readonly #messages: MessageStore;
  readonly #deduplication: Deduplication;
  readonly #records: Collection<QueueRecord>;
  readonly #queues = new Map<string, Queue>();

  constructor(kernel: Kernel, messages: MessageStore, deduplication: Deduplication) {
    this.#kernel = kernel;
    this.#messages = messages;
    this.#deduplication = deduplication;
    this.#records = kernel.store.collection('sqs.queues');
    for (const { value } of this.#records.list()) this.#open(value);
  }

  start(): void {
    for (const queue of this.#queues.values()) queue.load();
  }

  stop(): void {
    for (const queue of this.#queues.values()) queue.stop();
  }

  find(arn: string): Queue | undefined {
    return this.#queues.get(arn);
  }

  named(call: Pick<Call, 'region' | 'account'>, url: string | undefined): Queue {
    const queue = this.find(queueArn(call, nameIn(url, call)));
    if (!queue) throw queueNotFound();
    return queue;
  }

  /** A region's, by name. */
  list(region: string): Queue[] {
    const queues = [...this.#queues.values()].filter(({ record }) => record.region === region);
    return queues.toSorted((left, right) => (left.record.name < right.record.name ? -1 : 1));
  }

  all(): Iterable<Queue> {
    return this.#queues.values();
  }

  /** The queues whose dead letters this one gets. */
  sourcesOf({ record }: Queue): Queue[] {
    return this.list(record.region).filter(
      (queue) => redriveOf(queue.record.attributes)?.deadLetterTargetArn === record.arn,
    );
  }

  /** Makes a queue; where there is one already that has these attributes, that one is meant. */
  create(call: Call, name: string, given: Attributes, tags: Readonly<Record<string, string>>): Queue {
    const arn = queueArn(call, name);
    const existing = this.find(arn);
    if (existing) {
      const other = Object.entries(given).find(([key, value]) => existing.record.attributes[key] !== value);
      if (other) throw queueNameExists(other[0]);
      return existing;
    }
    const fifo = given['FifoQueue'] !== undefined;
    if (fifo && given['FifoQueue'] !== 'true') throw unknownAttribute('FifoQueue');
    checkName(name, fifo);
    const attributes = changedAttributes(defaultsFor(fifo), given);
    this.#checkPolicy(given);
    this.#checkRedrive(arn, attributes);
    const { region, now } = call;
    const record = { id: alphanumeric(16), region, name, arn, attributes, tags, createdAt: now, modifiedAt: now };
    this.#records.put(arn, record);
    return this.#open(record);
  }

  /** Sets attributes; an empty text takes back what may be absent. */
  setAttributes(queue: Queue, given: Attributes, now: number): void {
    const { record } = queue;
    if (given['FifoQueue'] !== undefined && given['FifoQueue'] !== record.attributes['FifoQueue']) {
      throw unknownAttribute('FifoQueue');
    }
    const attributes = changedAttributes(record.attributes, given);
    this.#checkPolicy(given);
    if (given['RedrivePolicy']) this.#checkRedrive(record.arn, attributes);
    this.save(queue, { ...record, attributes, modifiedAt: now });
  }

  save(queue: Queue, record: QueueRecord): void {
    this.keep(record);
    queue.changed(record);
  }

  /** Writes a record down; the queue itself has to be told. */
  keep(record: QueueRecord): void {
    this.#records.put(record.arn, record);
  }

  delete(queue: Queue): void {
    const { arn, id } = queue.record;
    this.#kernel.store.transaction(() => {
      this.#records.delete(arn);
      this.#messages.deleteAll(id);
      this.#deduplication.forget(id);
    });
    this.#queues.delete(arn);
    queue.deleted = true;
    queue.stop();
  }

  #open(record: QueueRecord): Queue {
    const queue = new Queue(this.#kernel, record, this.#messages, (arn) => this.find(arn));
    this.#queues.set(record.arn, queue);
    return queue;
  }

  #checkPolicy({ Policy: policy = '' }: Attributes): void {
    const { identity, account } = this.#kernel;
    checkQueuePolicy(policy, identity.directory, account);
  }

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
  #checkRedrive(arn: string, attributes: Attributes): void {
    const redrive = redriveOf(attributes);
    if (!redrive) return;
    const target = this.find(redrive.deadLetterTargetArn);
    if (!target) throw invalidAttribute('RedrivePolicy', 'Dead letter target does not exist.');
    if (target.fifo !== isFifo(attributes)) {
      throw invalidAttribute('RedrivePolicy', 'Dead-letter queue must be same type of queue as the source.');
    }
    const { redrivePermission, sourceQueueArns } = redriveAllowOf(target.record.attributes);
    const allowed = redrivePermission === 'allowAll' || sourceQueueArns.includes(arn);
    if (!allowed) {
      throw invalidAttribute(
        'RedrivePolicy',
        `The redrive allow policy of ${target.record.arn} does not allow ${arn}.`,
      );
    }
  }
}

function checkName(name: string, fifo: boolean): void {
  if (fifo && !/^[\w-]{1,75}\.fifo$/.test(name)) {
    throw invalidValue(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
  }
  if (!fifo && !/^[\w-]{1,80}$/.test(name)) {
    throw invalidValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  }
}
