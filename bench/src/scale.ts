// A million objects and a million items: what a call costs at the beginning and at the end, and what the process weighs.
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { median } from './measure.ts';
import { residentMegabytes, startPlinth, type Subject } from './peers.ts';

/** How many of each; `PLINTH_BENCH_SCALE` says another number. */
const COUNT = Number(process.env['PLINTH_BENCH_SCALE'] ?? 1_000_000);

const MARKS = 5;
const CONCURRENCY = 8;
const BATCH = 25;

export const benchObjects = (): Promise<void> =>
  withPlinth((plinth, configuration) => objects(new S3Client({ ...configuration, forcePathStyle: true }), plinth));

export const benchItems = (): Promise<void> =>
  withPlinth((plinth, configuration) => items(new DynamoDBClient(configuration), plinth));

type Configuration = Pick<Subject, 'endpoint' | 'credentials'> & { region: string };

async function withPlinth(work: (plinth: Subject, configuration: Configuration) => Promise<void>): Promise<void> {
  const plinth = await startPlinth();
  try {
    await work(plinth, { endpoint: plinth.endpoint, region: 'us-east-1', credentials: plinth.credentials });
  } finally {
    await plinth.stop();
  }
}

async function objects(s3: S3Client, plinth: Subject): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: 'scale' }));
  const key = (index: number) => `folder-${index % 1_000}/${index}`;
  const put = (index: number) => s3.send(new PutObjectCommand({ Bucket: 'scale', Key: key(index), Body: 'x' }));
  const one = async (index: number) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'scale', Key: key(index) })).catch(orNothing);
    await Body?.transformToByteArray();
  };
  const list = () => s3.send(new ListObjectsV2Command({ Bucket: 'scale', Prefix: 'folder-7/', MaxKeys: 100 }));
  await grow('objects', plinth, {
    write: put,
    calls: [
      ['put', (at) => put(at)],
      ['get', (at) => one(Math.floor(Math.random() * at))],
      ['list a folder', list],
    ],
  });
}

async function items(dynamodb: DynamoDBClient, plinth: Subject): Promise<void> {
  const TableName = 'scale';
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
  const item = (index: number) => ({ PutRequest: { Item: { pk: { S: `item-${index}` }, v: { N: `${index}` } } } });
  const batch = (index: number) =>
    index % BATCH === 0
      ? dynamodb.send(
          new BatchWriteItemCommand({
            RequestItems: { [TableName]: Array.from({ length: BATCH }, (_, each) => item(index + each)) },
          }),
        )
      : Promise.resolve();
  const get = (at: number) =>
    dynamodb.send(
      new GetItemCommand({ TableName, Key: { pk: { S: `item-${Math.floor(Math.random() * Math.max(at, 1))}` } } }),
    );
  await grow('items', plinth, { write: batch, calls: [['get', get]] });
}

interface Growth {
  readonly write: (index: number) => Promise<unknown>;
  /** Timed at each mark; they are given how much there is. */
  readonly calls: readonly (readonly [name: string, call: (at: number) => Promise<unknown>])[];
}

async function grow(what: string, { pid }: Subject, { write, calls }: Growth): Promise<void> {
  console.log(`\n${COUNT} ${what}`);
  for (let mark = 0; mark <= MARKS; mark++) {
    const at = Math.floor((COUNT * mark) / MARKS);
    const medians: string[] = [];
    for (const [name, call] of calls) medians.push(`${name} ${(await median(() => call(at))).toFixed(2)} ms`);
    console.log(`  at ${String(at).padStart(8)}  ${medians.join(', ')}, ${residentMegabytes(pid)} MB`);
    let next = at;
    const end = mark === MARKS ? at : Math.floor((COUNT * (mark + 1)) / MARKS);
    const worker = async () => {
      for (let index = next++; index < end; index = next++) await write(index);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  }
}

/** Before the first mark there is nothing to get. */
function orNothing(error: Error): { Body?: undefined } {
  if (error.name === 'NoSuchKey') return {};
  throw error;
}
