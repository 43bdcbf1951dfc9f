// plinth clock show: what time it is in the cloud.
import { cloudStatus, requireCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';
import { writeDuration } from '../../moments.ts';

export interface ClockAnswer {
  /** The cloud's time, ISO 8601. */
  readonly now: string;
  /** How far it is ahead of the machine's, in milliseconds. */
  readonly aheadMilliseconds: number;
}

export const show = command<ClockAnswer>({
  summary: "Show the cloud's time, and how far it is ahead of the machine's.",
  examples: [['plinth clock show --json', 'as data']],
  run: async (_invocation, context) => clockAnswer((await cloudStatus(await requireCloud(context))).now),
  render: renderClock,
});

export const clockAnswer = (now: string): ClockAnswer => ({
  now,
  // What the question itself took is no lead.
  aheadMilliseconds: Math.max(0, Math.round((Date.parse(now) - Date.now()) / 1_000) * 1_000),
});

export function renderClock({ now, aheadMilliseconds: ahead }: ClockAnswer): string {
  return ahead === 0 ? `${now}, the machine's time` : `${now}, ${writeDuration(ahead)} ahead of the machine`;
}
