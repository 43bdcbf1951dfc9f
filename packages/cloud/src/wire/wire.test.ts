// The wire from outside: each protocol spoken by the SDK's own client to services that do what the test tells them.
import { Agent } from 'node:http';
import { Readable } from 'node:stream';

import {
  CodeBuildClient,
  ListProjectsCommand,
  ListBuildsCommand,
  BatchGetBuildsCommand,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  CopyObjectCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import { AwsError } from '../kernel/errors.ts';
import type { RequestBody } from './body.ts';
import { testService } from './test-service.ts';

const CREATED = new Date(1_000_000_000_000);

let cloud: Cloud;
const lines: { event: string; fields: unknown }[] = [];

beforeAll(async () => {
  const fail = (error: Error) => () => {
    throw error;
  };
  cloud = await startCloud({
    log: (event, fields) => lines.push({ event, fields }),
    services: [
      testService('codebuild', 'codebuild', {
        ListProjects: ({ sortBy, sortOrder }) => ({ projects: [sortBy, sortOrder] }),
        ListBuilds: fail(new AwsError('InvalidInputException', 'no such build')),
        BatchGetBuilds: fail(new TypeError('a secret detail')),
      }),
      testService('iam', 'iam', {
        CreateRole: (input) => ({ Role: { ...input, Path: '/', RoleId: 'AROA', Arn: 'arn', CreateDate: CREATED } }),
        GetRole: fail(new AwsError('NoSuchEntity', 'The role with name x cannot be found.')),
      }),
      testService('s3', 's3', {
        PutObject: async ({
          Bucket,
          Key,
          Body,
          Metadata,
        }: {
          Bucket: string;
          Key: string;
          Body: RequestBody;
          Metadata: object;
        }) => {
          const text = Buffer.concat(await Body.toArray()).toString();
          return { ETag: JSON.stringify({ Bucket, Key, text, Metadata, trailers: Body.trailers }) };
        },
        CopyObject: ({ CopySource }) => ({ CopyObjectResult: { ETag: CopySource } }),
        GetObject: ({ Range }) => ({
          Body: Readable.from([Buffer.from('hel'), Buffer.from('lo')]),
          ContentLength: 5,
          ContentRange: Range,
          LastModified: CREATED,
          Metadata: { colour: 'blue' },
          $metadata: { httpStatusCode: 206 },
        }),
        GetBucketLocation: ({ Bucket }) => ({ LocationConstraint: Bucket }),
        ListObjectsV2: ({ Bucket, MaxKeys }) => ({
          Name: Bucket,
          MaxKeys,
          Contents: [{ Key: 'a&b', LastModified: CREATED }],
        }),
        HeadObject: fail(new AwsError('NotModified', 'not modified', { status: 304, headers: { etag: '"e"' } })),
      }),
    ],
  });
});
afterAll(() => cloud.stop());

const config = () => ({
  endpoint: cloud.endpoint,
  region: 'eu-west-1',
  credentials: cloud.credentials,
  maxAttempts: 1,
});
const codebuild = () => new CodeBuildClient(config());
const iam = () => new IAMClient(config());
const s3 = () => new S3Client(config());

test('JSON carries input, output and errors', async () => {
  const { projects } = await codebuild().send(new ListProjectsCommand({ sortBy: 'NAME', sortOrder: 'ASCENDING' }));
  expect(projects).toEqual(['NAME', 'ASCENDING']);
  await expect(codebuild().send(new ListBuildsCommand({}))).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: 'no such build',
    $metadata: { httpStatusCode: 400, requestId: expect.any(String) },
  });
});

test('the same service answers in the protocol it is asked in', async () => {
  for (const protocol of [AwsQueryProtocol, AwsSmithyRpcV2CborProtocol]) {
    const client = new CodeBuildClient({ ...config(), protocol });
    expect((await client.send(new ListProjectsCommand({ sortBy: 'NAME' }))).projects).toContain('NAME');
    await expect(client.send(new ListBuildsCommand({}))).rejects.toMatchObject({ name: 'InvalidInputException' });
  }
});

