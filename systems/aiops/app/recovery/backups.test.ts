import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';

import { findLosses } from './backups.ts';

const table = { address: 'aws_dynamodb_table.incidents', type: 'aws_dynamodb_table', name: 'aiops-incidents' };

const backup = (name: string, second: number, status = 'AVAILABLE') => ({
  BackupName: name,
  BackupArn: `arn:aws:dynamodb:us-east-1:123456789012:table/aiops-incidents/backup/${name}`,
  BackupCreationDateTime: second,
  BackupStatus: status,
});

/** A DynamoDB that answers ListBackups page by page, or with an error. */
const dynamodb = async (
  answer: (after: string | undefined) => { status: number; body: object },
): Promise<DynamoDBClient> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const input = JSON.parse(Buffer.concat(chunks).toString()) as { ExclusiveStartBackupArn?: string };
      expect(request.headers['x-amz-target']).toBe('DynamoDB_20120810.ListBackups');
      expect(input).toMatchObject({ TableName: 'aiops-incidents', BackupType: 'ALL' });
      const { status, body } = answer(input.ExclusiveStartBackupArn);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return client;
};

test('the newest backup that is available is named, on whichever page it is', async () => {
  const client = await dynamodb((after) => ({
    status: 200,
    body:
      after === undefined
        ? {
            BackupSummaries: [backup('nightly', 1_000), backup('half', 9_000, 'CREATING')],
            LastEvaluatedBackupArn: 'next',
          }
        : { BackupSummaries: [backup('aiops-incidents$DeletedTableBackup', 2_000)] },
  }));

  expect(await findLosses([table], client)).toEqual([
    {
      ...table,
      backup: {
        name: 'aiops-incidents$DeletedTableBackup',
        arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/aiops-incidents/backup/aiops-incidents$DeletedTableBackup',
        takenAt: '1970-01-01T00:33:20.000Z',
      },
    },
  ]);
});

test('no backup is no backup', async () => {
  const client = await dynamodb(() => ({ status: 200, body: { BackupSummaries: [] } }));

  expect(await findLosses([table], client)).toEqual([table]);
});

test('not being allowed to ask is told apart from there being none, and stops nothing', async () => {
  const client = await dynamodb(() => ({
    status: 400,
    body: { __type: 'AccessDeniedException', message: 'not allowed' },
  }));

  expect(await findLosses([table], client)).toEqual([{ ...table, unknown: 'AccessDeniedException: not allowed' }]);
});

test('what is no table has no such backup', async () => {
  const group = { address: 'aws_cloudwatch_log_group.l', type: 'aws_cloudwatch_log_group', name: '/l' };
  const client = await dynamodb(() => ({ status: 500, body: {} }));

  expect(await findLosses([group], client)).toEqual([group]);
});
