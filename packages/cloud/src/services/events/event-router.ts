// Where events come in, and which rules they meet.
import type { ServiceEvent } from '../../kernel/feed.ts';
import type { Kernel } from '../../kernel/service.ts';
import { eventContext } from './access.ts';
import type { Archives } from './archives.ts';
import { busName, DEFAULT_BUS, type Bus, type Buses } from './buses.ts';
import { Deliveries } from './deliveries.ts';
import { createEvent, type BusEvent } from './event.ts';
import type { Rule, Rules } from './rules.ts';
import { sessionOf, type Message } from './targets.ts';

/** What an event does not say of itself. */
interface Circumstances {
  /** It tells of a call that only read. */
  readonly read?: boolean;
  /** The X-Ray trace that it is part of. */
  readonly trace?: string | undefined;
}

/** Buses in a circle end here, as in AWS. */
const MOST_HOPS = 5;

export class EventRouter {
  readonly deliveries: Deliveries;
  readonly #kernel: Kernel;
  readonly #buses: Buses;
  readonly #rules: Rules;
  readonly #archives: Archives;
  /** How many buses an event has come through. */
  readonly #hops = new WeakMap<BusEvent, number>();

  constructor(kernel: Kernel, buses: Buses, rules: Rules, archives: Archives) {
    this.#kernel = kernel;
    this.#buses = buses;
    this.#rules = rules;
    this.#archives = archives;
    this.deliveries = new Deliveries(kernel, (message, event) => this.#forward(message, event));
  }

  /** Takes an event on at a bus: what it has to reach is durable when this returns. */
  accept(region: string, bus: string, event: BusEvent, { read = false, trace }: Circumstances = {}): void {
    const rules = this.#rules.matching(region, bus, event, read);
    const kept = !read && this.#archives.anyFor(region, bus);
    if (rules.length === 0 && !kept) return;
    this.#kernel.store.transaction(() => {
      if (kept) this.#archives.take(region, bus, event);
      for (const rule of rules) void this.deliveries.begin(rule, event, trace);
    });
  }

  /** Sends an event out of an archive to the rules with these ARNs, or to every rule of the bus. */
  replay(region: string, bus: string, event: BusEvent, ruleArns: readonly string[] | undefined): void {
    for (const rule of this.#rules.matching(region, bus, event)) {
      if (!ruleArns || ruleArns.includes(rule.arn)) void this.deliveries.begin(rule, event);
    }
  }

  /** What an AWS service sends to the default bus of its region. */
  acceptOwn(sent: ServiceEvent): void {
    // Most clouds have no rules, and every call comes by here.
    if (!this.#rules.anyFor(sent.region) && !this.#archives.anyFor(sent.region, DEFAULT_BUS)) return;
    const time = this.#kernel.clock.now();
    const event = createEvent({ ...sent, account: this.#kernel.account, time });
    this.accept(sent.region, DEFAULT_BUS, event, { read: sent.detail['readOnly'] === true });
  }

  /** A scheduled rule's moment; resolves once its targets were told. */
  fire(rule: Rule, moment: number): Promise<void> {
    const event = createEvent({
      source: 'aws.events',
      detailType: 'Scheduled Event',
      account: this.#kernel.account,
      region: rule.region,
      time: moment,
      resources: [rule.arn],
      detail: {},
    });
    return this.deliveries.begin(rule, event);
  }

  // An event keeps its region and account on its way from bus to bus.
  #forward(message: Message, event: BusEvent): void {
    const { target, sourceArn } = message;
    const [, , , region = ''] = target.Arn.split(':');
    const hops = (this.#hops.get(event) ?? 0) + 1;
    if (hops > MOST_HOPS) return;
    const bus = this.#buses.require(region, busName(target.Arn));
    if (target.RoleArn !== undefined) this.#authorize(message, bus, event);
    const copy = { ...event };
    this.#hops.set(copy, hops);
    this.#kernel.log('events.forwarded', { rule: sourceArn, bus: target.Arn });
    this.accept(region, bus.name, copy, { trace: message.trace });
  }

  #authorize(message: Message, { policy, region }: Bus, event: BusEvent): void {
    const { identity, account, clock, endpoint } = this.#kernel;
    const { principal } = sessionOf(this.#kernel, message);
    const context = eventContext(event.source, event['detail-type'], true);
    const access = { action: 'events:PutEvents', resource: message.target.Arn, resourcePolicy: policy, context };
    identity.authorize([access], {
      service: 'events',
      operation: 'PutEvents',
      region,
      account,
      principal,
      requestId: '',
      now: clock.now(),
      endpoint: endpoint(),
      headers: {},
      sourceArn: message.sourceArn,
    });
  }
}
