// plinth clock set: moves the cloud's time to a moment to come.
import { cloudStatus, requireCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';
import { badMoment, pastMoment } from '../../errors.ts';
import { readMoment } from '../../moments.ts';
import { moveClock } from './move.ts';
import { renderClock, type ClockAnswer } from './show.ts';

export const set = command<ClockAnswer>({
  summary: "Move the cloud's time forward to a moment. There is no way back.",
  args: '<time>',
  arity: [1, 1],
  examples: [
    ['plinth clock set 2027-01-01', 'midnight, UTC'],
    ['plinth clock set 2027-01-01T09:00+01:00', 'with a zone'],
  ],
  run: async ({ args: [text = ''] }, context) => {
    const to = readMoment(text);
    if (to === undefined) throw badMoment(text);
    const cloud = await requireCloud(context);
    const { now } = await cloudStatus(cloud);
    if (to < Date.parse(now)) throw pastMoment(text, now);
    return moveClock(cloud, to, context.signal);
  },
  render: renderClock,
});
