// Rules: which events of a bus, or which moments, go to which targets.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html
import type { RuleState, Target } from '@aws-sdk/client-eventbridge';

import { compileEventPattern, EventPatternError, type EventTest } from '../../kernel/event-pattern.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { DEFAULT_BUS } from './buses.ts';
import { invalidPattern, ruleNotFound } from './errors.ts';

export interface Rule {
  readonly region: string;
  readonly bus: string;
  readonly name: string;
  readonly arn: string;
  readonly description?: string | undefined;
  /** JSON. */
  readonly pattern?: string | undefined;
  readonly schedule?: string | undefined;
  readonly state: RuleState;
  readonly roleArn?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds; where a rate begins. */
  readonly createdAt: number;
  readonly targets: readonly (Target & { readonly Id: string; readonly Arn: string })[];
}

/** Rules that see management calls which only read, as well. */
const WITH_READS: RuleState = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';

export class Rules {
  readonly #rules: Collection<Rule>;
  /** The rules of each bus, until one changes: every call that AWS would record asks for those of the default bus. */
  readonly #ofBus = new Map<string, { readonly rule: Rule; readonly test: EventTest }[]>();

  constructor(store: Store) {
    this.#rules = store.collection('events.rules');
  }

  find(region: string, bus: string, name: string): Rule | undefined {
    return this.#rules.get(key(region, bus, name));
  }

  require(region: string, bus: string, name: string): Rule {
    const rule = this.find(region, bus, name);
    if (!rule) throw ruleNotFound(name, bus);
    return rule;
  }

  save(rule: Rule): void {
    this.#rules.put(key(rule.region, rule.bus, rule.name), rule);
    this.#ofBus.clear();
  }

  delete({ region, bus, name }: Rule): void {
    this.#rules.delete(key(region, bus, name));
    this.#ofBus.clear();
  }

  list(region: string, bus: string): Rule[] {
    return this.#rules.list({ prefix: key(region, bus, '') }).map(({ value }) => value);
  }

  listAll(): Rule[] {
    return this.#rules.list().map(({ value }) => value);
  }

  /** The rules of a bus that want an event; `read` says that it tells of a call that only read. */
  matching(region: string, bus: string, event: object, read = false): Rule[] {
    return this.#compiled(region, bus)
      .filter(({ rule, test }) => (read ? rule.state === WITH_READS : rule.state !== 'DISABLED') && test(event))
      .map(({ rule }) => rule);
  }

  /** False where no rule of the bus could want any event. */
  anyFor(region: string, bus: string = DEFAULT_BUS): boolean {
    return this.#compiled(region, bus).length > 0;
  }

  #compiled(region: string, bus: string) {
    const id = key(region, bus, '');
    let compiled = this.#ofBus.get(id);
    if (!compiled) {
      compiled = this.list(region, bus).flatMap((rule) =>
        rule.pattern === undefined ? [] : [{ rule, test: compilePattern(rule.pattern) }],
      );
      this.#ofBus.set(id, compiled);
    }
    return compiled;
  }
}

/** Throws InvalidEventPatternException. */
export function compilePattern(pattern: string): EventTest {
  try {
    return compileEventPattern(pattern);
  } catch (error) {
    if (error instanceof EventPatternError) throw invalidPattern(error.message);
    throw error;
  }
}

const key = (region: string, bus: string, name: string): string => `${region}/${bus}/${name}`;
