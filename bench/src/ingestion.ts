// The service of `fp-calibration` end to end: events that organizations send to its function's URL, and that it keeps.
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import type { Credentials } from '../../systems/fp-calibration/client.ts';
import { DeployedSystem } from '../../systems/fp-calibration/testing/deployed-system.ts';
import { compare } from './report.ts';

/** Each sends one request after the other. */
const ORGANIZATIONS = 20;
const SECONDS = 10;

/** Events of one request, one and as many as the service takes. */
const SIZES = [1, 25];

export async function benchIngestion(): Promise<void> {
  const system = await DeployedSystem.start();
  try {
    for (const size of SIZES) {
      const names = Array.from({ length: ORGANIZATIONS }, (_, index) => `bench${index}-${size}`);
      const credentials = [...(await system.organizations(names)).values()];
      const now = system.now();
      const times: number[] = [];
      let kept = 0;
      const begun = performance.now();
      const sender = async (sending: Credentials) => {
        while (performance.now() - begun < SECONDS * 1_000) {
          const at = performance.now();
          const events = Array.from({ length: size }, () => ({ ruleId: 'R-BENCH', finding: randomUUID() }));
          const { status, body } = await system.reportAll(sending, events, now);
          // An organization may send a thousand events in an hour; whoever has sent them is done.
          if (status === 429) return;
          times.push(performance.now() - at);
          kept +=
            status === 202
              ? size
              : (body.results ?? []).filter((each: { status: number }) => each.status === 202).length;
        }
      };
      await Promise.all(credentials.map(sender));
      const seconds = (performance.now() - begun) / 1_000;
      times.sort((a, b) => a - b);
      const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
      const measured = { perSecond: kept / seconds, p50: at(0.5), p99: at(0.99) };
      compare('ingestion', new Map([[`${size} in a request`, { plinth: measured }]]));
    }
  } finally {
    system.stop();
  }
}
