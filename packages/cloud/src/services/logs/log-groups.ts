// Log groups: their names, retention and tags. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs';

import { AwsError, notSupported } from '../../kernel/errors.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { groupExists, groupNotFound, invalidParameter } from './errors.ts';
import type { GroupKey } from './group-keys.ts';

export interface LogGroup {
  readonly name: string;
  readonly region: string;
  /** Milliseconds on the cloud's clock. */
  readonly createdAt: number;
  readonly class: LogGroupClass;
  /** Undefined keeps events for ever. */
  retentionDays?: number | undefined;
  deletionProtection: boolean;
  tags: Record<string, string>;
  /** The customers' keys that its events lie under, the earliest first; none where it never had one. */
  keys?: readonly GroupKey[];
}

/** The retentions that may be chosen, in days. */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export class LogGroups {
  readonly #groups: Collection<LogGroup>;

  constructor(store: Store) {
    this.#groups = store.collection<LogGroup>('logs.groups');
  }

  create(group: LogGroup): void {
    this.requireCreatable(group);
    this.save(group);
  }

  requireCreatable(group: LogGroup): void {
    if (!/^[\w./#-]{1,512}$/.test(group.name)) {
      throw invalidParameter(
        `1 validation error detected: Value '${group.name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
      );
    }
    if (group.class !== 'STANDARD' && group.class !== 'INFREQUENT_ACCESS') {
      throw notSupported(`logGroupClass ${group.class} is not supported here: STANDARD and INFREQUENT_ACCESS are.`);
    }
    if (this.find(group.region, group.name)) throw groupExists();
  }

  find(region: string, name: string): LogGroup | undefined {
    return this.#groups.get(key(region, name));
  }

  require(region: string, name: string): LogGroup {
    const group = this.find(region, name);
    if (!group) throw groupNotFound();
    return group;
  }

  /** Log groups of the class Infrequent Access have neither filters nor a live tail. */
  requireStandard(region: string, name: string): LogGroup {
    const group = this.require(region, name);
    if (group.class === 'STANDARD') return group;
    throw new AwsError(
      'InvalidOperationException',
      `The operation is not valid on the log group ${name}: its class is ${group.class}.`,
    );
  }

  save(group: LogGroup): void {
    this.#groups.put(key(group.region, group.name), group);
  }

  delete(region: string, name: string): void {
    this.#groups.delete(key(region, name));
  }

  list(region: string, prefix = '', after = ''): LogGroup[] {
    return this.#groups
      .list({ prefix: key(region, prefix), after: after === '' ? '' : key(region, after) })
      .map(({ value }) => value);
  }

  /** Every group that forgets, in any region. */
  withRetention(): LogGroup[] {
    return this.#groups.list().flatMap(({ value }) => (value.retentionDays === undefined ? [] : [value]));
  }
}

const key = (region: string, name: string): string => `${region}|${name}`;
