// Asynchronous invocations: tried again on the cloud's clock, reported where the function wants it, and never lost.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import type { Cloud } from '../../cloud.ts';
import type { Call, Service } from '../../kernel/service.ts';
import { loadServices } from '../index.ts';
import { TestLambda } from './test-lambda.ts';

const MINUTE = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'plinth-lambda-events-'));
const queue = 'arn:aws:sqs:us-east-1:000000000000:dead';
// oxlint-disable-next-line typescript/no-explicit-any -- what SQS would get, which each test looks into
const sent: { input: any; call: Call }[] = [];
let test: TestLambda;

/** What SQS is to Lambda's destinations: something that takes messages. */
const takingQueue = (): Service => ({
  name: 'sqs',
  client: 'sqs',
  resources: [],
  operations: {
    SendMessage: {
      access: () => [{ action: 'sqs:SendMessage', resource: queue }],
      run: (input, call) => {
        sent.push({ input, call });
        return {};
      },
    },
  },
});

beforeAll(async () => {
  const others = (await loadServices()).filter((create) => create.name !== 'sqs');
  test = await TestLambda.start({ services: [...others, takingQueue] });
  await test.createRole('sender', ['logs:*', 'sqs:SendMessage', 'lambda:InvokeFunction']);
});

afterAll(async () => {
  await test.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A function that says in a file that it ran, at what time of the cloud's, and then fails as often as the event says. */
const recording = (file: string) => `import { appendFileSync, readFileSync } from 'node:fs';
  export const handler = async (event) => {
    appendFileSync(${JSON.stringify(file)}, Date.now() + '\\n');
    const runs = readFileSync(${JSON.stringify(file)}, 'utf8').trim().split('\\n').length;
    if (runs <= event.failures) throw new Error('attempt ' + runs);
    return { runs };
  };`;

const runsIn = (file: string): number[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];

const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  test.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));

const send = (name: string, event: object) => test.invoke(name, event, { InvocationType: 'Event', LogType: 'None' });

it('an event is taken on at once and handled soon', async () => {
  const file = join(folder, 'once');
  await test.create('once', recording(file));
  expect(await send('once', { failures: 0 })).toMatchObject({ status: 202, value: undefined });
  await vi.waitFor(() => expect(runsIn(file)).toHaveLength(1));
});

it('a failed event is tried again after one minute and after two more, then sent to the destination and the dead letters', async () => {
  const file = join(folder, 'failing');
  await test.create('failing', recording(file), {
    Role: 'arn:aws:iam::000000000000:role/sender',
    DeadLetterConfig: { TargetArn: queue },
  });
  await test.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'failing',
      DestinationConfig: { OnFailure: { Destination: queue }, OnSuccess: { Destination: queue } },
    }),
  );
  await send('failing', { failures: 3 });
  await vi.waitFor(() => expect(runsIn(file)).toHaveLength(1));
  await settled('failing');
  await test.cloud.clock.advance(MINUTE - 5_000);
  expect(runsIn(file)).toHaveLength(1);
  await test.cloud.clock.advance(10 * MINUTE);
  const [first, second, third, ...more] = runsIn(file);
  expect(more).toEqual([]);
  expect(second! - first!).toBeGreaterThanOrEqual(MINUTE);
  expect(third! - second!).toBeGreaterThanOrEqual(2 * MINUTE);
  expect(third! - first!).toBeLessThan(4 * MINUTE);
  const [record, dead] = sent.splice(0);
  expect(JSON.parse(record!.input.MessageBody)).toEqual({
    version: '1.0',
    timestamp: expect.any(String),
    requestContext: {
      requestId: expect.any(String),
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:failing:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { failures: 3 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'attempt 3', trace: expect.any(Array) },
  });
  expect(record!.call.principal).toMatchObject({ kind: 'session', roleName: 'sender' });
  expect(dead!.input).toMatchObject({
    QueueUrl: expect.stringMatching(/\/000000000000\/dead$/),
    MessageBody: '{"failures":3}',
    MessageAttributes: { ErrorMessage: { StringValue: 'attempt 3' }, ErrorCode: { StringValue: '200' } },
  });
});

it('a failure is told to a bucket, which takes no successes', async () => {
  const s3 = new S3Client({ ...test.as(), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'failures' }));
  await test.create('stored', 'export const handler = async () => { throw new Error("always"); };', {
    Role: await test.createRole('storer', ['s3:PutObject']),
  });
  const bucket = { Destination: 'arn:aws:s3:::failures' };
  const configure = (DestinationConfig: object) =>
    test.lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName: 'stored', MaximumRetryAttempts: 0, DestinationConfig }),
    );
  await expect(configure({ OnSuccess: bucket })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  await configure({ OnFailure: bucket });
  await send('stored', { number: 1 });
  const list = async () => (await s3.send(new ListObjectsV2Command({ Bucket: 'failures' }))).Contents ?? [];
  await vi.waitFor(async () => expect(await list()).toHaveLength(1));
  const [{ Key } = {}] = await list();
  expect(Key).toMatch(
    /^aws\/lambda\/async\/stored\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
  );
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'failures', Key }));
  expect(JSON.parse(await Body!.transformToString())).toMatchObject({
    requestContext: { condition: 'RetriesExhausted' },
    requestPayload: { number: 1 },
  });
});

