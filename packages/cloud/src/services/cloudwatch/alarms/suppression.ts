// When a composite alarm holds its actions back for its suppressor, and when it acts after all.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
import type { AlarmState, CompositeAlarm, StateSnapshot, Suppression } from './alarm.ts';

/** What becomes of a suppression; `act` is the state that was left, where the alarm acts now. */
export interface Next {
  readonly suppression: Suppression | undefined;
  readonly act: StateSnapshot | undefined;
}

/** The alarm has come to a new state. */
export function onState(
  alarm: CompositeAlarm,
  left: StateSnapshot,
  suppressorState: AlarmState | undefined,
  now: number,
): Next {
  const { suppressor, suppression, state } = alarm;
  if (!suppressor) return acts(left);
  if (suppressorState === 'ALARM') return { suppression: byAlarm(suppressor.alarm, left), act: undefined };
  // An extension goes on, whatever the alarm does meanwhile.
  if (suppression?.by === 'ExtensionPeriod') return { suppression: { ...suppression, left }, act: undefined };
  if (state !== 'ALARM' || suppressor.waitSeconds === 0) return acts(left);
  const until = now + suppressor.waitSeconds * 1_000;
  const reason = `Waiting ${suppressor.waitSeconds} seconds for ${suppressor.alarm} to go into ALARM`;
  return { suppression: { by: 'WaitPeriod', reason, until, left }, act: undefined };
}

/** The suppressor has come to a new state. */
export function onSuppressor({ suppressor, suppression }: CompositeAlarm, state: AlarmState, now: number): Next {
  if (!suppressor || !suppression) return { suppression, act: undefined };
  if (state === 'ALARM') return { suppression: byAlarm(suppressor.alarm, suppression.left), act: undefined };
  if (suppression.by !== 'Alarm') return { suppression, act: undefined };
  if (suppressor.extensionSeconds === 0) return acts(suppression.left);
  const until = now + suppressor.extensionSeconds * 1_000;
  const reason = `Waiting ${suppressor.extensionSeconds} seconds after ${suppressor.alarm} went out of ALARM`;
  return { suppression: { ...suppression, by: 'ExtensionPeriod', reason, until }, act: undefined };
}

/** The wait, or the extension, is over. */
export const expire = ({ suppression }: CompositeAlarm): Next =>
  suppression ? acts(suppression.left) : { suppression: undefined, act: undefined };

const acts = (left: StateSnapshot): Next => ({ suppression: undefined, act: left });

const byAlarm = (suppressor: string, left: StateSnapshot): Suppression => ({
  by: 'Alarm',
  reason: `${suppressor} is in ALARM`,
  until: undefined,
  left,
});
