// The lives of Lambda's Terraform types.
import { zipSync } from 'fflate';

import type { Blocks, Body, LifecycleCase } from '../../terraform/lifecycle-case.ts';

const packageOf = (code: string): Uint8Array => zipSync({ 'index.mjs': [Buffer.from(code), { mtime: '2026-01-01' }] });

const files = {
  'one.zip': packageOf('export const handler = async () => 1;'),
  'two.zip': packageOf('export const handler = async () => 2;'),
};

const code = (file: string) => ({ filename: file, source_code_hash: `\${filebase64sha256("${file}")}` });

const role = (name: string): Blocks => ({
  aws_iam_role: {
    [`lambda_${name}`]: {
      name: `lambda-${name}`,
      assume_role_policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      }),
    },
  },
});

const fn = (name: string, more: Body = {}): Body => ({
  function_name: `lifecycle-${name}`,
  role: `\${aws_iam_role.lambda_${name}.arn}`,
  handler: 'index.handler',
  runtime: 'nodejs22.x',
  ...code('one.zip'),
  ...more,
});

/** A function for something that belongs to one. */
const withFunction = (name: string, more: Body = {}): Blocks => ({
  ...role(name),
  aws_lambda_function: { [`of_${name}`]: fn(name, more) },
});

const nameOf = (name: string) => `\${aws_lambda_function.of_${name}.function_name}`;

