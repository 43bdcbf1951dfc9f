// The way out of a worker: written at once, so that what was said before a crash or an exit has arrived.
import { writeSync } from 'node:fs';

import { NEWS_DESCRIPTOR, type News } from '../messages.ts';

export function tell(news: News): void {
  const bytes = Buffer.from(`${JSON.stringify(news)}\n`);
  for (let written = 0; written < bytes.length;) written += writeSync(NEWS_DESCRIPTOR, bytes, written);
}
