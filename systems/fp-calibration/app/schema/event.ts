// An event as organizations send it. Nothing else is taken, least of all who it is from.
import * as z from 'zod/mini';

import { LIMITS } from '../../contract.ts';
import type { ReportedEvent } from '../domain/ingestion.ts';
import { isClosed, weekOf } from '../domain/iso-week.ts';
import { check, invalid, type Checked } from './check.ts';

/** Of the rules that the tool has: `R-SECRETS-01`, `MD-001`. */
export const ruleIdSchema = z.string().check(z.regex(/^(R-[A-Z0-9-]+|MD-\d{3})$/), z.maxLength(64));

export const ruleVersionSchema = z.string().check(z.regex(/^\w[\w.+-]{0,31}$/));

const eventSchema = z.strictObject({
  ruleId: ruleIdSchema,
  ruleVersion: ruleVersionSchema,
  finding: z.string().check(z.minLength(1), z.maxLength(1_024)),
  outcome: z.enum(['block', 'warn', 'pass']),
  actualOutcome: z.enum(['false_positive', 'true_positive', 'pending']),
  confidence: z.number().check(z.gte(0), z.lte(1)),
  timestamp: z.iso.datetime({ offset: true }),
  environment: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/)),
});

export const EXPECTED = {
  ruleId: 'R- and capitals, digits and dashes, or MD- and three digits',
  ruleVersion: 'a version of up to 32 letters, digits, dots, dashes and plus signs',
  finding: '1 to 1024 characters',
  outcome: 'block, warn or pass',
  actualOutcome: 'false_positive, true_positive or pending',
  confidence: 'a number from 0 to 1',
  timestamp: 'an ISO 8601 time with its offset, in a week that is not closed, and not in the future',
  environment: 'a name of up to 32 small letters, digits and dashes',
} as const;

export function checkEvent(value: unknown, now: number): Checked<ReportedEvent> {
  const checked = check(eventSchema, value, EXPECTED);
  if (checked.value === undefined) return checked;
  const timestamp = Date.parse(checked.value.timestamp);
  const late = timestamp > now + LIMITS.clockSkewSeconds * 1_000;
  if (Number.isNaN(timestamp) || late || isClosed(weekOf(timestamp), now)) {
    return invalid('timestamp', EXPECTED.timestamp, value);
  }
  return { value: { ...checked.value, timestamp } };
}