it('a success is told to its destination, and less retries are made where less are wanted', async () => {
  const file = join(folder, 'succeeding');
  await test.create('succeeding', recording(file), { Role: 'arn:aws:iam::000000000000:role/sender' });
  const configure = (MaximumRetryAttempts: number, more: object = {}) =>
    test.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: 'succeeding',
        MaximumRetryAttempts,
        DestinationConfig: { OnSuccess: { Destination: queue }, OnFailure: { Destination: queue } },
        ...more,
      }),
    );
  await configure(0);
  await send('succeeding', { failures: 9 });
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(JSON.parse(sent.pop()!.input.MessageBody)).toMatchObject({ requestContext: { approximateInvokeCount: 1 } });
  await configure(2, { MaximumEventAgeInSeconds: 60 });
  await send('succeeding', { failures: 0 });
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(JSON.parse(sent.pop()!.input.MessageBody)).toMatchObject({
    requestContext: { condition: 'Success' },
    responsePayload: { runs: 2 },
  });
  await send('succeeding', { failures: 9 });
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  expect(JSON.parse(sent.pop()!.input.MessageBody)).toMatchObject({
    requestContext: { condition: 'EventAgeExceeded' },
  });
});

it('a throttled event waits, and is no failure', async () => {
  const [begun, go] = [join(folder, 'throttled'), join(folder, 'throttled-go')];
  const code = `import { appendFileSync, existsSync } from 'node:fs';
    export const handler = async () => {
      appendFileSync(${JSON.stringify(begun)}, Date.now() + '\\n');
      while (!existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 10));
    };`;
  await test.create('throttled', code, { Timeout: 60 });
  await reserve('throttled', 1);
  await send('throttled', { number: 1 });
  await vi.waitFor(() => expect(runsIn(begun)).toHaveLength(1));
  const measured: string[] = [];
  const stop = test.cloud.kernel.measurements.subscribe(({ name }) => measured.push(name));
  await send('throttled', { number: 2 });
  await vi.waitFor(() => expect(measured).toContain('Throttles'));
  stop();
  expect(runsIn(begun)).toHaveLength(1);
  writeFileSync(go, '');
  await test.cloud.clock.advance(5 * MINUTE);
  await vi.waitFor(() => expect(runsIn(begun)).toHaveLength(2));
});

it('an event of a function that may not run at all is given up at once', async () => {
  const file = join(folder, 'paused');
  await test.create('paused', recording(file), {
    Role: 'arn:aws:iam::000000000000:role/sender',
    DeadLetterConfig: { TargetArn: queue },
  });
  await reserve('paused', 0);
  const input = { FunctionName: 'paused', DestinationConfig: { OnFailure: { Destination: queue } } };
  await test.lambda.send(new PutFunctionEventInvokeConfigCommand(input));
  await send('paused', { failures: 0 });
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  const [record, dead] = sent.splice(0);
  expect(JSON.parse(record!.input.MessageBody)).toMatchObject({
    requestContext: { condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 },
    requestPayload: { failures: 0 },
  });
  expect(dead!.input.MessageBody).toBe('{"failures":0}');
  await reserve('paused', 5);
  await test.cloud.clock.advance(5 * MINUTE);
  expect(runsIn(file)).toEqual([]);
});

it('a delivery that the role may not make is counted, and nothing else fails', async () => {
  const failures: string[] = [];
  const stop = test.cloud.kernel.measurements.subscribe(({ name }) => failures.push(name));
  await test.create('unable', 'export const handler = async () => 1;');
  await test.lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'unable',
      DestinationConfig: { OnSuccess: { Destination: queue } },
    }),
  );
  await send('unable', {});
  await vi.waitFor(() => expect(failures).toContain('DestinationDeliveryFailures'));
  stop();
  expect(sent).toEqual([]);
});

it(
  'kill -9 of the cloud loses no event that was taken on, and ends the function with it',
  { timeout: 60_000 },
  async () => {
    const state = join(folder, 'cloud');
    const begun = join(folder, 'begun');
    const go = join(folder, 'go');
    const done = join(folder, 'done');
    const code = `import { appendFileSync, existsSync } from 'node:fs';
    export const handler = async ({ number }) => {
      appendFileSync(${JSON.stringify(begun)}, process.pid + '\\n');
      if (!existsSync(${JSON.stringify(go)})) for (;;);
      appendFileSync(${JSON.stringify(done)}, number + '\\n');
    };`;
    const first = await daemon(state);
    await first.test.createRole('runner', []);
    await first.test.create('looping', code, { Timeout: 60 });
    for (const number of [1, 2, 3]) {
      const Payload = JSON.stringify({ number });
      await first.test.lambda.send(new InvokeCommand({ FunctionName: 'looping', InvocationType: 'Event', Payload }));
    }
    await vi.waitFor(() => expect(runsIn(begun).length).toBeGreaterThan(0));
    const [pid] = runsIn(begun);
    first.process.kill('SIGKILL');
    await vi.waitFor(() => expect(() => process.kill(pid!, 0)).toThrow('ESRCH'));
    writeFileSync(go, '');
    const second = await daemon(state);
    await vi.waitFor(() => expect(runsIn(done).toSorted((left, right) => left - right)).toEqual([1, 2, 3]));
    const ended = once(second.process, 'exit');
    second.process.kill('SIGTERM');
    await ended;
  },
);

/** The attempt of a function's event is over and its outcome is kept. */
async function settled(name: string): Promise<void> {
  await vi.waitFor(async () => expect((await test.logLines(name)).at(-1)).toMatch(/^REPORT/));
}

async function daemon(state: string): Promise<{ process: ChildProcess; test: TestLambda }> {
  const file = join(import.meta.dirname, '..', '..', 'daemon.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, state, '0'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  expect((await once(child, 'message'))[0]).toEqual({ ready: true });
  const record = JSON.parse(readFileSync(join(state, 'process.json'), 'utf8')) as Record<string, string>;
  const credentials = { accessKeyId: record['accessKeyId']!, secretAccessKey: record['secretAccessKey']! };
  return { process: child, test: new TestLambda({ endpoint: record['endpoint'], credentials } as Cloud) };
}
