// AWS CloudTrail.
//
// Answers: a record of every call in CloudTrail's shape, looked up by who, what and when; "AWS API Call via CloudTrail" events
// for EventBridge; trails that deliver to S3, to CloudWatch Logs and to topics every five minutes on the cloud's clock, with
// digest files that `aws cloudtrail validate-logs` checks.
// Gaps: trails of organizations, insights, network activity events, event data stores (501 or a precise refusal).
// By design: calls are written down within a second, in batches; a killed cloud may lose the last ones. Calls about data
// (objects, items, messages, invocations) are kept apart, the last 20,000 of them, and are for `plinth cloud trail --data`.
// An hour in which no log file was delivered has no digest file.
// Client quirks: none.
import { Readable } from 'node:stream';

import { resourceTags } from '../../kernel/identity/context.ts';
import type { Kernel, Service } from '../../kernel/service.ts';
import { DigestKeys } from './digest-keys.ts';
import { cloudtrailOperations } from './operations.ts';
import type { TrailRecord } from './record.ts';
import { cloudtrailResource } from './resources.ts';
import { TrailDelivery } from './trail-delivery.ts';
import { trailOperations } from './trail-operations.ts';
import { Trail, type TrailEntry } from './trail.ts';
import { Trails } from './trails.ts';

/** A record as the `plinth` command gets it, one to a line. */
export interface TrailLine extends TrailRecord {
  readonly user: string;
}

/** Records in one answer to the `plinth` command. */
const MOST_SHOWN = 1_000;

export function cloudtrail(kernel: Kernel): Service {
  const trail = new Trail(kernel);
  const trails = new Trails(kernel.store);
  const keys = new DigestKeys(kernel.store);
  const delivery = new TrailDelivery(kernel, trail, trails, keys);
  return {
    name: 'cloudtrail',
    client: 'cloudtrail',
    operations: { ...cloudtrailOperations(trail), ...trailOperations(trail, trails, delivery, keys) },
    unsupported: {
      LookupEvents: ['EventCategory'],
      CreateTrail: ['RecursiveLogging'],
      UpdateTrail: ['RecursiveLogging'],
    },
    resources: [cloudtrailResource],
    describeResource: (arn, _action, { region }) => {
      const found = trails.find(region, arn);
      return found && { context: resourceTags(found.tags) };
    },
    questions: {
      /** Records since `from`, oldest first, one JSON document a line; with `follow` it goes on. */
      trail: async (query) => {
        await trail.flush();
        const data = query.get('data') === 'true';
        const past: string[] = [];
        for (const entry of trail.find({ data, from: Number(query.get('from') ?? 0), to: kernel.clock.now() })) {
          past.push(lineOf(entry));
          if (past.length === MOST_SHOWN) break;
        }
        const lines = new Readable({ read: () => {} });
        for (const line of past.toReversed()) lines.push(line);
        if (query.get('follow') !== 'true') {
          lines.push(null);
          return lines;
        }
        const stop = trail.kept.subscribe((entry) => {
          if (entry.record.managementEvent !== data) lines.push(lineOf(entry));
        });
        return lines.once('close', stop);
      },
    },
    start: () => delivery.start(),
    stop: async () => {
      await delivery.stop();
      await trail.stop();
    },
  };
}

function lineOf({ user, record }: TrailEntry): string {
  const line: TrailLine = { user, ...record };
  return `${JSON.stringify(line)}\n`;
}
