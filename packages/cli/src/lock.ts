// A state that somebody else holds: who, since when, and how to go on where the holder is gone.
import type { Context } from './context.ts';
import type { LockInfo } from './engine/diagnostics.ts';
import { UserError } from './errors.ts';

export class StateLocked extends UserError {
  /** Releases the lock; the holder has to be gone. */
  readonly release: () => Promise<unknown>;

  constructor(system: string, stack: string, lock: LockInfo, release: () => Promise<unknown>) {
    super(
      'state-locked',
      `The state of ${system}/${stack} is locked by ${lock.who} (${lock.operation}, since ${lock.created}).`,
      'If that run is still going, wait for it. If it is gone, release its lock:\n' +
        `  plinth state unlock ${system} ${stack} ${lock.id}`,
    );
    this.release = release;
  }
}

/** Runs `work`; where a lock is in its way and there is somebody to ask, offers to release it and runs it again. */
export async function offerUnlock<T>(work: () => Promise<T>, { ask }: Pick<Context, 'ask'>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StateLocked) || !ask) throw error;
    const answer = await ask(`\n${error.message}\nIf that run is gone, type 'release' to release its lock and go on: `);
    if (answer.trim() !== 'release') throw error;
    await error.release();
    return work();
  }
}
