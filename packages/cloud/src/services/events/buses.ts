// Event buses: one called default in every region, and those that somebody made.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html
import type { Collection, Store } from '../../kernel/store.ts';
import { busExists, busNotFound, validation } from './errors.ts';

export interface Bus {
  readonly region: string;
  readonly name: string;
  readonly description?: string | undefined;
  /** The ARN of the queue for events that cannot be decrypted, of which there are none here. */
  readonly deadLetters?: string | undefined;
  /** JSON. */
  readonly policy?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds; undefined for the default one, which was always there. */
  readonly createdAt?: number;
  /** Undefined where nothing was changed since. */
  readonly modifiedAt?: number;
}

export const DEFAULT_BUS = 'default';

export class Buses {
  readonly #buses: Collection<Bus>;

  constructor(store: Store) {
    this.#buses = store.collection('events.buses');
  }

  find(region: string, nameOrArn: string = DEFAULT_BUS): Bus | undefined {
    // An ARN says by itself which region's it is.
    if (nameOrArn.startsWith('arn:') && nameOrArn.split(':')[3] !== region) return undefined;
    const name = busName(nameOrArn);
    const found = this.#buses.get(key(region, name));
    return found ?? (name === DEFAULT_BUS ? { region, name, tags: {} } : undefined);
  }

  require(region: string, nameOrArn: string = DEFAULT_BUS): Bus {
    const bus = this.find(region, nameOrArn);
    if (!bus) throw busNotFound(busName(nameOrArn));
    return bus;
  }

  create(bus: Bus): void {
    if (!/^[\w./-]{1,256}$/.test(bus.name) || bus.name.includes('/')) {
      throw validation(`${bus.name} is no name for an event bus.`);
    }
    if (this.find(bus.region, bus.name)) throw busExists(bus.name);
    this.save(bus);
  }

  save(bus: Bus): void {
    this.#buses.put(key(bus.region, bus.name), bus);
  }

  /** Deleting what is not there succeeds, as in AWS. */
  delete(region: string, name: string): void {
    if (name === DEFAULT_BUS) throw validation('Cannot delete event bus default.');
    this.#buses.delete(key(region, name));
  }

  list(region: string): Bus[] {
    const own = this.#buses.list({ prefix: `${region}/` }).map(({ value }) => value);
    return own.some(({ name }) => name === DEFAULT_BUS) ? own : [{ region, name: DEFAULT_BUS, tags: {} }, ...own];
  }
}

/** The name in an ARN, or the name itself. */
export const busName = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf(':event-bus/') + ':event-bus/'.length) : nameOrArn;

const key = (region: string, name: string): string => `${region}/${name}`;
