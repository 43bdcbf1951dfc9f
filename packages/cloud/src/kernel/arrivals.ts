// Something to be consumed has come to a queue or a stream: told to its consumers, for whom time waits while somebody moves it.
import type { Kernel } from './service.ts';

/** The answer is done when everybody is who does something about it; undefined where nobody does. */
export function publishArrival({ arrivals }: Pick<Kernel, 'arrivals'>, sourceArn: string): Promise<void> | undefined {
  if (!arrivals.listened) return undefined;
  const work: Promise<unknown>[] = [];
  arrivals.publish({ sourceArn, waitFor: (promise) => void work.push(promise) });
  return work.length > 0 ? Promise.all(work).then(() => {}) : undefined;
}
