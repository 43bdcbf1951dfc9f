// The pollers of all event source mappings, each woken by what comes to its queue or stream.
import type { Arrival } from '../../kernel/feed.ts';
import { lanesOf, type Mapping } from './mappings.ts';
import { QueuePoller, type PollerParts } from './queue-poller.ts';
import { StreamPoller } from './stream-poller.ts';

export class Pollers {
  readonly #parts: PollerParts;
  /** By source, then by mapping; a stream's mapping has one for each of its lanes. */
  readonly #pollers = new Map<string, Map<string, (QueuePoller | StreamPoller)[]>>();
  #unsubscribe = () => {};

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unsubscribe = this.#parts.kernel.arrivals.subscribe((arrival) => this.#arrived(arrival));
    for (const mapping of this.#parts.mappings.list()) this.changed(mapping);
  }

  /** To be called once a mapping is made or changed. */
  changed(mapping: Mapping): void {
    const { id, sourceArn, enabled, stream } = mapping;
    let ofSource = this.#pollers.get(sourceArn);
    if (!ofSource) this.#pollers.set(sourceArn, (ofSource = new Map()));
    let pollers = ofSource.get(id);
    if (!pollers) ofSource.set(id, (pollers = []));
    while (pollers.length < lanesOf(mapping)) {
      pollers.push(stream ? new StreamPoller(this.#parts, id, pollers.length) : new QueuePoller(this.#parts, id));
    }
    if (enabled) for (const poller of pollers) void poller.wake();
  }

  /** To be called once a mapping is gone; what it has begun is finished. */
  deleted({ id, sourceArn }: Mapping): void {
    const ofSource = this.#pollers.get(sourceArn);
    for (const poller of ofSource?.get(id) ?? []) void poller.stop();
    ofSource?.delete(id);
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all(
      [...this.#pollers.values()].flatMap((ofSource) => [...ofSource.values()].flat().map((one) => one.stop())),
    );
  }

  #arrived({ sourceArn, waitFor }: Arrival): void {
    const ofSource = this.#pollers.get(sourceArn);
    if (!ofSource) return;
    for (const poller of [...ofSource.values()].flat()) waitFor(poller.wake());
  }
}
