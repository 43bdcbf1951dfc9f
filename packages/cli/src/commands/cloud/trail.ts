// plinth cloud trail: who called what, on what, and what came of it.
import type { TrailLine } from '@plinth/cloud';

import { cloudStatus, requireCloud, streamCloud } from '../../cloud-process.ts';
import { command, type OptionValues } from '../../command.ts';
import { badDuration } from '../../errors.ts';
import { readDuration } from '../../moments.ts';

export const trail = command<readonly TrailLine[]>({
  summary: 'Show the calls that the cloud answered: when, who, what, on what, and whether it was allowed.',
  options: {
    since: { type: 'string', value: 'DURATION', summary: 'how far back, e.g. 15m, 2d (default: 1h)' },
    user: { type: 'string', value: 'NAME', summary: 'only calls of this user, role session or service' },
    event: { type: 'string', value: 'NAME', summary: 'only calls of this operation, e.g. DeleteTable' },
    errors: { type: 'boolean', summary: 'only calls that were refused' },
    data: { type: 'boolean', summary: 'calls about objects, items, messages and invocations instead' },
    follow: { type: 'boolean', short: 'f', summary: 'go on until Ctrl-C' },
  },
  examples: [
    ['plinth cloud trail', 'the last hour'],
    ['plinth cloud trail --follow --errors', 'whatever is refused from now on'],
    [
      'plinth cloud trail --event DeleteTable --since 7d --json',
      'who deleted tables this week, as CloudTrail records it',
    ],
  ],
  run: async ({ options }, context) => {
    const record = await requireCloud(context);
    const { now } = await cloudStatus(record);
    const query = new URLSearchParams({
      from: String(Date.parse(now) - sinceOf(options)),
      data: String(options['data'] === true),
      follow: String(options['follow'] === true),
    });
    const shown: TrailLine[] = [];
    for await (const line of streamCloud(record, `trail?${query.toString()}`, context.signal)) {
      const call = JSON.parse(line) as TrailLine;
      if (!wanted(call, options)) continue;
      if (options['follow'] === true) process.stdout.write(`${options['json'] === true ? line : lineOf(call)}\n`);
      else shown.push(call);
    }
    return shown;
  },
  render: (calls) => calls.map(lineOf).join('\n'),
});

function sinceOf({ since = '1h' }: OptionValues): number {
  const milliseconds = readDuration(String(since));
  if (milliseconds === undefined) throw badDuration(String(since));
  return milliseconds;
}

const wanted = ({ user, eventName, errorCode }: TrailLine, options: OptionValues): boolean =>
  (options['user'] === undefined || options['user'] === user) &&
  (options['event'] === undefined || options['event'] === eventName) &&
  (options['errors'] !== true || errorCode !== undefined);

/** `2027-01-31T12:00:00Z  builder  s3 PutObject  arn:aws:s3:::reports  AccessDenied`. */
const lineOf = ({ eventTime, user, eventSource, eventName, resources = [], errorCode }: TrailLine): string =>
  [
    eventTime,
    user.padEnd(20),
    `${eventSource.split('.')[0]} ${eventName}`.padEnd(36),
    resources.map(({ ARN, name }) => ARN ?? name).join(', ') || '-',
    errorCode ?? 'ok',
  ].join('  ');
