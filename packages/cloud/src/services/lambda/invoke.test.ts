// Invoking functions through the AWS SDK: what they see, what they answer, and how they fail.
import {
  InvokeWithResponseStreamCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { SIGNING, TestLambda } from './test-lambda.ts';

let test: TestLambda;

beforeAll(async () => {
  test = await TestLambda.start();
});

afterAll(() => test.stop());

describe('a function', () => {
  it('answers what its handler returns, and writes its lines to its log', async () => {
    await test.create(
      'greeter',
      `export const handler = async (event, context) => {
        console.log('hello', event.name);
        console.error('two\\nlines');
        process.stdout.write('{"_aws":{}}\\n');
        return { greeting: 'hello ' + event.name, id: context.awsRequestId };
      };`,
    );
    const { status, error, value, version, log } = await test.invoke('greeter', { name: 'world' });
    expect({ status, error, version }).toEqual({ status: 200, error: undefined, version: '$LATEST' });
    expect(value).toEqual({ greeting: 'hello world', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const { id } = value;
    const line = (level: string, text: string) => expect.stringMatching(`^[0-9T:.-]+Z\t${id}\t${level}\t${text}$`);
    await vi.waitFor(async () =>
      expect(await test.logLines('greeter')).toEqual([
        'INIT_START Runtime Version: nodejs:24',
        `START RequestId: ${id} Version: $LATEST`,
        line('INFO', 'hello world'),
        line('ERROR', 'two\nlines'),
        '{"_aws":{}}',
        `END RequestId: ${id}`,
        expect.stringMatching(
          `^REPORT RequestId: ${id}\tDuration: [0-9.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 128 MB\tMax Memory Used: \\d+ MB\tInit Duration: [0-9.]+ ms$`,
        ),
      ]),
    );
    expect(log).toContain(`START RequestId: ${id}`);
    expect(log).toContain('hello world');
  });

  it('sees the runtime’s environment and its own variables, and nothing of the machine’s', async () => {
    process.env['PLINTH_TEST_SECRET'] = 'of the machine';
    await test.create(
      'environment',
      `export const handler = async (event, context) => ({
        environment: process.env, cwd: process.cwd(), argv: process.argv.length,
        remaining: context.getRemainingTimeInMillis(), context,
      });`,
      { Environment: { Variables: { TABLE: 'events' } }, MemorySize: 256, Timeout: 7 },
    );
    const { value } = await test.invoke('environment', {}, { ClientContext: btoa('{"custom":{"a":1}}') });
    const { environment, context, cwd, remaining } = value;
    expect(environment).toEqual({
      PATH: expect.any(String),
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      TABLE: 'events',
      LAMBDA_TASK_ROOT: cwd,
      LAMBDA_RUNTIME_DIR: expect.any(String),
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/),
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/environment',
      AWS_LAMBDA_LOG_STREAM_NAME: context.logStreamName,
      AWS_ENDPOINT_URL: test.cloud.endpoint,
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      AWS_SESSION_TOKEN: expect.any(String),
    });
    expect(context).toMatchObject({
      functionName: 'environment',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:environment',
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/environment',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      clientContext: { custom: { a: 1 } },
    });
    expect(remaining).toBeGreaterThan(6_000);
    expect(remaining).toBeLessThanOrEqual(7_000);
  });

  it('is one process for one event after the other, and a new one after a change', async () => {
    await test.create(
      'counter',
      'let count = 0; export const handler = async () => ({ count: ++count, pid: process.pid });',
    );
    const first = await test.invoke('counter');
    const second = await test.invoke('counter');
    expect([first.value.count, second.value.count]).toEqual([1, 2]);
    expect(second.value.pid).toBe(first.value.pid);
    expect(first.log).toContain('Init Duration');
    expect(second.log).not.toContain('Init Duration');
    await test.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'counter', Timeout: 5 }));
    expect((await test.invoke('counter')).value.count).toBe(1);
  });

  it('runs as often as it is asked at a time, each in a process of its own', async () => {
    await test.create(
      'slow',
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return process.pid; };',
    );
    const answers = await Promise.all([1, 2, 3].map(() => test.invoke('slow')));
    expect(new Set(answers.map(({ value }) => value)).size).toBe(3);
  });

  it('sees the cloud’s time', async () => {
    await test.create('clock', 'export const handler = async () => [Date.now(), new Date().getTime(), +new Date(0)];');
    const before = await test.invoke('clock');
    await test.cloud.clock.advance(31 * 24 * 3_600_000);
    const after = await test.invoke('clock');
    expect(Math.abs(after.value[0] - test.cloud.clock.now())).toBeLessThan(5_000);
    expect(after.value[1] - before.value[1]).toBeGreaterThan(31 * 24 * 3_600_000);
    expect(after.value[2]).toBe(0);
  });

  it('may be CommonJS, in a folder, with a callback in Node.js 22', async () => {
    const callback = {
      'src/app.js': `exports.run = { go: (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = event.wait;
        setTimeout(() => { globalThis.late = true; }, 100);
        callback(null, { late: globalThis.late ?? false });
      } };`,
    };
    const more = { Handler: 'src/app.run.go' };
    await test.create('callback', callback, { ...more, Runtime: 'nodejs22.x' });
    expect((await test.invoke('callback', { wait: false })).value).toEqual({ late: false });
    const failing = 'exports.handler = (event, context, callback) => callback(new TypeError("no"));';
    await test.create('callback-failing', { 'index.js': failing }, { Runtime: 'nodejs22.x' });
    expect(await test.invoke('callback-failing')).toMatchObject({
      error: 'Unhandled',
      value: { errorType: 'TypeError' },
    });
    await test.create('callback-24', callback, more);
    expect((await test.invoke('callback-24')).value).toMatchObject({ errorType: 'Runtime.CallbackHandlerDeprecated' });
  });

  it('calls AWS as its role, and may do only what the role may', async () => {
    const Role = await test.createRole('reader', ['sts:GetCallerIdentity']);
    const type = 'application/x-www-form-urlencoded; charset=utf-8';
    const code = {
      'signing.mjs': SIGNING,
      'index.mjs': `import { call } from './signing.mjs';
        export const handler = ({ service, body }) => call(service, { type: '${type}', body });`,
    };
    await test.create('caller', code, { Role });
    const who = await test.invoke('caller', { service: 'sts', body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    expect(who.value).toMatchObject({ status: 200, text: expect.stringContaining('assumed-role/reader/caller') });
    const denied = await test.invoke('caller', { service: 'iam', body: 'Action=ListUsers&Version=2010-05-08' });
    expect(denied.value).toMatchObject({ status: 403, text: expect.stringContaining('AccessDenied') });
    // The role may not write logs either, so there are none.
    await expect(test.logLines('caller')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('logs in JSON where it is told to, from the level on that it is told', async () => {
    await test.create(
      'json-logs',
      'export const handler = async () => { console.info("not kept"); console.warn({ disk: "full" }); console.error(new Error("x")); };',
      { LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN', LogGroup: '/own/group' } },
    );
    await test.invoke('json-logs');
    await vi.waitFor(async () => {
      const lines = (await test.logLines('json-logs', '/own/group')).map((line) => JSON.parse(line) as object);
      expect(lines).toMatchObject([
        { type: 'platform.initStart' },
        { type: 'platform.start', record: { version: '$LATEST' } },
        { level: 'WARN', message: { disk: 'full' }, requestId: expect.any(String) },
        { level: 'ERROR', errorType: 'Error', errorMessage: 'x' },
        { type: 'platform.report', record: { status: 'success', metrics: { memorySizeMB: 128 } } },
      ]);
    });
  });
});

describe('a failure', () => {
  const code = `export const handler = async ({ kind }) => {
    if (kind === 'throw') throw Object.assign(new RangeError('too far'), { detail: 1 });
    if (kind === 'string') throw 'just text';
    if (kind === 'rejection') { Promise.reject(new Error('nobody waits')); await new Promise((r) => setTimeout(r, 1000)); }
    if (kind === 'exception') { setTimeout(() => { throw new Error('late'); }, 0); await new Promise((r) => setTimeout(r, 1000)); }
    if (kind === 'exit') process.exit(3);
    if (kind === 'loop') for (;;);
    if (kind === 'sleep') await new Promise((r) => setTimeout(r, 60000));
    if (kind === 'heap') { const all = []; for (;;) all.push(new Array(10000).fill(Math.random())); }
    if (kind === 'buffers') { const all = []; for (;;) all.push(Buffer.alloc(1000000, 1)); }
    if (kind === 'large') return 'x'.repeat(6_400_000);
    if (kind === 'bigint') return 1n;
    if (kind === 'garbled') { writeSync(4, 'null\\n{"kind":"other"}\\nno news\\n{"kind":"do'); process.exit(4); }
    return 'fine';
  };`;

  beforeAll(async () => {
    await test.create('faulty', `import { writeSync } from 'node:fs'; ${code}`, { Timeout: 30 });
    await test.create('brief', code, { Timeout: 1 });
  });

  it.each([
    [
      'throw',
      { errorType: 'RangeError', errorMessage: 'too far', trace: expect.arrayContaining(['RangeError: too far']) },
    ],
    ['string', { errorType: 'string', errorMessage: 'just text' }],
    ['rejection', { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: nobody waits' }],
    ['exception', { errorType: 'Error', errorMessage: 'late' }],
    [
      'exit',
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/Runtime exited with error: exit status 3$/),
      },
    ],
    // What a killed process leaves where the cloud expects its news.
    ['garbled', { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/error: exit status 4$/) }],
    ['heap', { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/signal: (aborted|killed)$/) }],
    ['buffers', { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/signal: killed$/) }],
    ['large', { errorType: 'Function.ResponseSizeTooLarge' }],
    ['bigint', { errorType: 'Runtime.JSONStringifyError' }],
  ])('of the kind "%s" is told as AWS tells it, and hurts only its own event', async (kind, error) => {
    const [failed, other] = await Promise.all([test.invoke('faulty', { kind }), test.invoke('faulty', {})]);
    expect(failed).toMatchObject({ status: 200, error: 'Unhandled', value: error });
    expect(other).toMatchObject({ error: undefined, value: 'fine' });
    expect(await test.invoke('faulty', {})).toMatchObject({ error: undefined, value: 'fine' });
  });

  it.each(['loop', 'sleep'])('of the kind "%s" takes no longer than the function may', async (kind) => {
    expect(await test.invoke('brief', { kind })).toMatchObject({
      status: 200,
      error: 'Unhandled',
      value: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/Task timed out after 1.00 seconds$/),
      },
    });
    await vi.waitFor(async () => expect(await test.invoke('brief')).toMatchObject({ value: 'fine' }));
  });

  it('is in the log with its stack', async () => {
    const { log } = await test.invoke('faulty', { kind: 'throw' });
    expect(log).toMatch(
      /\tERROR\tInvoke Error\t\{"errorType":"RangeError","errorMessage":"too far","detail":1,"stack":\["RangeError: too far"/,
    );
    const { log: late } = await test.invoke('brief', { kind: 'sleep' });
    expect(late).toMatch(/\n\S+Z \S+ Task timed out after 1.00 seconds\n[^]*\tStatus: timeout\n$/);
  });

  it.each([
    [
      'missing-module',
      { 'index.mjs': 'import "nowhere"; export const handler = () => {};' },
      'Runtime.ImportModuleError',
    ],
    ['missing-file', { 'other.mjs': '' }, 'Runtime.ImportModuleError'],
    ['missing-handler', { 'index.mjs': 'export const other = 1;' }, 'Runtime.HandlerNotFound'],
    ['bad-syntax', { 'index.mjs': 'export const handler = (' }, 'Runtime.UserCodeSyntaxError'],
    ['throwing', { 'index.mjs': 'throw new EvalError("at load")' }, 'EvalError'],
  ])('to load the code is told too: %s', async (name, files, errorType) => {
    await test.create(name, files);
    expect(await test.invoke(name)).toMatchObject({ status: 200, error: 'Unhandled', value: { errorType } });
  });
});

describe('Invoke', () => {
  it('only asks whether with DryRun', async () => {
    await test.create('dry', 'export const handler = async () => { throw new Error("ran"); };');
    expect(await test.invoke('dry', {}, { InvocationType: 'DryRun' })).toMatchObject({ status: 204, value: undefined });
  });

  it('refuses what is no JSON, what is too large, and what does not exist', async () => {
    await test.create('picky', 'export const handler = async (event) => event;');
    const refused = (more: object) => test.invoke('picky', undefined, more);
    await expect(refused({ Payload: 'no json' })).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
    const large = JSON.stringify('x'.repeat(1_100_000));
    await expect(refused({ Payload: large, InvocationType: 'Event' })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
    expect((await refused({ Payload: large })).value).toHaveLength(1_100_000);
    await expect(test.invoke('nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody',
    });
    expect((await refused({})).value).toEqual({});
    await expect(refused({ InvocationType: 'Sync' })).rejects.toThrow('[Event, RequestResponse, DryRun]');
    await expect(refused({ LogType: 'Full' })).rejects.toThrow('[None, Tail]');
  });

  it('throttles beyond the reserved concurrency, and says why', async () => {
    await test.create(
      'reserved',
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 500)); };',
    );
    const reserve = (ReservedConcurrentExecutions: number) =>
      test.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'reserved', ReservedConcurrentExecutions }));
    await reserve(1);
    const [first, second] = await Promise.allSettled([test.invoke('reserved'), test.invoke('reserved')]);
    const reasons = [first, second].flatMap((one) => (one.status === 'rejected' ? [one.reason as object] : []));
    expect(reasons).toMatchObject([
      { name: 'TooManyRequestsException', Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
    ]);
    await expect(reserve(901)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  it('answers a response stream with what it is: not supported', async () => {
    const stream = test.lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: 'greeter' }));
    await expect(stream).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });

  it('is measured for CloudWatch', async () => {
    const seen: string[] = [];
    const stop = test.cloud.kernel.measurements.subscribe(({ namespace, name, dimensions, value }) => {
      if (namespace === 'AWS/Lambda' && dimensions['Resource'] === 'faulty')
        seen.push(`${name} ${name === 'Duration' ? '' : value}`);
    });
    await test.invoke('faulty', { kind: 'throw' });
    stop();
    expect(seen).toEqual(['ConcurrentExecutions 1', 'Invocations 1', 'Duration ', 'Errors 1']);
  });
});
