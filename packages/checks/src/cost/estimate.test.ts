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

test('a schedule costs by its invocations a month, which its expression tells', () => {
  const line = (schedule_expression: string) => of('aws_scheduler_schedule', { schedule_expression }).lines[0];
  const invocations = (expression: string) => Number(/^[\d.]+/.exec((line(expression) as { assumed: string }).assumed));
  expect(line('rate(1 minute)')).toMatchObject({ kind: 'usage', assumed: '43800 × invocation' });
  expect(line('rate(1 minute)')).toHaveProperty('monthlyUsd', expect.closeTo(0.0438));
  expect(invocations('rate(5 minutes)')).toBe(8_760);
  expect(invocations('rate(2 hours)')).toBe(365);
  expect(invocations('rate(1 day)')).toBe(30.42);
  expect(invocations('at(2027-01-31T12:00:00)')).toBe(1);
  // 1461 days in four years, of which 1043 or 1044 are Mondays to Fridays.
  expect(invocations('cron(0 12 * * ? *)')).toBe(30.44);
  expect(invocations('cron(0/15 9-17 ? * MON-FRI *)')).toBe(782.3);
  expect(invocations('cron(0 0 1,15 * ? *)')).toBe(2);
  expect(invocations('cron(0 0 31 * ? *)')).toBe(0.5833);
  expect(invocations('cron(0 0 L * ? *)')).toBe(1);
  expect(invocations('cron(30 6 15W JAN,JUL ? *)')).toBe(0.1667);
  expect(invocations('cron(0 0 ? * 6#3 *)')).toBe(1);
  expect(invocations('cron(0 0 ? * FRIL *)')).toBe(1);
  const disabled = { schedule_expression: 'rate(1 minute)', state: 'DISABLED' };
  expect(of('aws_scheduler_schedule', disabled).lines).toMatchObject([{ kind: 'free' }]);
  expect(line('every day')).toMatchObject({ kind: 'unpriced' });
  expect(of('aws_scheduler_schedule_group').lines).toMatchObject([{ kind: 'free' }]);
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
