// Requests, blocks and breakers in DynamoDB: counted by atomic additions, changed by conditional writes.
//
// IAM: dynamodb:GetItem, PutItem and UpdateItem on the table, for the functions that ingest and that record blocks.
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';

import { BREAKER, LIMITS } from '../../contract.ts';
import type { Breaker, BreakerKeys, BreakerState, BreakerStore } from '../domain/breaker.ts';
import type { RequestLimiter } from '../domain/ingestion.ts';
import { dynamodb } from './clients.ts';
import { setting } from './settings.ts';

const HOUR_SECONDS = 3_600;

/** The breakers of one rule, by organization. */
export function breakersOf(ruleId: string, now: number): BreakerStore {
  const state = (key: string) => `breaker#${key}#${ruleId}`;
  const bucket = (key: string, hour: number) => `blocks#${key}#${ruleId}#${hour}`;
  return {
    async find(key) {
      const item = await get(state(key));
      return item && breakerOf(item);
    },
    async save(key, breaker) {
      try {
        await dynamodb().send(
          new PutItemCommand({ TableName: setting('counterTable'), ...put(state(key), breaker, now) }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    count: async (key, hour) => add(bucket(key, hour), 1, hour),
    read: async (key, hour) => countOf(await get(bucket(key, hour))),
  };
}

export const requestLimiter: RequestLimiter = {
  async take({ current, previous }: BreakerKeys, wanted, now) {
    const hour = Math.floor(now / 1_000 / HOUR_SECONDS);
    const bucket = (key: string) => `requests#${key}#${hour}`;
    // Under the salt before, other requests of this hour may have been counted.
    const before = previous === undefined ? 0 : countOf(await get(bucket(previous)));
    const limit = LIMITS.requestsPerHour - before;
    let left = Math.min(wanted, limit);
    while (left > 0) {
      try {
        await add(bucket(current), left, hour, limit - left);
        return left;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // Fewer than before, for others only take: so this ends.
        left = Math.min(left - 1, limit - countOf(error.Item));
      }
    }
    return 0;
  },
};

type Item = Record<string, AttributeValue>;

async function get(bucketKey: string): Promise<Item | undefined> {
  const { Item } = await dynamodb().send(
    new GetItemCommand({
      TableName: setting('counterTable'),
      Key: { bucketKey: { S: bucketKey } },
      ConsistentRead: true,
    }),
  );
  return Item;
}

const countOf = (item: Item | undefined): number => Number(item?.['count']?.N ?? 0);

/** Adds to an hour's bucket, unless there is more than `most` in it; what there is then. */
async function add(bucketKey: string, count: number, hour: number, most?: number): Promise<number> {
  const expiresAt = (hour + 1 + LIMITS.counterRetentionHours) * HOUR_SECONDS;
  const { Attributes } = await dynamodb().send(
    new UpdateItemCommand({
      TableName: setting('counterTable'),
      Key: { bucketKey: { S: bucketKey } },
      UpdateExpression: 'ADD #count :count SET #expiresAt = :expiresAt',
      ExpressionAttributeNames: { '#count': 'count', '#expiresAt': 'expiresAt' },
      ExpressionAttributeValues: {
        ':count': { N: String(count) },
        ':expiresAt': { N: String(expiresAt) },
        ...(most !== undefined && { ':most': { N: String(most) } }),
      },
      ...(most !== undefined && {
        ConditionExpression: 'attribute_not_exists(#count) OR #count <= :most',
      }),
      ReturnValues: 'UPDATED_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );
  return countOf(Attributes);
}

const breakerOf = (item: Item): Breaker => ({
  state: (item['state']?.S ?? 'CLOSED') as BreakerState,
  until: item['until']?.N === undefined ? undefined : Number(item['until'].N),
  trialBlocks: Number(item['trialBlocks']?.N ?? 0),
  reviews: item['reviews']?.S ?? '',
  version: Number(item['version']?.N ?? 0),
});

const put = (bucketKey: string, breaker: Breaker, now: number) => ({
  Item: {
    bucketKey: { S: bucketKey },
    state: { S: breaker.state },
    ...(breaker.until !== undefined && { until: { N: String(breaker.until) } }),
    trialBlocks: { N: String(breaker.trialBlocks) },
    reviews: { S: breaker.reviews },
    version: { N: String(breaker.version) },
    expiresAt: { N: String(Math.floor(now / 1_000) + BREAKER.stateRetentionDays * 86_400) },
  },
  ...(breaker.version === 1
    ? {
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': 'bucketKey' },
      }
    : {
        ConditionExpression: '#version = :found',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':found': { N: String(breaker.version - 1) } },
      }),
});
