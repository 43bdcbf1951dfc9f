// Replays: an archive's events sent to their bus again, in order, for some rules or all.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
import type { ReplayState } from '@aws-sdk/client-eventbridge';

import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { ArchivedEvent, Archives } from './archives.ts';
import { replayExists, replayNotFound, replayOver, validation } from './errors.ts';
import type { EventRouter } from './event-router.ts';

export interface Replay {
  readonly region: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly archive: string;
  readonly bus: string;
  /** ARNs of rules; undefined for every rule of the bus. */
  readonly rules?: readonly string[] | undefined;
  /** Both inclusive, in milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly state: ReplayState;
  readonly reason?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The last event that was sent. */
  readonly last?: Pick<ArchivedEvent, 'id' | 'at'>;
}

/** Events sent before others have their turn. */
const TURN_EVENTS = 100;

const ACTIVE: readonly ReplayState[] = ['STARTING', 'RUNNING', 'CANCELLING'];

export class Replays {
  readonly #kernel: Kernel;
  readonly #archives: Archives;
  readonly #router: EventRouter;
  readonly #replays: Collection<Replay>;
  #stopped = false;

  constructor(kernel: Kernel, archives: Archives, router: EventRouter) {
    this.#kernel = kernel;
    this.#archives = archives;
    this.#router = router;
    this.#replays = kernel.store.collection('events.replays');
  }

  find(region: string, name: string): Replay | undefined {
    return this.#replays.get(keyOf({ region, name }));
  }

  require(region: string, name = ''): Replay {
    const replay = this.find(region, name);
    if (!replay) throw replayNotFound(name);
    return replay;
  }

  list(region: string): Replay[] {
    return this.#replays.list({ prefix: `${region}/` }).map(({ value }) => value);
  }

  start(replay: Replay): void {
    if (!/^[\w.-]{1,64}$/.test(replay.name)) throw validation(`${replay.name} is no name for a replay.`);
    if (this.find(replay.region, replay.name)) throw replayExists(replay.name);
    this.#replays.put(keyOf(replay), replay);
    this.#begin(replay);
  }

  cancel(replay: Replay): Replay {
    if (!ACTIVE.includes(replay.state)) throw replayOver(replay.name);
    return this.#save({ ...replay, state: 'CANCELLED', endedAt: this.#kernel.clock.now() });
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    for (const { value: replay } of this.#replays.list()) if (ACTIVE.includes(replay.state)) this.#begin(replay);
  }

  /** What runs is taken up at the next start. */
  stop(): void {
    this.#stopped = true;
  }

  #begin(replay: Replay): void {
    const work = this.#run(replay).catch((error: Error) => {
      this.#kernel.log('events.replay-failed', { replay: replay.name, reason: error.message });
      const { clock } = this.#kernel;
      if (!this.#stopped) this.#save({ ...replay, state: 'FAILED', reason: error.message, endedAt: clock.now() });
    });
    this.#kernel.clock.hold(work);
  }

  async #run({ region, name }: Replay): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      // It may have been cancelled, or the cloud stopped, while others had their turn.
      const replay = this.#stopped ? undefined : this.find(region, name);
      if (!replay || !ACTIVE.includes(replay.state)) return;
      if (!this.#turn(replay)) return;
    }
  }

  /** Sends the next events; false after the last one. */
  #turn(replay: Replay): boolean {
    const archive = this.#archives.require(replay.region, replay.archive);
    return this.#kernel.store.transaction(() => {
      let last = replay.last as ArchivedEvent | undefined;
      for (let count = 0; count < TURN_EVENTS; count++) {
        const next = this.#archives.next(archive, replay, last);
        if (!next) {
          this.#save({ ...replay, ...(last && { last }), state: 'COMPLETED', endedAt: this.#kernel.clock.now() });
          return false;
        }
        // Replayed events say so, and are not archived a second time.
        this.#router.replay(replay.region, replay.bus, { ...next.event, 'replay-name': replay.name }, replay.rules);
        last = next;
      }
      this.#save({ ...replay, state: 'RUNNING', last: { id: last!.id, at: last!.at } });
      return true;
    });
  }

  #save(replay: Replay): Replay {
    const { last } = replay;
    const kept = { ...replay, ...(last && { last: { id: last.id, at: last.at } }) };
    this.#replays.put(keyOf(replay), kept);
    return kept;
  }
}

const keyOf = ({ region, name }: Pick<Replay, 'region' | 'name'>): string => `${region}/${name}`;
