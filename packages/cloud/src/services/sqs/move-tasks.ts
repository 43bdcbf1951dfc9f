// Dead letters on their way back: tasks that move a queue's messages to where they came from, or elsewhere.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { MessageStore } from './message-store.ts';
import type { Message } from './message.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

export interface MoveTask {
  readonly id: string;
  readonly sourceArn: string;
  readonly destinationArn?: string | undefined;
  readonly perSecond?: number | undefined;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly moved: number;
  readonly toMove: number;
  readonly failure?: string | undefined;
  readonly startedAt: number;
}

/** Messages that are moved in one go, where nobody asks for less. */
const STEP = 500;
const SECOND = 1_000;

/** Tasks of a queue that are remembered. */
const REMEMBERED = 10;

export class MoveTasks {
  readonly #kernel: Pick<Kernel, 'clock'>;
  readonly #queues: Queues;
  readonly #messages: MessageStore;
  readonly #tasks: Collection<MoveTask>;
  #stopped = false;

  constructor(kernel: Kernel, queues: Queues, messages: MessageStore) {
    this.#kernel = kernel;
    this.#queues = queues;
    this.#messages = messages;
    this.#tasks = kernel.store.collection('sqs.move-tasks');
  }

  /** Goes on with what a stopped or killed cloud left. */
  start(): void {
    for (const { value } of this.#tasks.list()) if (value.status === 'RUNNING') this.#soon(value.id, value.sourceArn);
  }

  stop(): void {
    this.#stopped = true;
  }

  begin(source: Queue, destinationArn: string | undefined, perSecond: number | undefined): MoveTask {
    const { arn: sourceArn } = source.record;
    const { visible: toMove } = source.counts();
    const startedAt = this.#kernel.clock.now();
    const task: MoveTask = {
      id: uuid(),
      sourceArn,
      destinationArn,
      perSecond,
      status: 'RUNNING',
      moved: 0,
      toMove,
      startedAt,
    };
    this.#save(task);
    for (const old of this.of(sourceArn).slice(REMEMBERED)) this.#tasks.delete(keyOf(old));
    this.#soon(task.id, sourceArn);
    return task;
  }

  find(sourceArn: string, id: string): MoveTask | undefined {
    return this.#tasks.get(keyOf({ sourceArn, id }));
  }

  /** A queue's, the latest one first. */
  of(sourceArn: string): MoveTask[] {
    const tasks = this.#tasks.list({ prefix: `${sourceArn}/` }).map(({ value }) => value);
    return tasks.toSorted((left, right) => right.startedAt - left.startedAt);
  }

  cancel(task: MoveTask): void {
    this.#save({ ...task, status: 'CANCELLED' });
  }

  #soon(id: string, sourceArn: string): void {
    setImmediate(() => this.#step(id, sourceArn));
  }

  #step(id: string, sourceArn: string): void {
    const task = this.#stopped ? undefined : this.find(sourceArn, id);
    if (task?.status !== 'RUNNING') return;
    const source = this.#queues.find(sourceArn);
    const messages = source?.visible(task.perSecond ?? STEP) ?? [];
    if (!source || messages.length === 0) {
      this.#save({ ...task, status: 'COMPLETED' });
      return;
    }
    let moved = 0;
    for (const [target, some] of this.#targets(task, messages)) {
      if (!target) {
        this.#save({ ...task, moved: task.moved + moved, status: 'FAILED', failure: 'CouldNotDetermineMessageSource' });
        return;
      }
      source.moveTo(target, some, (message) => this.#renewed(message));
      moved += some.length;
    }
    this.#save({ ...task, moved: task.moved + moved });
    if (task.perSecond === undefined) this.#soon(id, sourceArn);
    else this.#kernel.clock.at(this.#kernel.clock.now() + SECOND, () => this.#step(id, sourceArn));
  }

  /** Where messages go, in their order; undefined for those that did not come from a queue that is there. */
  #targets(task: MoveTask, messages: readonly Message[]): Map<Queue | undefined, Message[]> {
    return Map.groupBy(messages, ({ row }) => {
      const arn = task.destinationArn ?? this.#messages.content(row).system.deadLetterSource;
      return arn === undefined ? undefined : this.#queues.find(arn);
    });
  }

  // To the queue that gets it, it is a new message.
  #renewed({ row }: Message) {
    const { body, bodyMd5, attributes, system } = this.#messages.content(row);
    const { deadLetterSource: _noLonger, ...of } = system;
    const sentAt = this.#kernel.clock.now();
    return { id: uuid(), body, bodyMd5, attributes, system: of, sentAt, visibleAt: sentAt };
  }

  #save(task: MoveTask): void {
    this.#tasks.put(keyOf(task), task);
  }
}

const keyOf = ({ sourceArn, id }: Pick<MoveTask, 'sourceArn' | 'id'>): string => `${sourceArn}/${id}`;
