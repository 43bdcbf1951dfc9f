// What the other routes take: a consent, a question, a block.
import * as z from 'zod/mini';

import { CONSENT_RESOURCES, LIMITS, type ConsentResource } from '../../contract.ts';
import type { Question } from '../domain/calibration.ts';
import type { ConsentRequest } from '../domain/consent.ts';
import { check, invalid, type Checked } from './check.ts';
import { EXPECTED, ruleIdSchema, ruleVersionSchema } from './event.ts';

const RESOURCES = Object.keys(CONSENT_RESOURCES) as [ConsentResource, ...ConsentResource[]];

const consentSchema = z.strictObject({
  type: z.enum(['explicit', 'implicit', 'none']),
  scope: z.array(z.enum(RESOURCES)).check(z.maxLength(RESOURCES.length)),
  expiresAt: z.optional(z.iso.datetime({ offset: true })),
  policyVersion: z.string().check(z.minLength(1), z.maxLength(16)),
});

const CONSENT_EXPECTED = {
  type: 'explicit, implicit or none',
  scope: `a list of ${RESOURCES.join(', ')}`,
  expiresAt: 'an ISO 8601 time with its offset, in the future',
  policyVersion: 'the version of the policy that was agreed to',
} as const;

export function checkConsent(value: unknown, now: number): Checked<ConsentRequest> {
  const checked = check(consentSchema, value, CONSENT_EXPECTED);
  if (checked.value === undefined) return checked;
  const { expiresAt: text, ...rest } = checked.value;
  if (text === undefined) return { value: rest };
  const expiresAt = Date.parse(text);
  if (!(expiresAt > now)) return invalid('expiresAt', CONSENT_EXPECTED.expiresAt, value);
  return { value: { ...rest, expiresAt } };
}

const weeksSchema = z.string().check(z.regex(/^[1-9]\d?$/));

const questionSchema = z.strictObject({
  ruleId: z.optional(ruleIdSchema),
  version: z.optional(ruleVersionSchema),
  weeks: z.optional(weeksSchema),
});

const QUESTION_EXPECTED = {
  ruleId: EXPECTED.ruleId,
  version: EXPECTED.ruleVersion,
  weeks: `a number from 1 to ${LIMITS.maximumWeeks}`,
} as const;

/** A question about one rule, or about all where none is named. */
export function checkQuestion(
  value: unknown,
): Checked<Omit<Question, 'ruleId'> & { readonly ruleId?: string | undefined }> {
  const checked = check(questionSchema, value, QUESTION_EXPECTED);
  if (checked.value === undefined) return checked;
  const { ruleId, version: ruleVersion } = checked.value;
  const weeks = Number(checked.value.weeks ?? LIMITS.defaultWeeks);
  if (weeks > LIMITS.maximumWeeks) return invalid('weeks', QUESTION_EXPECTED.weeks, value);
  return { value: { ruleId, ruleVersion, weeks } };
}

export const checkBlock = (value: unknown): Checked<{ readonly ruleId: string }> =>
  check(z.strictObject({ ruleId: ruleIdSchema }), value, EXPECTED);
