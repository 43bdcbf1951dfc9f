// DynamoDB through the cloud beside dynoxide alone: what signatures, policies, metering and the door cost.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';

import { answering, end, freePort, startPlinth, type Subject } from './peers.ts';
import { sideBySide, type Workload } from './side-by-side.ts';

/** Items that a query finds. */
const QUERIED = 50;

export async function benchDynamodb(): Promise<void> {
  await sideBySide('DynamoDB', [await startPlinth(), await startDynoxide()], workloads);
}

/** On a file, as under the cloud. */
async function startDynoxide(): Promise<Subject> {
  const platform = `${process.platform}-${process.arch}`;
  const installed = `../../.plinth/toolchain/node_modules/@dynoxide/${platform}/dynoxide`;
  const binary = process.env['PLINTH_DYNOXIDE'] ?? fileURLToPath(new URL(installed, import.meta.url));
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-dynoxide-'));
  const options = ['serve', '--port', String(port), '--db-path', join(folder, 'tables.sqlite')];
  const child = spawn(binary, options, { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  await answering(endpoint);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return {
    name: 'dynoxide',
    endpoint,
    credentials,
    pid: child.pid ?? 0,
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true });
    },
  };
}

async function workloads({ endpoint, credentials }: Subject): Promise<Workload[]> {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const TableName = 'bench';
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'N' },
      ],
    }),
  );
  const key = (index: number) => ({ pk: { S: `partition-${index % 10}` }, sk: { N: String(index) } });
  const text = { S: 'x'.repeat(200) };
  const put = (index: number) => client.send(new PutItemCommand({ TableName, Item: { ...key(index), text } }));
  const get = (index: number) => client.send(new GetItemCommand({ TableName, Key: key(index) }));
  const query = (index: number) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': key(index).pk },
        Limit: QUERIED,
      }),
    );
  return [
    ['PutItem', put],
    ['GetItem', get],
    [`Query of ${QUERIED} items`, query],
    ['All three in turn', (index) => [put, get, query][index % 3]?.(index) ?? Promise.resolve()],
  ];
}
