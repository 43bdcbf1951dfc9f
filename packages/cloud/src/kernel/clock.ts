// The cloud's time: the machine's, moved by whatever a person advanced it, with timers that follow the move.
import type { Store } from './store.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A move of the cloud's time: when it was on the machine's clock, and how far the cloud was ahead before. */
interface Move {
  readonly at: number;
  readonly offset: number;
}

/** How many moves are remembered, the latest ones. */
const REMEMBERED_MOVES = 1_000;

/** The longest delay that Node's own timers keep, in milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;

export class Clock {
  readonly #settings;
  readonly #timers = new Set<Timer>();
  readonly #moves: Move[] = [];
  #offset: number;
  #order = 0;
  #alarm: NodeJS.Timeout | undefined;

  constructor(store: Store) {
    this.#settings = store.collection<number>('kernel.clock');
    this.#offset = this.#settings.get('offset') ?? 0;
  }

  /** Milliseconds since the epoch, on the cloud's clock. */
  now(): number {
    return Date.now() + this.#offset;
  }

  /** What the cloud's time was when the machine's was `machineTime`, as far as this process remembers moves. */
  fromMachine(machineTime: number): number {
    const next = this.#moves.find(({ at }) => at > machineTime);
    return machineTime + (next?.offset ?? this.#offset);
  }

  /** Runs `run` once the cloud's time reaches `at` (milliseconds); the answer cancels it. Not durable: services re-arm at start. */
  at(at: number, run: () => void): () => void {
    const timer: Timer = { at, order: this.#order++, run };
    this.#timers.add(timer);
    this.#arm();
    return () => {
      this.#timers.delete(timer);
      this.#arm();
    };
  }

  /** Moves time forward by `milliseconds`; every timer on the way runs, in order, at its own moment. Time never goes back. */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError(`the clock only moves forward, not by ${milliseconds} ms`);
    const target = this.now() + milliseconds;
    for (let timer = this.#next(); timer && timer.at <= target; timer = this.#next()) {
      if (timer.at > this.now()) this.#move(timer.at - this.now());
      this.#timers.delete(timer);
      timer.run();
    }
    if (target > this.now()) this.#move(target - this.now());
    this.#arm();
  }

  stop(): void {
    this.#timers.clear();
    clearTimeout(this.#alarm);
  }

  #move(milliseconds: number): void {
    this.#moves.push({ at: Date.now(), offset: this.#offset });
    if (this.#moves.length > REMEMBERED_MOVES) this.#moves.shift();
    this.#offset += milliseconds;
    this.#settings.put('offset', this.#offset);
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }

  #arm(): void {
    clearTimeout(this.#alarm);
    const next = this.#next();
    if (!next) return;
    this.#alarm = setTimeout(() => this.advance(0), Math.min(Math.max(next.at - this.now(), 0), LONGEST_DELAY));
    this.#alarm.unref();
  }
}
