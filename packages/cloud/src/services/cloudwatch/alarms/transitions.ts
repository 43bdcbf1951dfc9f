// An alarm comes to a new state: written down, told to EventBridge and to the composite alarms that watch it, and acted upon.
import type { Kernel } from '../../../kernel/service.ts';
import type { Actions } from './actions.ts';
import {
  alarmKey,
  alarmName,
  snapshotOf,
  type Alarm,
  type AlarmState,
  type CompositeAlarm,
  type StateSnapshot,
} from './alarm.ts';
import type { Alarms } from './alarms.ts';
import { holds, parseRule } from './composite-rule.ts';
import type { AlarmHistory } from './history.ts';
import { stateChangeDetail } from './notification.ts';
import { awsDate } from './reason.ts';
import { expire, onState, onSuppressor } from './suppression.ts';

export interface NewState {
  readonly state: AlarmState;
  readonly reason: string;
  /** A JSON text. */
  readonly data: string | undefined;
}

interface Parts {
  readonly kernel: Kernel;
  readonly alarms: Alarms;
  readonly history: AlarmHistory;
  readonly actions: Actions;
}

/** What is left to do once the states are written down: the actions. */
type Work = (() => Promise<void>)[];

export class Transitions {
  readonly #parts: Parts;
  readonly #timers = new Map<string, () => void>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Re-arms the ends of suppressions. */
  start(): void {
    for (const alarm of this.#parts.alarms.list()) if (alarm.kind === 'composite') this.#arm(alarm);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  /** Brings an alarm to a state; resolves once its actions, and those of whoever watches it, are carried out. */
  change(alarm: Alarm, next: NewState): Promise<void> | undefined {
    return this.#run((work) => this.#change(alarm, next, work, []));
  }

  /** Judges a composite alarm anew, its rule and its suppressor. */
  reconsider(alarm: CompositeAlarm): Promise<void> | undefined {
    return this.#run((work) => this.#evaluate(alarm, undefined, work, []));
  }

  /** To be called once an alarm is gone. */
  forget(alarm: Alarm): void {
    this.#timers.get(alarmKey(alarm))?.();
    this.#timers.delete(alarmKey(alarm));
  }

  #run(change: (work: Work) => void): Promise<void> | undefined {
    const work: Work = [];
    this.#parts.kernel.store.transaction(() => change(work));
    return work.length === 0 ? undefined : Promise.all(work.map((act) => act())).then(() => {});
  }

  #change(before: Alarm, { state, reason, data }: NewState, work: Work, path: readonly string[]): void {
    const { kernel, alarms, history } = this.#parts;
    const now = kernel.clock.now();
    const left = snapshotOf(before);
    const changed: Alarm = {
      ...before,
      state,
      stateReason: reason,
      stateData: data,
      stateUpdatedAt: now,
      transitionedAt: state === before.state ? before.transitionedAt : now,
    };
    alarms.save(changed);
    if (state === before.state) return;
    const text = (snapshot: StateSnapshot) => ({
      stateValue: snapshot.state,
      stateReason: snapshot.stateReason,
      ...(snapshot.stateData !== undefined && { stateReasonData: JSON.parse(snapshot.stateData) as unknown }),
    });
    history.add(changed, 'StateUpdate', `Alarm updated from ${before.state} to ${state}`, {
      oldState: text(left),
      newState: text(snapshotOf(changed)),
    });
    kernel.events.publish({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      region: changed.region,
      resources: [changed.arn],
      detail: stateChangeDetail(changed, left),
    });
    if (changed.kind === 'metric') this.#act(changed, left, work);
    else this.#suppress(changed, onState(changed, left, this.#suppressorState(changed), now), work);
    this.#tellParents(changed, work, [...path, alarmKey(changed)]);
  }

  // AWS stops at an alarm that watches itself through others.
  #tellParents(child: Alarm, work: Work, path: readonly string[]): void {
    const { alarms, kernel } = this.#parts;
    for (const { region, name } of alarms.parentsOf(child)) {
      const parent = alarms.find(region, name);
      if (parent?.kind !== 'composite' || path.includes(alarmKey(parent))) continue;
      const { suppressor } = parent;
      const current =
        suppressor && alarmName(suppressor.alarm) === child.name
          ? this.#suppress(parent, onSuppressor(parent, child.state, kernel.clock.now()), work)
          : parent;
      this.#evaluate(current, child, work, path);
    }
  }

  #evaluate(alarm: CompositeAlarm, child: Alarm | undefined, work: Work, path: readonly string[]): void {
    const { alarms } = this.#parts;
    const rule = parseRule(alarm.rule);
    const state = holds(rule, (name) => alarms.find(alarm.region, name)?.state) ? 'ALARM' : 'OK';
    if (state === alarm.state) return;
    const reason = child
      ? `${child.arn} transitioned to ${child.state} at ${longDate(child.stateUpdatedAt)}`
      : `${alarm.arn} was created and its alarm rule evaluates to ${state}`;
    const data = child && {
      triggeringAlarms: [{ arn: child.arn, state: { value: child.state, timestamp: awsDate(child.stateUpdatedAt) } }],
    };
    this.#change(alarm, { state, reason, data: data && JSON.stringify(data) }, work, path);
  }

  #suppressorState({ region, suppressor }: CompositeAlarm): AlarmState | undefined {
    return suppressor && this.#parts.alarms.find(region, suppressor.alarm)?.state;
  }

  /** Keeps what becomes of a suppression; without one any more, the alarm acts. */
  #suppress(alarm: CompositeAlarm, next: ReturnType<typeof onState>, work: Work): CompositeAlarm {
    const { suppression, act } = next;
    const changed = { ...alarm, suppression };
    this.#parts.alarms.save(changed);
    this.#arm(changed);
    if (act) this.#act(changed, act, work);
    return changed;
  }

  #arm(alarm: CompositeAlarm): void {
    this.forget(alarm);
    const until = alarm.suppression?.until;
    if (until === undefined) return;
    const { clock } = this.#parts.kernel;
    this.#timers.set(
      alarmKey(alarm),
      clock.at(until, () => {
        const current = this.#parts.alarms.find(alarm.region, alarm.name);
        if (current?.kind !== 'composite') return undefined;
        return this.#run((work) => void this.#suppress(current, expire(current), work));
      }),
    );
  }

  #act(alarm: Alarm, left: StateSnapshot, work: Work): void {
    const act = alarm.actionsEnabled ? this.#parts.actions.begin(alarm, left) : undefined;
    if (act) work.push(act);
  }
}

/** `Saturday 21 November, 2026 07:20:00 UTC`. */
function longDate(at: number): string {
  const date = new Date(at);
  const part = (options: Intl.DateTimeFormatOptions) =>
    date.toLocaleDateString('en-GB', { timeZone: 'UTC', ...options });
  const day = part({ weekday: 'long' });
  const month = part({ month: 'long' });
  return `${day} ${String(date.getUTCDate()).padStart(2, '0')} ${month}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
}
