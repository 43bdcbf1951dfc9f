// Projects through the SDK: what they take, refuse by name, and show again.
import {
  ArtifactNamespace,
  ArtifactPackaging,
  ArtifactsType,
  BatchGetProjectsCommand,
  BatchReportModeType,
  BucketOwnerAccess,
  CacheMode,
  CacheType,
  ComputeType,
  CreateReportGroupCommand,
  DeleteReportGroupCommand,
  EnvironmentType,
  EnvironmentVariableType,
  GetReportGroupTrendCommand,
  ImagePullCredentialsType,
  ListBuildsCommand,
  ListProjectsCommand,
  ListReportGroupsCommand,
  LogsConfigStatusType,
  RetryBuildCommand,
  SourceType,
  type CreateProjectCommandInput,
} from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestCodeBuild } from './test-codebuild.ts';

let world: TestCodeBuild;

beforeAll(async () => {
  world = await TestCodeBuild.start();
});
afterAll(() => world.cloud.stop());

const SPEC = { phases: { build: { commands: ['true'] } } };

const environment = {
  type: 'LINUX_CONTAINER' as const,
  image: 'aws/codebuild/standard:7.0',
  computeType: 'BUILD_GENERAL1_SMALL' as const,
};

const s3 = { type: 'S3' as const, location: 'builds', name: 'n' };

/** Every value of the model in its place, and one that nobody has. */
const VALUES: [member: string, values: object, settings: (value: never) => Partial<CreateProjectCommandInput>][] = [
  ['source.type', SourceType, (type) => ({ source: { type, location: 'builds/x.zip', buildspec: '{}' } })],
  ['artifacts.type', ArtifactsType, (type) => ({ artifacts: { ...s3, type } })],
  ['artifacts.namespaceType', ArtifactNamespace, (namespaceType) => ({ artifacts: { ...s3, namespaceType } })],
  ['artifacts.packaging', ArtifactPackaging, (packaging) => ({ artifacts: { ...s3, packaging } })],
  ['artifacts.bucketOwnerAccess', BucketOwnerAccess, (access) => ({ artifacts: { ...s3, bucketOwnerAccess: access } })],
  ['environment.type', EnvironmentType, (type) => ({ environment: { ...environment, type } })],
  ['environment.computeType', ComputeType, (computeType) => ({ environment: { ...environment, computeType } })],
  [
    'environment.imagePullCredentialsType',
    ImagePullCredentialsType,
    (imagePullCredentialsType) => ({ environment: { ...environment, imagePullCredentialsType } }),
  ],
  [
    'environment.environmentVariables.1.member.type',
    EnvironmentVariableType,
    (type) => ({ environment: { ...environment, environmentVariables: [{ name: 'A', value: 'b', type }] } }),
  ],
  ['cache.type', CacheType, (type) => ({ cache: { type, location: 'builds/cache', modes: ['LOCAL_CUSTOM_CACHE'] } })],
  ['cache.modes', CacheMode, (mode) => ({ cache: { type: 'LOCAL', modes: [mode] } })],
  [
    'buildBatchConfig.batchReportMode',
    BatchReportModeType,
    (batchReportMode) => ({
      buildBatchConfig: { serviceRole: 'arn:aws:iam::000000000000:role/builder', batchReportMode },
    }),
  ],
  [
    'logsConfig.s3Logs.status',
    LogsConfigStatusType,
    (status) => ({ logsConfig: { s3Logs: { status, location: 'builds/logs' } } }),
  ],
];

test.for(VALUES)('each value of %s is taken and shown again, or refused by its name', async ([member, values, of]) => {
  const name = (value: string) => `v-${member.replaceAll(/\W/g, '-')}-${value}`;
  const taken: string[] = [];
  for (const value of Object.values(values) as string[]) {
    try {
      await world.project(name(value), SPEC, of(value as never));
      taken.push(value);
    } catch (error) {
      expect(error).toMatchObject({ name: 'NotImplemented', message: expect.stringContaining(value) as string });
    }
  }
  expect(taken.length).toBeGreaterThan(1);
  const { projects = [] } = await world.codebuild.send(new BatchGetProjectsCommand({ names: taken.map(name) }));
  for (const [index, value] of taken.entries()) expect(projects[index]).toMatchObject(of(value as never));
  await expect(world.project(name('other'), SPEC, of('NOBODY_HAS_THIS' as never))).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: expect.stringContaining(`'NOBODY_HAS_THIS' at '${member}'`) as string,
  });
});

