// plinth clock advance: lets time pass in the cloud.
import { cloudStatus, requireCloud } from '../../cloud-process.ts';
import { command } from '../../command.ts';
import { badDuration } from '../../errors.ts';
import { readDuration } from '../../moments.ts';
import { moveClock } from './move.ts';
import { renderClock, type ClockAnswer } from './show.ts';

export const advance = command<ClockAnswer>({
  summary:
    'Let time pass in the cloud: what would have happened on the way happens now, in order. There is no way back.',
  args: '<duration>',
  arity: [1, 1],
  examples: [
    ['plinth clock advance 31d', 'a month: what is due expires, rotates and is evaluated'],
    ['plinth clock advance 1h30m', 'units are w, d, h, m and s'],
  ],
  run: async ({ args: [text = ''] }, context) => {
    const duration = readDuration(text);
    if (duration === undefined) throw badDuration(text);
    const cloud = await requireCloud(context);
    const to = Date.parse((await cloudStatus(cloud)).now) + duration;
    return moveClock(cloud, to, context.signal);
  },
  render: renderClock,
});
