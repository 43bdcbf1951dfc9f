// plinth cloud status
import { cloudFolder, cloudStatus, requireCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';
import { table } from '../../report.ts';

export const cloudStatusCommand = command({
  summary: "Show the cloud's address, services, memory, time, and what AWS would have counted.",
  examples: [['plinth cloud status --json', 'as data']],
  run: async (_invocation, context) => {
    const record = await requireCloud(context);
    return { endpoint: record.endpoint, pid: record.pid, folder: cloudFolder(context), ...(await cloudStatus(record)) };
  },
  render: (status) => {
    const requests = new Map<string, number>();
    for (const { service, amount } of status.usage) requests.set(service, (requests.get(service) ?? 0) + amount);
    return [
      `${status.endpoint} (process ${status.pid}, Plinth ${status.version})`,
      ...table([
        ['account', status.account],
        ['services', status.services.join(', ')],
        ['memory', `${Math.round(status.memoryBytes / 1e6)} MB`],
        ['its time', status.now],
        ['started', status.startedAt],
        ['state', status.folder],
      ]),
      ...(requests.size > 0
        ? ['Calls so far:', ...table([...requests].map(([service, count]) => [service, String(count)]))]
        : []),
    ].join('\n');
  },
});
