// The cloud's start, to its first answered request, and the memory that it holds when nothing happens.
import { performance } from 'node:perf_hooks';

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

import { residentMegabytes, startPlinth } from './peers.ts';
import { held } from './report.ts';

/** The first start fills Node's cache of compiled code. */
const STARTS = 3;

export async function benchStartup(): Promise<void> {
  console.log('\nstart-up');
  let best = Number.POSITIVE_INFINITY;
  let megabytes = Number.POSITIVE_INFINITY;
  for (let start = 0; start < STARTS; start++) {
    const begun = performance.now();
    const cloud = await startPlinth();
    const { endpoint, credentials } = cloud;
    await new STSClient({ endpoint, credentials, region: 'us-east-1' }).send(new GetCallerIdentityCommand({}));
    best = Math.min(best, performance.now() - begun);
    megabytes = Math.min(megabytes, residentMegabytes(cloud.pid));
    await cloud.stop();
  }
  held('cloud start to its first answer', best, 'ms', 500);
  held('idle memory', megabytes, 'MB', 120);
}