const arn = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:lifecycle-${name}`;

const queue = 'arn:aws:sqs:eu-west-1:000000000000:dead';

export const lifecycleCases: readonly LifecycleCase[] = [
  {
    type: 'aws_lambda_function',
    name: 'plain',
    files,
    support: role('plain'),
    config: fn('plain'),
    changed: fn('plain', {
      ...code('two.zip'),
      description: 'answers two',
      publish: true,
      memory_size: 256,
      timeout: 10,
      reserved_concurrent_executions: 5,
      environment: { variables: { TABLE: 'events' } },
      dead_letter_config: { target_arn: queue },
      logging_config: { log_format: 'JSON', application_log_level: 'WARN', log_group: '/own' },
      tracing_config: { mode: 'Active' },
      tags: { Team: 'functions' },
    }),
    change: 'update',
    expected: {
      id: 'lifecycle-plain',
      arn: arn('plain'),
      invoke_arn: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${arn('plain')}/invocations`,
      qualified_arn: `${arn('plain')}:$LATEST`,
      version: '$LATEST',
      architectures: ['x86_64'],
      memory_size: 128,
      timeout: 3,
      reserved_concurrent_executions: -1,
      tracing_config: [{ mode: 'PassThrough' }],
      environment: [],
    },
    expectedAfterChange: {
      version: '1',
      qualified_arn: `${arn('plain')}:1`,
      memory_size: 256,
      reserved_concurrent_executions: 5,
      environment: [{ variables: { TABLE: 'events' } }],
      tags_all: { Team: 'functions' },
    },
    lostByImport: ['filename', 'publish'],
  },
  {
    type: 'aws_lambda_function',
    name: 'renamed',
    files,
    support: role('renamed'),
    config: fn('renamed'),
    changed: fn('renamed', { function_name: 'lifecycle-renamed-2' }),
    change: 'replace',
    expected: { id: 'lifecycle-renamed' },
    lostByImport: ['filename'],
  },
  {
    type: 'aws_lambda_alias',
    name: 'live',
    files,
    support: withFunction('live', { publish: true }),
    config: {
      name: 'live',
      function_name: nameOf('live'),
      function_version: '${aws_lambda_function.of_live.version}',
    },
    changed: { name: 'live', function_name: nameOf('live'), function_version: '$LATEST', description: 'the newest' },
    change: 'update',
    expected: { id: `${arn('live')}:live`, arn: `${arn('live')}:live`, function_version: '1' },
    importId: (attributes) => `${attributes['function_name']}/${attributes['name']}`,
  },
  {
    type: 'aws_lambda_permission',
    name: 'allowed',
    files,
    support: withFunction('allowed'),
    config: {
      statement_id: 'topic',
      action: 'lambda:InvokeFunction',
      function_name: nameOf('allowed'),
      principal: 'sns.amazonaws.com',
      source_arn: 'arn:aws:sns:eu-west-1:000000000000:alerts',
    },
    changed: {
      statement_id: 'url',
      action: 'lambda:InvokeFunction',
      function_name: nameOf('allowed'),
      principal: '*',
      invoked_via_function_url: true,
    },
    change: 'replace',
    expected: { id: 'topic' },
    importId: (attributes) => `${attributes['function_name']}/${attributes['id']}`,
  },
  {
    type: 'aws_lambda_function_url',
    name: 'reachable',
    files,
    support: withFunction('reachable'),
    config: { function_name: nameOf('reachable'), authorization_type: 'AWS_IAM' },
    changed: {
      function_name: nameOf('reachable'),
      authorization_type: 'NONE',
      cors: { allow_origins: ['https://a.example'], allow_methods: ['GET'], max_age: 60 },
    },
    change: 'update',
    expected: { id: 'lifecycle-reachable', function_arn: arn('reachable'), invoke_mode: 'BUFFERED' },
  },
  {
    type: 'aws_lambda_function_event_invoke_config',
    name: 'patient',
    files,
    support: withFunction('patient'),
    config: { function_name: nameOf('patient'), maximum_retry_attempts: 1 },
    changed: {
      function_name: nameOf('patient'),
      maximum_retry_attempts: 0,
      maximum_event_age_in_seconds: 600,
      destination_config: { on_failure: { destination: queue } },
    },
    change: 'update',
    expected: { id: 'lifecycle-patient', maximum_retry_attempts: 1 },
  },
  {
    type: 'aws_lambda_event_source_mapping',
    name: 'fed',
    files,
    support: {
      ...withFunction('fed'),
      aws_sqs_queue: { lambda_fed: { name: 'lifecycle-fed' } },
      aws_iam_role_policy: {
        lambda_fed: {
          role: '${aws_iam_role.lambda_fed.id}',
          policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
                Resource: 'arn:aws:sqs:eu-west-1:000000000000:lifecycle-fed',
              },
            ],
          }),
        },
      },
    },
    config: {
      function_name: '${aws_lambda_function.of_fed.arn}',
      event_source_arn: '${aws_sqs_queue.lambda_fed.arn}',
      depends_on: ['aws_iam_role_policy.lambda_fed'],
    },
    changed: {
      function_name: nameOf('fed'),
      event_source_arn: '${aws_sqs_queue.lambda_fed.arn}',
      depends_on: ['aws_iam_role_policy.lambda_fed'],
      batch_size: 100,
      maximum_batching_window_in_seconds: 5,
      enabled: false,
      function_response_types: ['ReportBatchItemFailures'],
      filter_criteria: { filter: [{ pattern: JSON.stringify({ body: { kind: ['order'] } }) }] },
      scaling_config: { maximum_concurrency: 4 },
      metrics_config: { metrics: ['EventCount'] },
      tags: { Team: 'orders' },
    },
    change: 'update',
    expected: { state: 'Enabled', function_arn: arn('fed'), enabled: true },
    expectedAfterChange: {
      state: 'Disabled',
      batch_size: 100,
      maximum_batching_window_in_seconds: 5,
      tags_all: { Team: 'orders' },
    },
  },
  {
    type: 'aws_lambda_event_source_mapping',
    name: 'streamed',
    files,
    support: {
      ...withFunction('streamed'),
      aws_dynamodb_table: {
        lambda_streamed: {
          name: 'lifecycle-streamed',
          billing_mode: 'PAY_PER_REQUEST',
          hash_key: 'pk',
          attribute: [{ name: 'pk', type: 'S' }],
          stream_enabled: true,
          stream_view_type: 'NEW_IMAGE',
        },
      },
      aws_iam_role_policy: {
        lambda_streamed: {
          role: '${aws_iam_role.lambda_streamed.id}',
          policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream'],
                Resource: 'arn:aws:dynamodb:eu-west-1:000000000000:table/lifecycle-streamed/stream/*',
              },
            ],
          }),
        },
      },
    },
    config: {
      function_name: '${aws_lambda_function.of_streamed.arn}',
      event_source_arn: '${aws_dynamodb_table.lambda_streamed.stream_arn}',
      starting_position: 'LATEST',
      depends_on: ['aws_iam_role_policy.lambda_streamed'],
    },
    changed: {
      function_name: '${aws_lambda_function.of_streamed.arn}',
      event_source_arn: '${aws_dynamodb_table.lambda_streamed.stream_arn}',
      starting_position: 'LATEST',
      maximum_retry_attempts: 3,
      maximum_record_age_in_seconds: 3600,
      parallelization_factor: 4,
      bisect_batch_on_function_error: true,
      destination_config: { on_failure: { destination_arn: queue } },
      depends_on: ['aws_iam_role_policy.lambda_streamed'],
    },
    change: 'update',
    expected: {
      state: 'Enabled',
      maximum_retry_attempts: -1,
      maximum_record_age_in_seconds: -1,
      parallelization_factor: 1,
    },
    expectedAfterChange: {
      maximum_retry_attempts: 3,
      bisect_batch_on_function_error: true,
      parallelization_factor: 4,
    },
  },
];
