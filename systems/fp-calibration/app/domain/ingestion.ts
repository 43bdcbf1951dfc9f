// From an authenticated organization's events to anonymous rows: consent, rate, duplicates, anonymity, in this order.
import { INGESTION_CONSENT, LIMITS } from '../../contract.ts';
import { hashFinding, hashOrganization, keptWeek, type Salts } from './anonymize.ts';
import type { BreakerKeys } from './breaker.ts';
import { stateOf, type ConsentStore } from './consent.ts';
import type { Week } from './iso-week.ts';
import { unavailable, type Refusal } from './refusal.ts';

/** What the rule did to a change. */
export type RuleOutcome = 'block' | 'warn' | 'pass';

/** What a person found it to be; nobody has looked at what is pending. */
export type ReviewedOutcome = 'false_positive' | 'true_positive' | 'pending';

export interface ReportedEvent {
  readonly ruleId: string;
  readonly ruleVersion: string;
  /** What was found, in the organization's own words; never kept. */
  readonly finding: string;
  readonly outcome: RuleOutcome;
  readonly actualOutcome: ReviewedOutcome;
  /** 0 to 1. */
  readonly confidence: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly environment: string;
}

export interface AnonymousEvent {
  readonly id: string;
  readonly organizationHash: string;
  readonly saltEpoch: string;
  readonly ruleId: string;
  readonly ruleVersion: string;
  readonly findingKey: string;
  readonly outcome: RuleOutcome;
  readonly actualOutcome: ReviewedOutcome;
  /** In tenths: exactly, it would tell reports apart. */
  readonly confidence: number;
  readonly environment: string;
  readonly week: Week;
}

/** The finding under each salt that is still there: a duplicate is known by either. */
export interface DuplicateMarks {
  readonly findingKeys: readonly string[];
  /** Milliseconds: a mark that is older does not count. */
  readonly now: number;
}

export interface EventStore {
  /** Keeps the event and its marks together, or neither and says which event was first. */
  store(event: AnonymousEvent, marks: DuplicateMarks): Promise<{ readonly priorEventId?: string }>;
}

export interface SaltSource {
  load(): Promise<Salts>;
}

export interface RequestLimiter {
  /** Takes up to `wanted` of the hour's requests; how many there were left. */
  take(keys: BreakerKeys, wanted: number, now: number): Promise<number>;
}

export interface IngestionPorts {
  readonly consents: Pick<ConsentStore, 'find'>;
  readonly salts: SaltSource;
  readonly limiter: RequestLimiter;
  readonly events: EventStore;
  /** Tells the rule's breaker of a review. What goes wrong there is not ingestion's concern. */
  readonly reviewed: (keys: BreakerKeys, ruleId: string, falsePositive: boolean) => Promise<void>;
  readonly observer: IngestionObserver;
  readonly random: () => number;
  readonly newId: () => string;
}

/** Hears of what operators have to know. */
export interface IngestionObserver {
  consentCheckFailed(error: unknown): void;
  anonymizationFailed(error: unknown): void;
  storeFailed(error: unknown): void;
}

export type Ingested = { readonly status: 202; readonly eventId: string; readonly storedAt: string } | Refusal;

export interface IngestionCall {
  readonly organization: string;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What became of each event, in their order. Closed where it cannot see: no consent that it cannot read, no row without a salt. */
export async function ingest(
  ports: IngestionPorts,
  call: IngestionCall,
  events: readonly ReportedEvent[],
): Promise<Ingested[]> {
  const { organization, requestId, now } = call;
  const all = (refusal: Refusal): Refusal[] => events.map(() => refusal);
  const refused = await refusalFor(ports, call);
  if (refused) return all(refused);
  let salts: Salts;
  try {
    salts = await ports.salts.load();
  } catch (error) {
    ports.observer.anonymizationFailed(error);
    return all(unavailable(requestId));
  }
  const keys = keysOf(salts, organization);
  const results: Ingested[] = [];
  try {
    const granted = await ports.limiter.take(keys, events.length, now);
    for (const [index, event] of events.entries()) {
      results.push(index < granted ? await keep(ports, salts, call, event) : throttled(now));
    }
  } catch (error) {
    ports.observer.storeFailed(error);
  }
  for (const [index, { ruleId, actualOutcome }] of events.entries()) {
    if (results[index]?.status !== 202 || actualOutcome === 'pending') continue;
    await ports.reviewed(keys, ruleId, actualOutcome === 'false_positive');
  }
  // What was kept before the store failed is kept, and its sender told so.
  return events.map((_, index) => results[index] ?? unavailable(requestId));
}

/** The names of an organization where requests and blocks are counted: under each salt that is still there. */
export const keysOf = ({ current, previous }: Salts, organization: string): BreakerKeys => ({
  current: hashOrganization(current, organization),
  previous: previous && hashOrganization(previous, organization),
});

async function refusalFor(ports: IngestionPorts, call: IngestionCall): Promise<Refusal | undefined> {
  try {
    const { consent, suspended } = await ports.consents.find(call.organization);
    if (suspended) return { status: 403, error: 'ORGANIZATION_SUSPENDED' };
    const state = stateOf(consent, INGESTION_CONSENT, call.now);
    if (state === 'granted') return undefined;
    return { status: 403, error: 'CONSENT_REQUIRED', resource: INGESTION_CONSENT, state };
  } catch (error) {
    ports.observer.consentCheckFailed(error);
    return unavailable(call.requestId);
  }
}

async function keep(
  ports: IngestionPorts,
  { current, previous }: Salts,
  { organization, now }: IngestionCall,
  event: ReportedEvent,
): Promise<Ingested> {
  const { ruleId, ruleVersion, finding, outcome, actualOutcome, confidence, environment, timestamp } = event;
  const findingKey = hashFinding(current, organization, ruleId, finding);
  const anonymous: AnonymousEvent = {
    id: ports.newId(),
    organizationHash: hashOrganization(current, organization),
    saltEpoch: current.epoch,
    ruleId,
    ruleVersion,
    findingKey,
    outcome,
    actualOutcome,
    confidence: Math.round(confidence * 10) / 10,
    environment,
    week: keptWeek(timestamp, ports.random()),
  };
  const findingKeys = [findingKey, ...(previous ? [hashFinding(previous, organization, ruleId, finding)] : [])];
  const { priorEventId } = await ports.events.store(anonymous, { findingKeys, now });
  if (priorEventId !== undefined) return { status: 409, error: 'DUPLICATE', priorEventId };
  return { status: 202, eventId: anonymous.id, storedAt: new Date(now).toISOString() };
}

const HOUR = 3_600_000;

const throttled = (now: number): Refusal => ({
  status: 429,
  error: 'THROTTLED',
  limit: LIMITS.requestsPerHour,
  resetAt: new Date((Math.floor(now / HOUR) + 1) * HOUR).toISOString(),
});
