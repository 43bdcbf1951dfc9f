// Anonymous events in DynamoDB, with the marks by which duplicates are known.
//
// IAM: the two ingestion functions need dynamodb:PutItem on the table; nobody who writes may read.
import { PutItemCommand, TransactWriteItemsCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';

import { LIMITS } from '../../contract.ts';
import type { AnonymousEvent, DuplicateMarks, EventStore } from '../domain/ingestion.ts';
import { dynamodb } from './clients.ts';
import { failedCondition, isConflict } from './errors.ts';
import { setting } from './settings.ts';

/** The partition of `rule-index` in which every rule that was reported has a row. */
export const RULES_PARTITION = '#rules';

/** The same finding sent twice at the same moment: one waits for the other, so often. */
const ATTEMPTS = 5;

export const eventTable: EventStore = {
  async store(event, marks) {
    await registerRule(event.ruleId, marks.now);
    for (let attempt = 1; ; attempt++) {
      try {
        await dynamodb().send(new TransactWriteItemsCommand({ TransactItems: writesOf(event, marks) }));
        return {};
      } catch (error) {
        const priorEventId = failedCondition(error)?.Item?.['eventId']?.S;
        if (priorEventId !== undefined) return { priorEventId };
        if (!isConflict(error) || attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20 * attempt * (1 + Math.random())));
      }
    }
  },
};

const DAY_MILLISECONDS = 86_400_000;

function writesOf(event: AnonymousEvent, { findingKeys, now }: DuplicateMarks) {
  const TableName = setting('eventsTable');
  const until = now + LIMITS.duplicateSeconds * 1_000;
  const marks = findingKeys.map((key) => ({
    Put: {
      TableName,
      Item: {
        id: { S: `finding#${key}` },
        eventId: { S: event.id },
        until: { N: String(until) },
        expiresAt: { N: String(Math.ceil(until / 1_000)) },
      },
      ConditionExpression: 'attribute_not_exists(#id) OR #until <= :now',
      ExpressionAttributeNames: { '#id': 'id', '#until': 'until' },
      ExpressionAttributeValues: { ':now': { N: String(now) } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    },
  }));
  return [...marks, { Put: { TableName, Item: itemOf(event, now) } }];
}

const itemOf = (event: AnonymousEvent, now: number): Record<string, AttributeValue> => ({
  id: { S: event.id },
  organizationHash: { S: event.organizationHash },
  saltEpoch: { S: event.saltEpoch },
  ruleId: { S: event.ruleId },
  ruleVersion: { S: event.ruleVersion },
  findingKey: { S: event.findingKey },
  outcome: { S: event.outcome },
  actualOutcome: { S: event.actualOutcome },
  confidence: { N: String(event.confidence) },
  environment: { S: event.environment },
  week: { S: event.week },
  expiresAt: { N: String(endOfDay(now) + LIMITS.eventRetentionDays * 86_400) },
});

/** Seconds. To the second, an expiry would tell when the event came. */
const endOfDay = (now: number): number => (Math.floor(now / DAY_MILLISECONDS) + 1) * 86_400;

/** Rules that this copy of the function has written down, and on which day. */
const registered = new Map<string, number>();

// Whoever freezes the weeks asks for the rules here, and need not read every event to find them.
async function registerRule(ruleId: string, now: number): Promise<void> {
  const day = Math.floor(now / DAY_MILLISECONDS);
  if (registered.get(ruleId) === day) return;
  await dynamodb().send(
    new PutItemCommand({
      TableName: setting('eventsTable'),
      Item: {
        id: { S: `rule#${ruleId}` },
        ruleId: { S: RULES_PARTITION },
        week: { S: ruleId },
        expiresAt: { N: String(endOfDay(now) + 2 * LIMITS.eventRetentionDays * 86_400) },
      },
    }),
  );
  registered.set(ruleId, day);
}
