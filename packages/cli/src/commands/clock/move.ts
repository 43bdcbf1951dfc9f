// Moves the cloud's time, and lets go of it when the user does: the cloud goes on by itself.
import type { ProcessRecord } from '@plinth/cloud/daemon';

import { callCloud } from '../../cloud-process.ts';
import { interrupted, lateMoment } from '../../errors.ts';
import { clockAnswer, type ClockAnswer } from './show.ts';

/** What AWS's times, of four digits for the year, can say. */
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/** Moves time to a moment, in milliseconds. */
export async function moveClock(cloud: ProcessRecord, to: number, signal: AbortSignal): Promise<ClockAnswer> {
  if (to > LATEST) throw lateMoment();
  try {
    const { now } = await callCloud<{ now: string }>(cloud, 'POST', 'clock', { to }, signal);
    return clockAnswer(now);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw interrupted('Waiting', 'The cloud goes on moving its time. See where it is: plinth clock show');
  }
}
