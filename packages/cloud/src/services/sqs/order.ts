// In which order the messages of a queue are received.
import type { Message } from './message.ts';

/** Told of every change of a message's state, it answers who is next. */
export interface Order {
  add(message: Message): void;
  /** To be called once a message's state is another than `before`. */
  changed(message: Message, before: Message['state']): void;
  /** Messages that may be received now, in order, as long as nothing changes. */
  candidates(): Iterable<Message>;
}

/** A standard queue's: as they come and come back. */
export class StandardOrder implements Order {
  readonly #ready = new Map<number, Message>();

  add(message: Message): void {
    if (message.state === 'visible') this.#ready.set(message.row, message);
  }

  changed(message: Message): void {
    if (message.state === 'visible') this.#ready.set(message.row, message);
    else this.#ready.delete(message.row);
  }

  candidates(): Iterable<Message> {
    return this.#ready.values();
  }
}

interface Group {
  readonly name: string;
  /** In the order in which they were sent. */
  readonly messages: Map<number, Message>;
  inFlight: number;
}

/**
 * A FIFO queue's: in each message group as they were sent, and nothing of a group that has a message in flight. A group that
 * becomes free stands behind those that are.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoOrder implements Order {
  readonly #groups = new Map<string, Group>();
  readonly #free = new Set<Group>();

  add(message: Message): void {
    const name = message.group ?? '';
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = { name, messages: new Map(), inFlight: 0 }));
    group.messages.set(message.row, message);
    if (message.state === 'in flight') group.inFlight++;
    this.#settle(group);
  }

  changed(message: Message, before: Message['state']): void {
    const group = this.#groups.get(message.group ?? '')!;
    if (before === 'in flight') group.inFlight--;
    if (message.state === 'in flight') group.inFlight++;
    if (message.state === 'gone') group.messages.delete(message.row);
    this.#settle(group);
    if (group.messages.size === 0) this.#groups.delete(group.name);
  }

  *candidates(): Iterable<Message> {
    for (const group of this.#free) {
      for (const message of group.messages.values()) {
        // What is delayed holds up what comes behind it.
        if (message.state !== 'visible') break;
        yield message;
      }
    }
  }

  #settle(group: Group): void {
    const [first] = group.messages.values();
    if (group.inFlight === 0 && first?.state === 'visible') this.#free.add(group);
    else this.#free.delete(group);
  }
}
