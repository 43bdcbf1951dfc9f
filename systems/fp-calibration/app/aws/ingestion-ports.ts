// Ingestion as it is deployed: the tables, the secret, and what operators hear of it.
import { randomUUID } from 'node:crypto';

import { recordReview } from '../domain/breaker.ts';
import type { Ingested, IngestionPorts } from '../domain/ingestion.ts';
import { consentTable } from './consent-table.ts';
import { breakersOf, requestLimiter } from './counter-table.ts';
import { eventTable } from './event-table.ts';
import { saltSecret } from './salt-secret.ts';
import { breakerSettings } from './settings.ts';
import { logger, measure } from './telemetry.ts';

export const ingestionPorts: IngestionPorts = {
  consents: consentTable,
  salts: saltSecret,
  limiter: requestLimiter,
  events: eventTable,
  reviewed: tellBreaker,
  observer: {
    consentCheckFailed: (error) => {
      logger.error('The consent could not be read', { error });
      measure('consentCheckFailures', 1);
    },
    anonymizationFailed: (error) => {
      logger.error('There is no salt to anonymize with', { error });
      measure('anonymizationErrors', 1);
    },
    storeFailed: (error) => logger.error('The event could not be kept', { error }),
  },
  random: Math.random,
  newId: randomUUID,
};

/** Counts what became of events, and says in the log why one was refused. */
export function measureResults(results: readonly Ingested[]): void {
  for (const result of results) {
    if (result.status === 202) {
      measure('eventsStored', 1);
      continue;
    }
    logger.info('An event was refused', { status: result.status, code: result.error });
    if (result.status === 409) measure('eventsDuplicate', 1);
    else if (result.status === 429) measure('eventsThrottled', 1);
    else measure('eventsRefused', 1);
  }
}

// A breaker that cannot be reached must not keep an event from being recorded.
async function tellBreaker(...[keys, ruleId, falsePositive]: Parameters<IngestionPorts['reviewed']>): Promise<void> {
  const now = Date.now();
  try {
    const { tripped, warning } = await recordReview(breakersOf(ruleId, now), keys, breakerSettings(), {
      falsePositive,
      now,
    });
    if (tripped) {
      logger.warn('A breaker tripped by its false positives', { ruleId });
      measure('breakerTrips', 1);
    } else if (warning) measure('falsePositiveWarnings', 1);
  } catch (error) {
    logger.error('The breaker could not be told of a review', { ruleId, error });
    measure('breakerUnreadable', 1);
  }
}
