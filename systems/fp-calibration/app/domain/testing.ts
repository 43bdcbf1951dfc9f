// Stores in memory for the domain's tests: each operation is a turn of its own, and conditions hold as DynamoDB's do.
import { createHash } from 'node:crypto';

import type { Salts } from './anonymize.ts';
import { readSalt } from './anonymize.ts';
import type { Breaker, BreakerKeys, BreakerStore } from './breaker.ts';
import type { CalibrationStore } from './calibration.ts';
import type { Report } from './cells.ts';
import type { Consent, ConsentHistory, ConsentStore } from './consent.ts';
import type { Atom, Decisions, FreezingStore } from './freezing.ts';
import type { AnonymousEvent, DuplicateMarks, EventStore, RequestLimiter } from './ingestion.ts';

export const saltText = (name: string): string =>
  JSON.stringify({
    salt: createHash('sha256').update(name).digest('hex'),
    epoch: name,
    rotatedAt: '2026-01-01T00:00:00.000Z',
  });

export const saltsOf = (current: string, previous?: string): Salts => ({
  current: readSalt(saltText(current)),
  previous: previous === undefined ? undefined : readSalt(saltText(previous)),
});

/** Reports of one rule as rows, and what has been published and decided of them. */
export class MemoryCalibration implements FreezingStore, CalibrationStore {
  readonly rows = new Map<string, Report[]>();
  readonly atoms: Atom[] = [];
  readonly calls: string[] = [];
  readonly #decisions = new Map<string, Decisions>();

  add(ruleId: string, ...reports: readonly Report[]): void {
    this.rows.set(ruleId, [...(this.rows.get(ruleId) ?? []), ...reports]);
  }

  rules(): Promise<readonly string[]> {
    return Promise.resolve([...this.rows.keys()]);
  }

  reports(ruleId: string, firstWeek: string, lastWeek: string): Promise<readonly Report[]> {
    const rows = this.rows.get(ruleId) ?? [];
    return Promise.resolve(rows.filter(({ week }) => week >= firstWeek && week <= lastWeek));
  }

  decisions(ruleId: string, epoch: string, block: string): Promise<Decisions | undefined> {
    return Promise.resolve(this.#decisions.get([ruleId, epoch, block].join()));
  }

  decide(decisions: Decisions, atoms: readonly Atom[]): Promise<boolean> {
    const key = [decisions.ruleId, decisions.epoch, decisions.block].join();
    if ((this.#decisions.get(key)?.version ?? 0) !== decisions.version - 1) return Promise.resolve(false);
    this.#decisions.set(key, decisions);
    this.atoms.push(...atoms);
    return Promise.resolve(true);
  }

  ofRule(ruleId: string, firstWeek: string, lastWeek: string): Promise<readonly Atom[]> {
    this.calls.push(`one rule from ${firstWeek} to ${lastWeek}`);
    return Promise.resolve(
      this.atoms.filter((atom) => atom.ruleId === ruleId && atom.lastWeek >= firstWeek && atom.lastWeek <= lastWeek),
    );
  }

  ofAllRules(firstWeek: string, lastWeek: string): Promise<readonly Atom[]> {
    return Promise.resolve(this.atoms.filter((atom) => atom.lastWeek >= firstWeek && atom.lastWeek <= lastWeek));
  }
}

export class MemoryBreakers implements BreakerStore {
  readonly breakers = new Map<string, Breaker>();
  readonly buckets = new Map<string, number>();
  /** Waits before each operation, so that a test may order them. */
  readonly #turn: () => Promise<unknown>;

  constructor(turn: () => Promise<unknown> = () => Promise.resolve()) {
    this.#turn = turn;
  }

  async find(key: string): Promise<Breaker | undefined> {
    await this.#turn();
    return this.breakers.get(key);
  }

  async save(key: string, breaker: Breaker): Promise<boolean> {
    await this.#turn();
    if ((this.breakers.get(key)?.version ?? 0) !== breaker.version - 1) return false;
    this.breakers.set(key, breaker);
    return true;
  }

  async count(key: string, hour: number): Promise<number> {
    await this.#turn();
    const bucket = `${key} ${hour}`;
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1);
    return this.buckets.get(bucket) ?? 0;
  }

  async read(key: string, hour: number): Promise<number> {
    await this.#turn();
    return this.buckets.get(`${key} ${hour}`) ?? 0;
  }
}

export class MemoryConsents implements ConsentStore {
  readonly consents = new Map<string, Consent>();
  readonly histories = new Map<string, ConsentHistory>();
  readonly suspended = new Set<string>();

  find(organization: string): Promise<{ consent: Consent | undefined; suspended: boolean }> {
    return Promise.resolve({
      consent: this.consents.get(organization),
      suspended: this.suspended.has(organization),
    });
  }

  history(organization: string): Promise<ConsentHistory> {
    return Promise.resolve(this.histories.get(organization) ?? { entries: [], version: 0 });
  }

  save(consent: Consent, history: ConsentHistory, found: number): Promise<boolean> {
    if ((this.histories.get(consent.orgId)?.version ?? 0) !== found) return Promise.resolve(false);
    this.consents.set(consent.orgId, consent);
    this.histories.set(consent.orgId, history);
    return Promise.resolve(true);
  }
}

export class MemoryEvents implements EventStore {
  readonly events: AnonymousEvent[] = [];
  readonly #marks = new Map<string, { eventId: string; until: number }>();

  store(event: AnonymousEvent, { findingKeys, now }: DuplicateMarks): Promise<{ priorEventId?: string }> {
    const mark = findingKeys.map((key) => this.#marks.get(key)).find((each) => each && each.until > now);
    if (mark) return Promise.resolve({ priorEventId: mark.eventId });
    for (const key of findingKeys) this.#marks.set(key, { eventId: event.id, until: now + 24 * 3_600_000 });
    this.events.push(event);
    return Promise.resolve({});
  }
}

export class MemoryLimiter implements RequestLimiter {
  readonly taken = new Map<string, number>();
  readonly #limit: number;

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  take({ current, previous }: BreakerKeys, wanted: number, now: number): Promise<number> {
    const bucket = (key: string | undefined) => `${key} ${Math.floor(now / 3_600_000)}`;
    const used = (this.taken.get(bucket(current)) ?? 0) + (this.taken.get(bucket(previous)) ?? 0);
    const granted = Math.max(0, Math.min(wanted, this.#limit - used));
    this.taken.set(bucket(current), (this.taken.get(bucket(current)) ?? 0) + granted);
    return Promise.resolve(granted);
  }
}
