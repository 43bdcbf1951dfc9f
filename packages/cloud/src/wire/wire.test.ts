import { Readable } from 'node:stream';

// Every protocol, spoken by the SDK's own clients to services that only echo.
import { CodeBuildClient, ListProjectsCommand } from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  HeadObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import { AwsError } from '../kernel/errors.ts';
import type { Operations, Service } from '../kernel/service.ts';

let cloud: Cloud;
const seen: unknown[] = [];

const service = (name: string, client: string, operations: Record<string, (input: any) => unknown>) => (): Service => ({
  name,
  client,
  resources: [],
  operations: Object.fromEntries(
    Object.entries(operations).map(([key, run]) => [
      key,
      { access: () => [], run: async (input: unknown) => run(input) },
    ]),
  ) as Operations,
});

beforeAll(async () => {
  cloud = await startCloud({
    log: (event, fields) => console.log(event, fields),
    services: [
      service('codebuild', 'codebuild', { ListProjects: (input) => ({ projects: [input.sortBy, input.sortOrder] }) }),
      service('iam', 'iam', {
        CreateRole: (input) => ({ Role: { ...input, Path: '/', RoleId: 'x', Arn: 'arn', CreateDate: new Date(1e12) } }),
        GetRole: () => {
          throw new AwsError('NoSuchEntity', 'no such role');
        },
      }),
      service('s3', 's3', {
        PutObject: async (input) => {
          const chunks = [];
          for await (const chunk of input.Body) chunks.push(chunk);
          seen.push([input.Bucket, input.Key, Buffer.concat(chunks).toString(), input.Metadata, input.Body.trailers]);
          return { ETag: '"e"' };
        },
        GetObject: (input) => ({
          Body: Readable.from([Buffer.from('hello')]),
          ContentLength: 5,
          ETag: '"e"',
          Metadata: { a: 'b' },
          LastModified: new Date(1e12),
          ContentRange: input.Range,
          $metadata: { httpStatusCode: 206 },
        }),
        ListObjectsV2: (input) => ({
          Name: input.Bucket,
          Contents: [{ Key: 'a&b', Size: 3, LastModified: new Date(1e12) }],
          KeyCount: 1,
          MaxKeys: input.MaxKeys,
        }),
        HeadObject: () => {
          throw new AwsError('NoSuchKey', 'no', { status: 404 });
        },
      }),
    ],
  });
});
afterAll(() => cloud.stop());

const config = () => ({ endpoint: cloud.endpoint, region: 'eu-west-1', credentials: cloud.credentials });

test('json', async () => {
  const client = new CodeBuildClient(config());
  expect((await client.send(new ListProjectsCommand({ sortBy: 'NAME', sortOrder: 'ASCENDING' }))).projects).toEqual([
    'NAME',
    'ASCENDING',
  ]);
});

test('query', async () => {
  const client = new IAMClient(config());
  const out = await client.send(
    new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: '{}', Tags: [{ Key: 'a', Value: 'b' }] }),
  );
  expect(out.Role).toMatchObject({ RoleName: 'r', Tags: [{ Key: 'a', Value: 'b' }], CreateDate: new Date(1e12) });
  await expect(client.send(new GetRoleCommand({ RoleName: 'x' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
    message: 'no such role',
    $metadata: { httpStatusCode: 404 },
  });
});

test('rest-xml', async () => {
  const client = new S3Client(config());
  await client.send(new PutObjectCommand({ Bucket: 'b', Key: 'a b/ü+c', Body: 'text', Metadata: { x: 'y' } }));
  await client.send(
    new PutObjectCommand({
      Bucket: 'b',
      Key: 'k',
      Body: Readable.from([Buffer.from('stream'), Buffer.from('ed')]),
      ContentLength: 8,
    }),
  );
  expect(seen).toEqual([
    ['b', 'a b/ü+c', 'text', { x: 'y' }, {}],
    ['b', 'k', 'streamed', undefined, { 'x-amz-checksum-crc32': '2SIbYw==' }],
  ]);
  const got = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k', Range: 'bytes=0-4' }));
  expect(await got.Body!.transformToString()).toBe('hello');
  expect(got).toMatchObject({
    ETag: '"e"',
    Metadata: { a: 'b' },
    LastModified: new Date(1e12),
    ContentRange: 'bytes=0-4',
  });
  expect(await client.send(new ListObjectsV2Command({ Bucket: 'b', MaxKeys: 7 }))).toMatchObject({
    Name: 'b',
    MaxKeys: 7,
    Contents: [{ Key: 'a&b', Size: 3 }],
  });
  await expect(client.send(new HeadObjectCommand({ Bucket: 'b', Key: 'z' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
});
