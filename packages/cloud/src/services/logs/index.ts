// Amazon CloudWatch Logs.
//
// Answers: groups, streams, put, get and filter with AWS's pattern syntax, retention on the cloud's clock, tags.
// Gaps: Insights, live tail, subscription and metric filters, KMS keys, exports (501 or a precise refusal).
// By design: retention deletes once a day, as AWS does within hours of an event's expiry.
// Client quirks: sequence tokens are answered and never checked, as AWS does since 2023.
import type { Kernel, Service } from '../../kernel/service.ts';
import { LogEvents } from './log-events.ts';
import { LogGroups } from './log-groups.ts';
import { logsOperations } from './operations.ts';
import { logsResources } from './resources.ts';
import { startRetention } from './retention.ts';

export function logs({ store, clock, account }: Kernel): Service {
  const groups = new LogGroups(store);
  const events = new LogEvents(store);
  let stop = () => {};
  return {
    name: 'logs',
    client: 'cloudwatch-logs',
    operations: logsOperations(groups, events, account),
    resources: logsResources,
    start: () => {
      stop = startRetention(groups, events, clock);
    },
    stop: () => stop(),
  };
}
