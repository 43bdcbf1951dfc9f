// The pollers of all event source mappings, each woken by the messages of its queue.
import type { QueueArrival } from '../../kernel/feed.ts';
import type { Mapping } from './mappings.ts';
import { QueuePoller, type PollerParts } from './queue-poller.ts';

export class QueuePollers {
  readonly #parts: PollerParts;
  /** By queue, then by mapping. */
  readonly #pollers = new Map<string, Map<string, QueuePoller>>();
  #unsubscribe = () => {};

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unsubscribe = this.#parts.kernel.arrivals.subscribe((arrival) => this.#arrived(arrival));
    for (const mapping of this.#parts.mappings.list()) this.changed(mapping);
  }

  /** To be called once a mapping is made or changed. */
  changed({ id, sourceArn, enabled }: Mapping): void {
    let ofQueue = this.#pollers.get(sourceArn);
    if (!ofQueue) this.#pollers.set(sourceArn, (ofQueue = new Map()));
    let poller = ofQueue.get(id);
    if (!poller) ofQueue.set(id, (poller = new QueuePoller(this.#parts, id)));
    if (enabled) void poller.wake();
  }

  /** To be called once a mapping is gone; what it has begun is finished. */
  deleted({ id, sourceArn }: Mapping): void {
    const ofQueue = this.#pollers.get(sourceArn);
    void ofQueue?.get(id)?.stop();
    ofQueue?.delete(id);
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all([...this.#pollers.values()].flatMap((ofQueue) => [...ofQueue.values()].map((one) => one.stop())));
  }

  #arrived({ queueArn, waitFor }: QueueArrival): void {
    const ofQueue = this.#pollers.get(queueArn);
    if (!ofQueue) return;
    for (const poller of ofQueue.values()) waitFor(poller.wake());
  }
}
