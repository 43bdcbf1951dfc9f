import { describe, expect, test } from 'vitest';

import { zipFiles } from '../delivery/zip.ts';
import { Queue } from '../events/queue.ts';
import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Function } from './function.ts';

const bundle = zipFiles(new Map([['index.mjs', Buffer.from('export const handler = () => 1;')]]));
const props = { name: 'orders', description: 'Takes orders', bundle } as const;
const ARN = 'arn:aws:lambda:us-east-1:{account}:function:orders';

describe('Function', () => {
  test('the smallest use has a role, a log that forgets, and a bundle whose digest Terraform knows', () => {
    const stack = testStack();
    new Function(stack, 'orders', props);

    expect(addresses(stack)).toEqual([
      'aws_cloudwatch_log_group.orders',
      'aws_iam_role.orders',
      'aws_iam_role_policy.orders',
      'aws_lambda_function.orders',
    ]);
    expect(resource(stack, 'aws_lambda_function.orders')).toMatchObject({
      function_name: 'orders',
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      filename: `assets/orders-${bundle.digest}.zip`,
      source_code_hash: Buffer.from(bundle.digest, 'hex').toString('base64'),
      logging_config: { log_format: 'JSON', log_group: '/aws/lambda/orders' },
      tracing_config: { mode: 'Active' },
    });
    expect(stack.assets.get(`assets/orders-${bundle.digest}.zip`)).toBe(bundle.zip);
  });

  test('its role may write its own log and traces, and what it was granted', () => {
    const stack = testStack();
    const fn = new Function(stack, 'orders', props);
    fn.allow({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::prices/today.json'] });

    const { policy } = resource(stack, 'aws_iam_role_policy.orders');
    const actions = (JSON.parse(policy as string) as { Statement: { Action: string[] }[] }).Statement.flatMap(
      ({ Action }) => Action,
    );
    expect(actions).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      's3:GetObject',
    ]);
  });

  test('grantInvoke is for the function and its versions, grantCall for its signed URL alone', () => {
    const stack = testStack();
    const fn = new Function(stack, 'orders', props);
    fn.url();
    fn.grantInvoke(testRole(stack));
    expect(grants(stack)).toEqual([`lambda:InvokeFunction on ${ARN}, ${ARN}:*`]);

    const other = testStack();
    new Function(other, 'orders', props).grantCall(testRole(other));
    expect(grants(other)).toEqual([`lambda:InvokeFunction on ${ARN}`, `lambda:InvokeFunctionUrl on ${ARN}`]);
    expect(resource(stack, 'aws_lambda_function_url.orders')).toMatchObject({ authorization_type: 'AWS_IAM' });
  });

  test('a queue is consumed with partial failures', () => {
    const stack = testStack();
    const queue = new Queue(stack, 'incoming', { name: 'incoming' });
    new Function(stack, 'orders', props).consume(queue, { batchSize: 25, windowSeconds: 5, concurrency: 4 });

    expect(resource(stack, 'aws_lambda_event_source_mapping.orders_from_incoming')).toMatchObject({
      batch_size: 25,
      maximum_batching_window_in_seconds: 5,
      function_response_types: ['ReportBatchItemFailures'],
      scaling_config: { maximum_concurrency: 4 },
      // What may not poll yet is refused.
      depends_on: ['aws_iam_role_policy.orders'],
    });
    expect(resource(stack, 'aws_iam_role_policy.orders')['policy']).toContain('sqs:ReceiveMessage');
  });

  test('a queue whose messages would come again while they are handled is refused', () => {
    const stack = testStack();
    const queue = new Queue(stack, 'incoming', { name: 'incoming', visibilityTimeoutSeconds: 20 });
    expect(() => new Function(stack, 'orders', { ...props, timeoutSeconds: 60 }).consume(queue)).toThrow(
      "messages of 'incoming' are hidden for 20 only",
    );
  });

  test('events that failed go to a queue that the role may send to', () => {
    const stack = testStack();
    const failures = new Queue(stack, 'failed', { name: 'failed' });
    new Function(stack, 'orders', { ...props, failures });

    expect(resource(stack, 'aws_lambda_function_event_invoke_config.orders')).toMatchObject({
      maximum_retry_attempts: 2,
      destination_config: { on_failure: { destination: '${aws_sqs_queue.failed.arn}' } },
    });
    expect(resource(stack, 'aws_iam_role_policy.orders')['policy']).toContain('sqs:SendMessage');
  });

  test.each([
    [{ name: 'a b' }, "'a b' is not a function's name"],
    [{ handler: 'index' }, "'index' is not a handler"],
    [{ memoryMegabytes: 64 }, 'would have 64 MB of memory'],
    [{ timeoutSeconds: 901 }, 'would have 901 seconds for an event'],
  ])('%j is refused', (wrong, message) => {
    expect(() => new Function(testStack(), 'f', { ...props, ...wrong })).toThrow(message);
  });
});
