// Retention: once a day on the cloud's clock, groups forget what is older than they keep.
import type { Clock } from '../../kernel/clock.ts';
import type { LogEvents } from './log-events.ts';
import type { LogGroups } from './log-groups.ts';

export const DAY_MILLISECONDS = 86_400_000;

/** Begins to forget; the answer ends it. */
export function startRetention(groups: LogGroups, events: LogEvents, clock: Clock): () => void {
  let cancel = () => {};
  const run = () => {
    for (const group of groups.withRetention())
      events.expire(group, clock.now() - group.retentionDays! * DAY_MILLISECONDS);
    cancel = clock.at(clock.now() + DAY_MILLISECONDS, run);
  };
  run();
  return () => cancel();
}