test('query answers carry lists and dates, and errors the status of their shape', async () => {
  const Tags = [{ Key: 'a', Value: '<b> & "c"' }];
  const { Role } = await iam().send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: '{}', Tags }));
  expect(Role).toMatchObject({ RoleName: 'r', Tags, CreateDate: CREATED });
  await expect(iam().send(new GetRoleCommand({ RoleName: 'x' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
    message: 'The role with name x cannot be found.',
    $metadata: { httpStatusCode: 404 },
  });
});

test('an operation that the cloud does not have is refused by name, and logged once', async () => {
  lines.length = 0;
  await expect(iam().send(new ListRolesCommand({}))).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('iam action ListRoles'),
    $metadata: { httpStatusCode: 501 },
  });
  expect(lines).toHaveLength(1);
});

test('a bug is an internal failure without details for the client and with them in the log', async () => {
  lines.length = 0;
  await expect(codebuild().send(new BatchGetBuildsCommand({ ids: ['x'] }))).rejects.toMatchObject({
    name: 'InternalFailure',
    message: expect.not.stringContaining('secret detail'),
    $metadata: { httpStatusCode: 500 },
  });
  expect(JSON.stringify(lines)).toContain('a secret detail');
});

test('a missing required member is named as AWS names it', async () => {
  await expect(iam().send(new GetRoleCommand({} as never))).rejects.toMatchObject({
    name: 'ValidationError',
    message:
      "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null",
  });
});

test('an object goes up whole and as a stream, with what trails it', async () => {
  const put = async (input: Partial<PutObjectCommand['input']>) => {
    const { ETag } = await s3().send(new PutObjectCommand({ Bucket: 'b', Key: 'a b/ü+c', Body: 'text', ...input }));
    return JSON.parse(ETag!) as unknown;
  };
  expect(await put({ Metadata: { colour: 'blue' } })).toEqual({
    Bucket: 'b',
    Key: 'a b/ü+c',
    text: 'text',
    Metadata: { colour: 'blue' },
    trailers: {},
  });
  const Body = Readable.from([Buffer.from('str'), Buffer.from('eam')]);
  expect(await put({ Body, ContentLength: 6 })).toMatchObject({
    text: 'stream',
    trailers: { 'x-amz-checksum-crc32': expect.any(String) },
  });
});

test('an object comes down as a stream, with the status and headers that the operation gave', async () => {
  const { Body, ...rest } = await s3().send(new GetObjectCommand({ Bucket: 'b', Key: 'k', Range: 'bytes=0-4' }));
  expect(await Body!.transformToString()).toBe('hello');
  expect(rest).toMatchObject({
    ContentRange: 'bytes=0-4',
    LastModified: CREATED,
    Metadata: { colour: 'blue' },
    $metadata: { httpStatusCode: 206 },
  });
});

test('S3 operations are told apart by markers and headers, with the bucket in the path or in the host', async () => {
  const copy = await s3().send(new CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'from/here' }));
  expect(copy.CopyObjectResult?.ETag).toBe('from/here');
  // Not every machine resolves the names under localhost.
  const httpAgent = new Agent({ lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) });
  const endpoint = `http://s3.localhost:${cloud.port}`;
  for (const client of [s3(), new S3Client({ ...config(), endpoint, requestHandler: { httpAgent } })]) {
    expect((await client.send(new GetBucketLocationCommand({ Bucket: 'bucket' }))).LocationConstraint).toBe('bucket');
    const list = await client.send(new ListObjectsV2Command({ Bucket: 'bucket', MaxKeys: 7 }));
    expect(list).toMatchObject({ Name: 'bucket', MaxKeys: 7, Contents: [{ Key: 'a&b', LastModified: CREATED }] });
  }
});

test('an answer without a body has none', async () => {
  await expect(s3().send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
    $response: { headers: { etag: '"e"' } },
  });
});
