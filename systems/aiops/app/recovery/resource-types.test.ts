import { expect, test } from 'vitest';

import { COMES_BACK_EMPTY, NEVER_CREATED, familyOf, inFamily } from './resource-types.ts';

test.each([
  ['dynamodb', 'dynamodb'],
  ['DynamoDB', 'dynamodb'],
  ['dynamodb-table', 'dynamodb'],
  ['aws_dynamodb_table', 'dynamodb'],
  ['AWS::DynamoDB::Table', 'dynamodb'],
  ['lambda', 'lambda'],
  ['ec2', 'ec2'],
  ['aws_cloudwatch_log_group', 'logs'],
  ['logs', 'logs'],
  ['table', undefined],
  ['unknown', undefined],
  ['*', undefined],
  ['', undefined],
])('%j names the family %s', (resourceType, family) => {
  expect(familyOf(resourceType)).toBe(family);
});

test('a family reaches its own types only', () => {
  expect(inFamily('dynamodb', 'aws_dynamodb_table')).toBe(true);
  expect(inFamily('dynamodb', 'aws_s3_bucket')).toBe(false);
  expect(inFamily('nothing', 'aws_s3_bucket')).toBe(false);
});

test('what may come back empty is never what must not be created', () => {
  expect(Object.keys(COMES_BACK_EMPTY).filter((type) => NEVER_CREATED.includes(type))).toEqual([]);
});
