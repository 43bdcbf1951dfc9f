// Schedules and their groups. https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html
import type { CreateScheduleCommandInput, Target } from '@aws-sdk/client-scheduler';

import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { conflict, groupNotFound, scheduleNotFound, validation } from './errors.ts';

export interface Schedule {
  readonly region: string;
  readonly group: string;
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  /** An IANA name. */
  readonly timeZone: string;
  readonly description?: string | undefined;
  readonly state: 'ENABLED' | 'DISABLED';
  /** Milliseconds; nothing is invoked before and after. */
  readonly startsAt?: number | undefined;
  readonly endsAt?: number | undefined;
  readonly window: NonNullable<CreateScheduleCommandInput['FlexibleTimeWindow']>;
  readonly target: Target & { readonly Arn: string; readonly RoleArn: string };
  readonly afterCompletion: 'NONE' | 'DELETE';
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Of the request that made it. */
  readonly clientToken?: string | undefined;
}

export interface Group {
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** Of the request that made it. */
  readonly clientToken?: string | undefined;
}

export const DEFAULT_GROUP = 'default';

type Place = Pick<Call, 'region' | 'account'>;

export const scheduleArn = ({ region, account }: Place, group: string, name: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`;

export const groupArn = ({ region, account }: Place, name: string): string =>
  `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`;

export class Schedules {
  readonly #schedules: Collection<Schedule>;
  readonly #groups: Collection<Group>;

  constructor(store: Store) {
    this.#schedules = store.collection('scheduler.schedules');
    this.#groups = store.collection('scheduler.groups');
  }

  find(region: string, group: string, name: string): Schedule | undefined {
    return this.#schedules.get(`${region}/${group}/${name}`);
  }

  require(region: string, group: string, name: string): Schedule {
    const schedule = this.find(region, group, name);
    if (!schedule) throw scheduleNotFound(name);
    return schedule;
  }

  save(schedule: Schedule): void {
    this.#schedules.put(`${schedule.region}/${schedule.group}/${schedule.name}`, schedule);
  }

  delete({ region, group, name }: Schedule): void {
    this.#schedules.delete(`${region}/${group}/${name}`);
  }

  list(region: string, group?: string): Schedule[] {
    const prefix = group === undefined ? `${region}/` : `${region}/${group}/`;
    return this.#schedules.list({ prefix }).map(({ value }) => value);
  }

  listAll(): Schedule[] {
    return this.#schedules.list().map(({ value }) => value);
  }

  /** The group called default is always there. */
  findGroup(place: Place, name: string): Group | undefined {
    const found = this.#groups.get(`${place.region}/${name}`);
    if (found || name !== DEFAULT_GROUP) return found;
    return { region: place.region, name, arn: groupArn(place, name), tags: {}, createdAt: 0 };
  }

  requireGroup(place: Place, name: string): Group {
    const group = this.findGroup(place, name);
    if (!group) throw groupNotFound(name);
    return group;
  }

  createGroup(place: Place, group: Group): void {
    if (!/^[\w.-]{1,64}$/.test(group.name)) throw validation(`${group.name} is no name for a schedule group.`);
    const found = this.findGroup(place, group.name);
    // A request that was sent again, because its answer was lost.
    if (found && group.clientToken !== undefined && found.clientToken === group.clientToken) return;
    if (found) throw conflict(`Schedule group ${group.name} already exists.`);
    this.saveGroup(group);
  }

  saveGroup(group: Group): void {
    this.#groups.put(`${group.region}/${group.name}`, group);
  }

  deleteGroup({ region, name }: Group): void {
    if (name === DEFAULT_GROUP) throw validation('The default schedule group cannot be deleted.');
    this.#groups.delete(`${region}/${name}`);
  }

  listGroups(place: Place): Group[] {
    const own = this.#groups.list({ prefix: `${place.region}/` }).map(({ value }) => value);
    return own.some(({ name }) => name === DEFAULT_GROUP) ? own : [this.requireGroup(place, DEFAULT_GROUP), ...own];
  }
}
