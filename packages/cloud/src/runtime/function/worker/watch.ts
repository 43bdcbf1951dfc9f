// A thread beside a function's own: ends the process once it takes more memory than it has, or the cloud is gone. The
// function's thread may be busy for ever and would notice neither.
import { workerData } from 'node:worker_threads';

const { parent, memoryBytes } = workerData as { readonly parent: number; readonly memoryBytes: number };

const INTERVAL_MILLISECONDS = 50;

setInterval(() => {
  if (process.ppid !== parent || process.memoryUsage.rss() > memoryBytes) process.kill(process.pid, 'SIGKILL');
}, INTERVAL_MILLISECONDS);