test('a project and its builds have lists where AWS has lists', async () => {
  const build = await world.run('bare', SPEC);
  const lists = { secondarySources: [], secondarySourceVersions: [], secondaryArtifacts: [] };
  expect(build).toMatchObject({ ...lists, reportArns: [], exportedEnvironmentVariables: [] });
  const { projects } = await world.codebuild.send(new BatchGetProjectsCommand({ names: ['bare'] }));
  expect(projects).toMatchObject([{ ...lists, tags: [] }]);
});

test('a build says where its log is, also where that is S3 alone', async () => {
  const both = await world.run('told', SPEC);
  const uuid = both.id!.split(':')[1]!;
  expect(both.logs).toMatchObject({
    cloudWatchLogs: { status: 'ENABLED' },
    s3Logs: { status: 'DISABLED' },
    deepLink: expect.stringContaining(`group=/aws/codebuild/told;stream=${uuid}`) as string,
  });
  const logsConfig = {
    cloudWatchLogs: { status: 'DISABLED' as const },
    s3Logs: { status: 'ENABLED' as const, location: 'builds/logs' },
  };
  const { id, logs } = await world.run('told-s3', SPEC, { logsConfig });
  const key = `logs/${id!.split(':')[1]}.gz`;
  expect(logs).toEqual({
    ...logsConfig,
    s3LogsArn: `arn:aws:s3:::builds/${key}`,
    s3DeepLink: expect.stringContaining(`builds/${key}`) as string,
  });
  expect(await world.keys(key)).toEqual([key]);
});

test('a build that is retried twice with one token is retried once', async () => {
  const { id } = await world.run('retried', SPEC);
  const retry = () => world.codebuild.send(new RetryBuildCommand({ id, idempotencyToken: 'again' }));
  const { build } = await retry();
  expect((await retry()).build!.id).toBe(build!.id);
  await world.ended(build!.id!);
});

test('report groups are listed page by page, also by who deletes them on the way', async () => {
  for (const name of ['g1', 'g2', 'g3']) {
    const exportConfig = { exportConfigType: 'NO_EXPORT' as const };
    await world.codebuild.send(new CreateReportGroupCommand({ name, type: 'TEST', exportConfig }));
  }
  const list = (given: object) => world.codebuild.send(new ListReportGroupsCommand({ maxResults: 2, ...given }));
  const { reportGroups = [], nextToken } = await list({ sortBy: 'NAME' });
  expect(reportGroups).toHaveLength(2);
  for (const arn of reportGroups) await world.codebuild.send(new DeleteReportGroupCommand({ arn }));
  const last = await list({ sortBy: 'NAME', nextToken });
  expect(last).toMatchObject({ reportGroups: [expect.stringMatching(/\/g3$/)] });
  expect(last.nextToken).toBeUndefined();
  const invalid = { name: 'InvalidInputException' };
  for (const wrong of [{ maxResults: 0 }, { maxResults: 101 }, { nextToken: 'MQ' }, { sortBy: 'SIZE' }])
    await expect(list(wrong)).rejects.toMatchObject(invalid);
  for (const wrong of [{ sortBy: 'SIZE' }, { sortOrder: 'UP' }] as object[])
    await expect(world.codebuild.send(new ListProjectsCommand(wrong))).rejects.toMatchObject(invalid);
  await expect(world.codebuild.send(new ListBuildsCommand({ sortOrder: 'UP' as never }))).rejects.toMatchObject(
    invalid,
  );
  const trend = { reportGroupArn: last.reportGroups![0], trendField: 'LUCK' as never };
  await expect(world.codebuild.send(new GetReportGroupTrendCommand(trend))).rejects.toMatchObject(invalid);
});
