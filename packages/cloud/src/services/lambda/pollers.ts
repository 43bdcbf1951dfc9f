// The pollers of all event source mappings, each woken by what comes to its queue or stream.
import type { Arrival } from '../../kernel/feed.ts';
import type { Mapping } from './mappings.ts';
import { QueuePoller, type PollerParts } from './queue-poller.ts';
import { StreamPoller } from './stream-poller.ts';

export class Pollers {
  readonly #parts: PollerParts;
  /** By source, then by mapping. */
  readonly #pollers = new Map<string, Map<string, QueuePoller | StreamPoller>>();
  #unsubscribe = () => {};

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unsubscribe = this.#parts.kernel.arrivals.subscribe((arrival) => this.#arrived(arrival));
    for (const mapping of this.#parts.mappings.list()) this.changed(mapping);
  }

  /** To be called once a mapping is made or changed. */
  changed({ id, sourceArn, enabled, stream }: Mapping): void {
    let ofSource = this.#pollers.get(sourceArn);
    if (!ofSource) this.#pollers.set(sourceArn, (ofSource = new Map()));
    let poller = ofSource.get(id);
    if (!poller) {
      poller = stream ? new StreamPoller(this.#parts, id) : new QueuePoller(this.#parts, id);
      ofSource.set(id, poller);
    }
    if (enabled) void poller.wake();
  }

  /** To be called once a mapping is gone; what it has begun is finished. */
  deleted({ id, sourceArn }: Mapping): void {
    const ofSource = this.#pollers.get(sourceArn);
    void ofSource?.get(id)?.stop();
    ofSource?.delete(id);
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all(
      [...this.#pollers.values()].flatMap((ofSource) => [...ofSource.values()].map((one) => one.stop())),
    );
  }

  #arrived({ sourceArn, waitFor }: Arrival): void {
    const ofSource = this.#pollers.get(sourceArn);
    if (!ofSource) return;
    for (const poller of ofSource.values()) waitFor(poller.wake());
  }
}
