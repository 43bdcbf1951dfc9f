// Benchmarks side by side in one run: the same client against the cloud and, where it is installed, against moto_server.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';

import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startCloud } from '@plinth/cloud';

interface Subject {
  readonly name: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

interface Measure {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Calls of each kind: enough for a median, few enough for a coffee. */
const CALLS = 500;
const CONCURRENCY = 4;

const started = performance.now();
const cloud = await startCloud();
const sts = new STSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials: cloud.credentials });
await sts.send(new GetCallerIdentityCommand({}));
console.log(`cloud in this process, to its first answer: ${(performance.now() - started).toFixed(0)} ms\n`);

const moto = await startMoto();
const subjects: Subject[] = [
  { name: 'plinth', endpoint: cloud.endpoint, credentials: cloud.credentials },
  ...(moto
    ? [{ name: 'moto_server', endpoint: moto.endpoint, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }]
    : []),
];
const results = new Map<string, Measure[]>();
for (const subject of subjects) {
  for (const [name, call] of await workloads(subject)) {
    results.set(name, [...(results.get(name) ?? []), await measure(call)]);
  }
}
for (const [name, measures] of results) {
  const cells = measures.map(({ perSecond, p50, p99 }, index) => {
    const label = subjects[index]?.name ?? '';
    return `${label} ${perSecond.toFixed(0)}/s (p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms)`;
  });
  const [own, peer] = measures;
  const ratio = own && peer ? `  ${(own.perSecond / peer.perSecond).toFixed(1)}x` : '';
  console.log(`${name.padEnd(16)} ${cells.join('   ')}${ratio}`);
}
moto?.process.kill();
await cloud.stop();

async function workloads({ endpoint, credentials }: Subject): Promise<[string, (index: number) => Promise<unknown>][]> {
  const configuration = { endpoint, region: 'us-east-1', credentials, forcePathStyle: true };
  const s3 = new S3Client(configuration);
  const identity = new STSClient(configuration);
  const logs = new CloudWatchLogsClient(configuration);
  const kilobyte = Buffer.alloc(1_024, 'x');
  const megabyte = Buffer.alloc(1_048_576, 'x');
  await s3.send(new CreateBucketCommand({ Bucket: 'bench' }));
  await s3.send(new PutObjectCommand({ Bucket: 'bench', Key: 'mb', Body: megabyte }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'bench' }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: 'bench', logStreamName: 'one' }));
  const read = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bench', Key }));
    return Body?.transformToByteArray();
  };
  return [
    ['STS identity', () => identity.send(new GetCallerIdentityCommand({}))],
    ['S3 put 1 KB', (index) => s3.send(new PutObjectCommand({ Bucket: 'bench', Key: `kb-${index}`, Body: kilobyte }))],
    ['S3 get 1 KB', (index) => read(`kb-${index}`)],
    [
      'S3 put 1 MB',
      (index) => s3.send(new PutObjectCommand({ Bucket: 'bench', Key: `mb-${index % 10}`, Body: megabyte })),
    ],
    ['S3 get 1 MB', () => read('mb')],
    [
      'Logs put',
      () =>
        logs.send(
          new PutLogEventsCommand({
            logGroupName: 'bench',
            logStreamName: 'one',
            logEvents: [{ timestamp: Date.now(), message: 'hello' }],
          }),
        ),
    ],
  ];
}

async function measure(call: (index: number) => Promise<unknown>): Promise<Measure> {
  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  const worker = async () => {
    for (let index = next++; index < CALLS; index = next++) {
      const at = performance.now();
      await call(index);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  const seconds = (performance.now() - begun) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { perSecond: CALLS / seconds, p50: at(0.5), p99: at(0.99) };
}

async function startMoto(): Promise<{ endpoint: string; process: ChildProcess } | undefined> {
  const port = await freePort();
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  let gone = false;
  child.once('error', () => (gone = true));
  child.once('exit', () => (gone = true));
  const endpoint = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 100; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (gone) return undefined;
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return { endpoint, process: child };
  }
  child.kill();
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
