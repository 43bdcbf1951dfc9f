// What the freezing of weeks reads and writes.
//
// IAM: dynamodb:Query on the events' rule-index, GetItem and PutItem on the events table, PutItem on the calibration table.
import {
  GetItemCommand,
  paginateQuery,
  TransactWriteItemsCommand,
  type AttributeValue,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';

import { LIMITS } from '../../contract.ts';
import type { Cell, Report } from '../domain/cells.ts';
import type { Atom, Decisions, FreezingStore } from '../domain/freezing.ts';
import { startOf } from '../domain/iso-week.ts';
import { ALL_RULES } from './calibration-table.ts';
import { dynamodb } from './clients.ts';
import { failedCondition, isConflict } from './errors.ts';
import { RULES_PARTITION } from './event-table.ts';
import { setting } from './settings.ts';

export const freezingTable: FreezingStore = {
  async rules() {
    const items = await queryRuleIndex({
      KeyConditionExpression: '#ruleId = :ruleId',
      ExpressionAttributeNames: { '#ruleId': 'ruleId' },
      ExpressionAttributeValues: { ':ruleId': { S: RULES_PARTITION } },
    });
    return items.map((item) => item['week']?.S ?? '');
  },

  async reports(ruleId, firstWeek, lastWeek) {
    const items = await queryRuleIndex({
      KeyConditionExpression: '#ruleId = :ruleId AND #week BETWEEN :first AND :last',
      FilterExpression: '#actual <> :pending',
      ExpressionAttributeNames: { '#ruleId': 'ruleId', '#week': 'week', '#actual': 'actualOutcome' },
      ExpressionAttributeValues: {
        ':ruleId': { S: ruleId },
        ':first': { S: firstWeek },
        ':last': { S: lastWeek },
        ':pending': { S: 'pending' },
      },
    });
    return items.map(reportOf);
  },

  async decisions(ruleId, epoch, block) {
    const { Item } = await dynamodb().send(
      new GetItemCommand({
        TableName: setting('eventsTable'),
        Key: { id: { S: decisionsId({ ruleId, epoch, block }) } },
        ConsistentRead: true,
      }),
    );
    return Item && (JSON.parse(Item['decisions']?.S ?? '') as Decisions);
  },

  async decide(decisions, atoms) {
    const TableName = setting('calibrationTable');
    const puts = atoms.flatMap((atom) => [atom.ruleId, ALL_RULES].map((partition) => itemOf(atom, partition)));
    try {
      await dynamodb().send(
        new TransactWriteItemsCommand({
          TransactItems: [
            { Put: { TableName: setting('eventsTable'), ...decisionsPut(decisions) } },
            ...puts.map((Item) => ({
              Put: {
                TableName,
                Item,
                ConditionExpression: 'attribute_not_exists(#id)',
                ExpressionAttributeNames: { '#id': 'id' },
              },
            })),
          ],
        }),
      );
      return true;
    } catch (error) {
      if (failedCondition(error) || isConflict(error)) return false;
      throw error;
    }
  },
};

type Item = Record<string, AttributeValue>;

/** All pages: DynamoDB answers a megabyte at a time. */
async function queryRuleIndex(input: Omit<QueryCommandInput, 'TableName'>): Promise<Item[]> {
  const items: Item[] = [];
  const query = { TableName: setting('eventsTable'), IndexName: 'rule-index', ...input };
  for await (const { Items } of paginateQuery({ client: dynamodb() }, query)) items.push(...(Items ?? []));
  return items;
}

const reportOf = (item: Item): Report => ({
  id: item['id']?.S ?? '',
  organizationHash: item['organizationHash']?.S ?? '',
  epoch: item['saltEpoch']?.S ?? '',
  week: item['week']?.S ?? '',
  ruleVersion: item['ruleVersion']?.S ?? '',
  falsePositive: item['actualOutcome']?.S === 'false_positive',
});

const decisionsId = ({ ruleId, epoch, block }: Pick<Decisions, 'ruleId' | 'epoch' | 'block'>): string =>
  `decided#${ruleId}#${epoch}#${block}`;

const decisionsPut = (decisions: Decisions) => ({
  Item: {
    id: { S: decisionsId(decisions) },
    decisions: { S: JSON.stringify(decisions) },
    version: { N: String(decisions.version) },
    // Longer than any of its events: as long as one is there, it is known what was decided.
    expiresAt: { N: String(startOf(decisions.block) / 1_000 + 2 * LIMITS.eventRetentionDays * 86_400) },
  },
  ConditionExpression: 'attribute_not_exists(#id) OR #version = :found',
  ExpressionAttributeNames: { '#id': 'id', '#version': 'version' },
  ExpressionAttributeValues: { ':found': { N: String(decisions.version - 1) } },
});

const itemOf = ({ ruleId, epoch, kind, firstWeek, lastWeek, cells }: Atom, partition: string): Item => ({
  id: { S: [partition, ruleId, epoch, kind, firstWeek].join('#') },
  ruleId: { S: partition },
  lastWeek: { S: lastWeek },
  rule: { S: ruleId },
  epoch: { S: epoch },
  kind: { S: kind },
  firstWeek: { S: firstWeek },
  cells: { L: cells.map((cell) => ({ M: cellItem(cell) })) },
});

const cellItem = ({ ruleVersion, count, falsePositives, organizations }: Cell): Item => ({
  ...(ruleVersion !== undefined && { ruleVersion: { S: ruleVersion } }),
  count: { N: String(count) },
  falsePositives: { N: String(falsePositives) },
  organizations: { N: String(organizations) },
});
