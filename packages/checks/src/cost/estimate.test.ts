// What things cost, against sums worked out by hand from AWS's price list.
import { expect, test } from 'vitest';

import { estimateCost } from './estimate.ts';

const of = (type: string, values: Record<string, unknown> = {}) =>
  estimateCost([{ address: `${type}.one`, type, values }]);

test('a table that is paid by request costs by use alone, recovery included', () => {
  const table = { billing_mode: 'PAY_PER_REQUEST', point_in_time_recovery: [{ enabled: true }] };
  expect(of('aws_dynamodb_table', table)).toMatchObject({ fixedMonthlyUsd: 0, usageMonthlyUsd: 1.2 });
  expect(of('aws_dynamodb_table', { ...table, point_in_time_recovery: [] }).usageMonthlyUsd).toBe(1);
});

test('a table with capacity costs by the hour, its indexes included', () => {
  const table = { billing_mode: 'PROVISIONED', read_capacity: 10, write_capacity: 5 };
  expect(of('aws_dynamodb_table', table).fixedMonthlyUsd).toBe(3.32);
  const index = { read_capacity: 10, write_capacity: 5 };
  expect(of('aws_dynamodb_table', { ...table, global_secondary_index: [index] }).fixedMonthlyUsd).toBe(6.64);
});

test('a build costs by the size of its machine', () => {
  const build = (compute_type: string) => of('aws_codebuild_project', { environment: [{ compute_type }] });
  expect(build('BUILD_GENERAL1_SMALL').usageMonthlyUsd).toBe(0.3);
  expect(build('BUILD_GENERAL1_LARGE').usageMonthlyUsd).toBe(1.2);
});

test('a function costs by its requests and by its memory, less on arm64', () => {
  const fn = { memory_size: 512, architectures: ['arm64'] };
  expect(of('aws_lambda_function', fn)).toMatchObject({ fixedMonthlyUsd: 0, usageMonthlyUsd: 0.87 });
  expect(of('aws_lambda_function', { ...fn, architectures: ['x86_64'] }).usageMonthlyUsd).toBe(1.03);
  expect(of('aws_lambda_function_url').lines).toMatchObject([{ kind: 'free' }]);
});

test('messages cost by the million, those in order a little more', () => {
  expect(of('aws_sqs_queue').usageMonthlyUsd).toBe(0.4);
  expect(of('aws_sqs_queue', { fifo_queue: true }).usageMonthlyUsd).toBe(0.5);
  expect(of('aws_sns_topic').usageMonthlyUsd).toBe(0.5);
  expect(of('aws_sns_topic_subscription').lines).toMatchObject([{ kind: 'free' }]);
});

test('keys and secrets cost for being there', () => {
  expect(of('aws_kms_key').fixedMonthlyUsd).toBe(1);
  expect(of('aws_secretsmanager_secret').fixedMonthlyUsd).toBe(0.4);
});

test('an alarm costs by the metrics that it looks at, and more where it looks every ten seconds', () => {
  const alarm = (values: Record<string, unknown>) => of('aws_cloudwatch_metric_alarm', values).fixedMonthlyUsd;
  expect(alarm({ period: 300 })).toBe(0.1);
  expect(alarm({ period: 10 })).toBe(0.3);
  const metric_query = [{ metric: [] }, { metric: [{ period: 60 }] }, { metric: [{ period: 60 }] }];
  expect(alarm({ metric_query })).toBe(0.2);
  expect(of('aws_cloudwatch_composite_alarm').fixedMonthlyUsd).toBe(0.5);
  expect(of('aws_cloudwatch_dashboard').fixedMonthlyUsd).toBe(3);
});

test('every resource has a line, and what has no price says so', () => {
  expect(of('aws_iam_role').lines).toEqual([
    { address: 'aws_iam_role.one', kind: 'free', item: 'AWS charges nothing for it' },
  ]);
  expect(of('aws_s3_object').lines).toMatchObject([{ kind: 'free' }]);
  expect(of('aws_moon_base').lines).toEqual([
    { address: 'aws_moon_base.one', kind: 'unpriced', item: 'Plinth knows no price for aws_moon_base' },
  ]);
});
