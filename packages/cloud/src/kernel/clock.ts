// The cloud's time: the machine's, moved by whatever a person advanced it, with timers that follow the move.
import { isOutOfSpace } from './space.ts';
import type { Store } from './store.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: Run;
}

/** What a timer does; where it answers a promise, time waits for it while somebody moves the clock. */
export type Run = () => void | Promise<void>;

/** A move of the cloud's time: when it was on the machine's clock, and how far the cloud was ahead before. */
interface Move {
  readonly at: number;
  readonly offset: number;
}

/** How many moves are remembered, the latest ones. */
const REMEMBERED_MOVES = 1_000;

/** A move is written down in so many steps at most. */
const STEPS = 1_000;

/** How long moving time may keep everybody else from their turn, where it waits at all, in milliseconds. */
const TURN = 20;

/** How many generations of work that work has begun are waited for at one moment: what begins itself anew never ends. */
const MOST_GENERATIONS = 100;

/** How long a timer that is being waited for holds up others that fall due by the machine's clock, in milliseconds. */
const PATIENCE = 1_000;

/** When a timer that found a full disk runs again. Space is this machine's, and so is the time until there is some. */
const RETRY_MILLISECONDS = 1_000;

/** The longest delay that Node's own timers keep, in milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;

export class Clock {
  readonly #settings;
  readonly #timers = new Set<Timer>();
  /** Those that wait for space. */
  readonly #postponed = new Map<Timer, NodeJS.Timeout>();
  readonly #moves: Move[] = [];
  readonly #held = new Set<Promise<unknown>>();
  #offset: number;
  /** What is written down: while time moves, up to a step further than it has come, so that a killed cloud's time never goes back. */
  #kept: number;
  #furthest = 0;
  #breath = 0;
  #step = 0;
  #order = 0;
  #moment: number | undefined;
  #advancing: Promise<void> | undefined;
  #alarm: NodeJS.Timeout | undefined;

  constructor(store: Store) {
    this.#settings = store.collection<number>('kernel.clock');
    this.#offset = this.#kept = this.#settings.get('offset') ?? 0;
  }

  /** Milliseconds since the epoch, on the cloud's clock. */
  now(): number {
    return this.#moment ?? Date.now() + this.#offset;
  }

  /** What the cloud's time was when the machine's was `machineTime`, as far as this process remembers moves. */
  fromMachine(machineTime: number): number {
    const next = this.#moves.find(({ at }) => at > machineTime);
    return machineTime + (next?.offset ?? this.#offset);
  }

  /**
   * The time that a client keeps who says that it is `said`: the cloud's, the machine's, or what the cloud's would be without a
   * move that the client may not know of. Undefined where it is off from each of them by more than `slack` milliseconds.
   */
  keptBy(said: number, slack: number): number | undefined {
    const machineTime = Date.now();
    const off = (time: number) => Math.abs(time - said);
    const [nearest = machineTime] = [this.now(), machineTime].toSorted((left, right) => off(left) - off(right));
    if (off(nearest) <= slack) return nearest;
    return this.#moves.map(({ offset }) => machineTime + offset).findLast((time) => off(time) <= slack);
  }

  /** Runs `run` once the cloud's time reaches `at` (milliseconds); the answer cancels it. Not durable: services re-arm at start. */
  at(at: number, run: Run): () => void {
    const timer: Timer = { at, order: this.#order++, run };
    this.#timers.add(timer);
    this.#arm();
    return () => {
      this.#timers.delete(timer);
      clearTimeout(this.#postponed.get(timer));
      this.#postponed.delete(timer);
      this.#arm();
    };
  }

  /** Has time wait for work while somebody moves the clock: what a moment has begun is over before the next one comes. */
  hold(work: Promise<unknown>): void {
    this.#held.add(work);
    const over = () => void this.#held.delete(work);
    work.then(over, over);
  }

  /**
   * Moves time forward by `milliseconds`; every timer on the way runs, in order, at its own moment, and is done before the
   * next one runs; so is the work that it began and that holds the time. Timers that answer no promise, where nothing holds it,
   * have run when the call returns. Time never goes back.
   */
  async advance(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0)) throw new RangeError(`the clock only moves forward, not by ${milliseconds} ms`);
    // One move at a time: each goes on from where the one before it ended, well or not.
    while (this.#advancing) await this.#advancing.catch(() => {});
    this.#furthest = this.#offset + milliseconds;
    this.#step = milliseconds / STEPS;
    try {
      this.#advancing = this.#advanceTo(this.now() + milliseconds);
      // Only where there is something to wait for: see above.
      if (this.#advancing) await this.#advancing;
    } finally {
      this.#advancing = undefined;
      this.#keep(this.#offset);
    }
  }

  stop(): void {
    this.#timers.clear();
    for (const retry of this.#postponed.values()) clearTimeout(retry);
    this.#postponed.clear();
    clearTimeout(this.#alarm);
  }

  // Not an async function: without a timer to wait for, time has moved when it returns.
  #advanceTo(target: number): Promise<void> | undefined {
    const pending = this.#runUntil(target);
    return pending && this.#advanceAfter(pending, target);
  }

  /** Runs what is due up to `target`, until something has to be waited for: that is the answer. */
  #runUntil(target: number): Promise<void> | undefined {
    if (this.#held.size > 0) return Promise.resolve();
    for (let timer = this.#next(); timer && timer.at <= target; timer = this.#next()) {
      if (timer.at > this.now()) {
        this.#move(timer.at - this.now());
        if (this.#offset > this.#kept) this.#keep(Math.min(this.#offset + this.#step, this.#furthest));
      }
      this.#timers.delete(timer);
      const done = this.#runAt(timer);
      if (done || this.#held.size > 0) return done ?? Promise.resolve();
    }
    if (target > this.now()) this.#move(target - this.now());
    this.#arm();
    return undefined;
  }

  // A loop and no recursion: a move over years stops at a hundred thousand moments.
  async #advanceAfter(first: Promise<void>, target: number): Promise<void> {
    for (let pending: Promise<void> | undefined = first; pending; pending = this.#runUntil(target)) {
      await this.#settle(pending);
    }
  }

  async #settle(done: Promise<void>): Promise<void> {
    // A timer may itself wait for one that is due later; by the machine's clock that one comes.
    this.#arm(PATIENCE);
    try {
      await done;
      if (performance.now() - this.#breath > TURN) {
        await new Promise((resolve) => setImmediate(resolve));
        this.#breath = performance.now();
      }
      for (let generation = 0; this.#held.size > 0 && generation < MOST_GENERATIONS; generation++) {
        await Promise.allSettled(this.#held);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.#arm();
    }
    // What holds the time still has had its chance.
    this.#held.clear();
  }

  // Time stands still while a timer runs, until it has to wait itself.
  #runAt(timer: Timer): void | Promise<void> {
    this.#moment = this.now();
    try {
      return this.#run(timer);
    } finally {
      this.#moment = undefined;
    }
  }

  /** Runs a timer, which runs again where the disk was full: what it is to do is not lost, and who waits for it is told. */
  #run(timer: Timer): void | Promise<void> {
    const fail = (error: unknown): never => {
      if (isOutOfSpace(error)) this.#postpone(timer);
      throw error;
    };
    try {
      const done = timer.run();
      return done && done.catch(fail);
    } catch (error) {
      return fail(error);
    }
  }

  #postpone(timer: Timer): void {
    const retry = () => {
      this.#postponed.delete(timer);
      this.#timers.add(timer);
      this.#arm();
    };
    this.#postponed.set(timer, setTimeout(retry, RETRY_MILLISECONDS).unref());
  }

  #runDue(): void {
    for (let timer = this.#next(); timer && timer.at <= this.now(); timer = this.#next()) {
      this.#timers.delete(timer);
      try {
        this.#run(timer)?.catch(expectFull);
      } catch (error) {
        expectFull(error);
      }
    }
    this.#arm();
  }

  #move(milliseconds: number): void {
    this.#moves.push({ at: Date.now(), offset: this.#offset });
    if (this.#moves.length > REMEMBERED_MOVES) this.#moves.shift();
    this.#offset += milliseconds;
  }

  #keep(offset: number): void {
    if (offset === this.#kept) return;
    this.#settings.put('offset', offset);
    this.#kept = offset;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }

  #arm(soonest = 0): void {
    clearTimeout(this.#alarm);
    const next = this.#next();
    if (!next) return;
    const delay = Math.max(next.at - this.now(), soonest);
    this.#alarm = setTimeout(() => this.#runDue(), Math.min(delay, LONGEST_DELAY));
    this.#alarm.unref();
  }
}

/** Nobody waits here; anything but a full disk is a bug. */
function expectFull(error: unknown): void {
  if (!isOutOfSpace(error)) throw error;
}
