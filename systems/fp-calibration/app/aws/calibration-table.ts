// Published cells in DynamoDB, read by the index and by nothing else.
//
// IAM: dynamodb:Query on the calibration table's rule-index. The role needs nothing of the table itself, nor of any other.
import { paginateQuery, type AttributeValue } from '@aws-sdk/client-dynamodb';

import type { CalibrationStore } from '../domain/calibration.ts';
import type { Cell } from '../domain/cells.ts';
import type { Atom } from '../domain/freezing.ts';
import type { Week } from '../domain/iso-week.ts';
import { dynamodb } from './clients.ts';
import { setting } from './settings.ts';

/** The partition of `rule-index` in which the atoms of all rules lie once more. */
export const ALL_RULES = '*';

export const calibrationTable: CalibrationStore = {
  ofRule: (ruleId, firstWeek, lastWeek) => atoms(ruleId, firstWeek, lastWeek),
  ofAllRules: (firstWeek, lastWeek) => atoms(ALL_RULES, firstWeek, lastWeek),
};

async function atoms(partition: string, firstWeek: Week, lastWeek: Week): Promise<Atom[]> {
  const found: Atom[] = [];
  const query = {
    TableName: setting('calibrationTable'),
    IndexName: 'rule-index',
    KeyConditionExpression: '#ruleId = :ruleId AND #lastWeek BETWEEN :first AND :last',
    // Each name has an alias: what DynamoDB reserves is a long list.
    ExpressionAttributeNames: { '#ruleId': 'ruleId', '#lastWeek': 'lastWeek' },
    ExpressionAttributeValues: { ':ruleId': { S: partition }, ':first': { S: firstWeek }, ':last': { S: lastWeek } },
  };
  for await (const { Items } of paginateQuery({ client: dynamodb() }, query)) found.push(...(Items ?? []).map(atomOf));
  return found;
}

type Item = Record<string, AttributeValue>;

const atomOf = (item: Item): Atom => ({
  ruleId: item['rule']?.S ?? '',
  epoch: item['epoch']?.S ?? '',
  kind: item['kind']?.S === 'rest' ? 'rest' : 'week',
  firstWeek: item['firstWeek']?.S ?? '',
  lastWeek: item['lastWeek']?.S ?? '',
  cells: (item['cells']?.L ?? []).map(({ M }) => cellOf(M ?? {})),
});

const cellOf = (item: Item): Cell => ({
  ruleVersion: item['ruleVersion']?.S,
  count: Number(item['count']?.N),
  falsePositives: Number(item['falsePositives']?.N),
  organizations: Number(item['organizations']?.N),
});
