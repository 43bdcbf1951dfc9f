// The running copies of functions: reused while warm, started where all are busy, ended when nobody has needed them for a while.

import { AwsError } from '../../kernel/errors.ts';

/** Something that serves one event at a time. */
export interface Sandbox {
  /** Milliseconds on the cloud's clock, after which it is used no more. */
  readonly expiresAt: number;
  readonly alive: boolean;
  /** Ends it; resolves once it is gone. */
  end(): Promise<unknown>;
}

interface Group<T> {
  readonly idle: { readonly sandbox: T; readonly timer: NodeJS.Timeout }[];
  readonly waiting: (() => void)[];
  running: number;
}

/** How long a copy stays warm, in milliseconds of real time. */
const IDLE_MILLISECONDS = 5 * 60_000;

export class Pool<T extends Sandbox> {
  readonly #most: number;
  readonly #groups = new Map<string, Group<T>>();
  readonly #ending = new Set<Promise<unknown>>();
  readonly #all = new Set<T>();
  #closed = false;

  /** `most` copies of one key run at a time; who wants more waits. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Lends a copy that is good until `until` to `work`: a warm one, or one that `start` makes. */
  async use<R>(key: string, until: number, start: () => T, work: (sandbox: T) => Promise<R>): Promise<R> {
    const group = this.#group(key);
    while (group.running >= this.#most) await new Promise<void>((resolve) => group.waiting.push(resolve));
    if (this.#closed) throw new AwsError('ServiceException', 'The cloud is stopping.', { status: 500 });
    group.running++;
    try {
      const sandbox = this.#warm(group, until) ?? this.#start(start);
      try {
        return await work(sandbox);
      } finally {
        this.#giveBack(group, sandbox);
      }
    } finally {
      group.running--;
      group.waiting.shift()?.();
      if (group.running === 0 && group.idle.length === 0 && group.waiting.length === 0) this.#groups.delete(key);
    }
  }

  /** Ends the idle copies of every key that begins with `prefix`. */
  retire(prefix: string): void {
    for (const [key, group] of this.#groups) if (key.startsWith(prefix)) this.#clear(group);
  }

  /** Ends every copy, busy ones too. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const group of this.#groups.values()) {
      this.#clear(group);
      for (const wake of group.waiting.splice(0)) wake();
    }
    for (const sandbox of this.#all) this.#end(sandbox);
    await Promise.all(this.#ending);
  }

  #group(key: string): Group<T> {
    let group = this.#groups.get(key);
    if (!group) this.#groups.set(key, (group = { idle: [], waiting: [], running: 0 }));
    return group;
  }

  // The copy used last is the warmest.
  #warm(group: Group<T>, until: number): T | undefined {
    for (let idle = group.idle.pop(); idle; idle = group.idle.pop()) {
      clearTimeout(idle.timer);
      if (idle.sandbox.alive && idle.sandbox.expiresAt > until) return idle.sandbox;
      this.#end(idle.sandbox);
    }
    return undefined;
  }

  #start(start: () => T): T {
    const sandbox = start();
    this.#all.add(sandbox);
    return sandbox;
  }

  #giveBack(group: Group<T>, sandbox: T): void {
    if (this.#closed || !sandbox.alive) {
      this.#end(sandbox);
      return;
    }
    const timer = setTimeout(() => {
      group.idle.splice(
        group.idle.findIndex((idle) => idle.sandbox === sandbox),
        1,
      );
      this.#end(sandbox);
    }, IDLE_MILLISECONDS).unref();
    group.idle.push({ sandbox, timer });
  }

  #clear(group: Group<T>): void {
    for (const { sandbox, timer } of group.idle.splice(0)) {
      clearTimeout(timer);
      this.#end(sandbox);
    }
  }

  #end(sandbox: T): void {
    this.#all.delete(sandbox);
    const ended = sandbox.end().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}
