// Batches through the AWS SDK: lists, graphs and matrices of builds that really run.
import {
  BatchGetBuildBatchesCommand,
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  DeleteBuildBatchCommand,
  ListBuildBatchesForProjectCommand,
  RetryBuildBatchCommand,
  StartBuildBatchCommand,
  StopBuildBatchCommand,
  type BuildBatch,
  type ProjectBuildBatchConfig,
  type StartBuildBatchCommandInput,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';

let cloud: Cloud;
let codebuild: CodeBuildClient;

const roleArn = (name: string) => `arn:aws:iam::000000000000:role/${name}`;

beforeAll(async () => {
  cloud = await startCloud();
  const configuration = { endpoint: cloud.endpoint, region: 'us-east-1', credentials: cloud.credentials };
  codebuild = new CodeBuildClient(configuration);
  const iam = new IAMClient(configuration);
  const trust = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'codebuild.amazonaws.com' } },
  };
  for (const [RoleName, Action] of [
    ['builder', ['logs:*']],
    ['batcher', ['codebuild:StartBuild', 'codebuild:StopBuild', 'iam:PassRole']],
    ['idler', ['logs:*']],
  ] as const) {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action, Resource: '*' },
    });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
  }
});

afterAll(() => cloud.stop());

async function start(name: string, buildspec: object, config: ProjectBuildBatchConfig = {}): Promise<string> {
  await codebuild.send(
    new CreateProjectCommand({
      name,
      serviceRole: roleArn('builder'),
      source: { type: 'NO_SOURCE', buildspec: JSON.stringify({ version: 0.2, ...buildspec }) },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'aws/codebuild/standard:7.0',
        computeType: 'BUILD_GENERAL1_SMALL',
      },
      buildBatchConfig: { serviceRole: roleArn('batcher'), ...config },
    }),
  );
  const { buildBatch } = await codebuild.send(new StartBuildBatchCommand({ projectName: name }));
  return buildBatch!.id!;
}

const get = async (id: string): Promise<BuildBatch> =>
  (await codebuild.send(new BatchGetBuildBatchesCommand({ ids: [id] }))).buildBatches![0]!;

async function ended(id: string): Promise<BuildBatch> {
  return vi.waitFor(async () => {
    const batch = await get(id);
    if (!batch.complete) throw new Error(`${id} is ${batch.currentPhase}`);
    return batch;
  });
}

const statuses = (batch: BuildBatch) =>
  Object.fromEntries(
    (batch.buildGroups ?? []).map(({ identifier, currentBuildSummary: build }) => [identifier, build?.buildStatus]),
  );

const phases = (command: string) => ({ phases: { build: { commands: [command] } } });

it('a graph runs each build after those that it depends on, with its own variables', async () => {
  const id = await start('graph', {
    ...phases('echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER is $COLOR"'),
    env: { 'exported-variables': ['COLOR'] },
    batch: {
      'build-graph': [
        { identifier: 'deploy', 'depend-on': ['test_a', 'test_b'], env: { variables: { COLOR: 'green' } } },
        { identifier: 'test_a', env: { variables: { COLOR: 'red' } } },
        { identifier: 'test_b', env: { variables: { COLOR: 'blue' } } },
      ],
    },
  });
  const batch = await ended(id);
  expect(batch).toMatchObject({ buildBatchStatus: 'SUCCEEDED', buildBatchNumber: 1, currentPhase: 'SUCCEEDED' });
  expect(batch.phases?.map(({ phaseType }) => phaseType)).toEqual([
    'SUBMITTED',
    'DOWNLOAD_BATCHSPEC',
    'IN_PROGRESS',
    'SUCCEEDED',
  ]);
  expect(statuses(batch)).toEqual({ deploy: 'SUCCEEDED', test_a: 'SUCCEEDED', test_b: 'SUCCEEDED' });
  const ids = batch.buildGroups!.map(({ currentBuildSummary }) => currentBuildSummary!.arn!);
  const { builds = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids }));
  const [deploy, ...tests] = builds;
  for (const test of tests) expect(deploy!.startTime!.getTime()).toBeGreaterThanOrEqual(test.endTime!.getTime());
  expect(deploy).toMatchObject({
    buildBatchArn: batch.arn,
    initiator: expect.stringMatching(/^batcher\//),
    exportedEnvironmentVariables: [{ name: 'COLOR', value: 'green' }],
  });
  expect(await codebuild.send(new ListBuildBatchesForProjectCommand({ projectName: 'graph' }))).toMatchObject({
    ids: [id],
  });
});

it('a matrix is every combination of its values', async () => {
  const batch = await ended(
    await start('matrix', {
      ...phases('test "$A" != 1 || test "$B" != y'),
      batch: { 'build-matrix': { dynamic: { env: { variables: { A: ['1', '2'], B: ['x', 'y'] } } } } },
    }),
  );
  expect(batch.buildBatchStatus).toBe('FAILED');
  expect(statuses(batch)).toEqual({ build0: 'SUCCEEDED', build1: 'FAILED', build2: 'SUCCEEDED', build3: 'SUCCEEDED' });
});

it('a failure that is ignored is none, and the builds that failed can be tried again', async () => {
  const list = (ignored: boolean) => ({
    ...phases('test "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != bad'),
    batch: { 'build-list': [{ identifier: 'good' }, { identifier: 'bad', 'ignore-failure': ignored }] },
  });
  expect(await ended(await start('ignoring', list(true)))).toMatchObject({ buildBatchStatus: 'SUCCEEDED' });
  const id = await start('minding', list(false));
  expect(await ended(id)).toMatchObject({ buildBatchStatus: 'FAILED' });
  await codebuild.send(new RetryBuildBatchCommand({ id, retryType: 'RETRY_FAILED_BUILDS' }));
  const { buildGroups = [] } = await ended(id);
  expect(buildGroups.map(({ priorBuildSummaryList }) => priorBuildSummaryList?.length)).toEqual([0, 1]);
  const { buildsDeleted = [] } = await codebuild.send(new DeleteBuildBatchCommand({ id }));
  expect(buildsDeleted).toHaveLength(3);
});

it('fast-fail and StopBuildBatch end the builds that still run', async () => {
  const spec = (fast: boolean) => ({
    ...phases('test "$CODEBUILD_BATCH_BUILD_IDENTIFIER" != bad && sleep 60'),
    batch: { 'fast-fail': fast, 'build-list': [{ identifier: 'slow' }, ...(fast ? [{ identifier: 'bad' }] : [])] },
  });
  const failed = await ended(await start('fast', spec(true)));
  expect(failed.buildBatchStatus).toBe('FAILED');
  await vi.waitFor(async () => expect(statuses(await get(failed.id!))).toEqual({ slow: 'STOPPED', bad: 'FAILED' }));
  const id = await start('stopped', spec(false));
  await vi.waitFor(async () => expect(statuses(await get(id))).toEqual({ slow: 'IN_PROGRESS' }));
  const { buildBatch } = await codebuild.send(new StopBuildBatchCommand({ id }));
  expect(buildBatch?.buildBatchStatus).toBe('STOPPED');
  await vi.waitFor(async () => expect(statuses(await get(id))).toEqual({ slow: 'STOPPED' }));
});

it.for([
  [
    { batch: { 'build-list': [{ identifier: 'a' }, { identifier: 'b' }] } },
    { restrictions: { maximumBuildsAllowed: 1 } },
    'allows 1',
  ],
  [
    { batch: { 'build-list': [{ identifier: 'a' }] } },
    { restrictions: { computeTypesAllowed: ['BUILD_GENERAL1_LARGE'] } },
    'does not allow BUILD_GENERAL1_SMALL, which a asks for',
  ],
  [
    { batch: { 'build-graph': [{ identifier: 'a', 'depend-on': ['a'] }] } },
    {},
    'a depends on a build that is not there',
  ],
  [
    { batch: { 'build-list': [{ identifier: 'a', env: { type: 'WINDOWS_CONTAINER' } }] } },
    {},
    'environment.type WINDOWS_CONTAINER is not supported',
  ],
  [
    { batch: { 'build-matrix': { dynamic: { env: { type: ['ARM_CONTAINER'] } } } } },
    {},
    'type in batch.build-matrix.dynamic.env is not supported',
  ],
  [{ batch: { 'build-list': [{ identifier: 'a', env: { image: ['x'] } }] } }, {}, 'env.image has to be a text'],
  [{ batch: { 'build-list': [{ identifier: 'a', debug: true }] } }, {}, 'debug in batch.build-list is not supported'],
  [{}, {}, 'no batch section'],
  [
    { batch: { 'build-list': [{ identifier: 'a' }] } },
    { serviceRole: roleArn('idler') },
    'is not authorized to perform: codebuild:StartBuild',
  ],
] as [object, ProjectBuildBatchConfig, string][])('%j under %j fails: %s', async ([spec, config, reason], { task }) => {
  const name = `refused-${task.id.replaceAll(/\W/g, '-')}`;
  const batch = await ended(await start(name, { ...phases('true'), ...spec }, config));
  expect(batch.buildBatchStatus).toBe('FAILED');
  expect(batch.phases?.findLast(({ contexts }) => contexts?.[0]?.message)?.contexts?.[0]?.message).toContain(reason);
});

it('what StartBuildBatch overrides holds for each of its builds, and one token starts one batch', async () => {
  const list = {
    batch: {
      'build-list': [
        { identifier: 'a' },
        { identifier: 'b', env: { image: 'own:1', type: 'ARM_CONTAINER', 'privileged-mode': true } },
      ],
    },
  };
  const first = await start('overridden', { ...phases('true'), ...list });
  await ended(first);
  const request: StartBuildBatchCommandInput = {
    projectName: 'overridden',
    imageOverride: 'other:1',
    computeTypeOverride: 'BUILD_GENERAL1_LARGE',
    buildTimeoutInMinutesOverride: 7,
    queuedTimeoutInMinutesOverride: 8,
    serviceRoleOverride: roleArn('idler'),
    logsConfigOverride: { cloudWatchLogs: { status: 'ENABLED', groupName: '/batches' } },
    environmentVariablesOverride: [{ name: 'WHO', value: 'batch' }],
    idempotencyToken: 'one',
  };
  const { buildBatch } = await codebuild.send(new StartBuildBatchCommand(request));
  const again = await codebuild.send(new StartBuildBatchCommand(request));
  expect(again.buildBatch!.id).toBe(buildBatch!.id);
  const batch = await ended(buildBatch!.id!);
  expect(batch).toMatchObject({ buildBatchStatus: 'SUCCEEDED', buildTimeoutInMinutes: 7, queuedTimeoutInMinutes: 8 });
  const ids = batch.buildGroups!.map(({ currentBuildSummary }) => currentBuildSummary!.arn!);
  const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids }));
  const common = {
    timeoutInMinutes: 7,
    queuedTimeoutInMinutes: 8,
    serviceRole: roleArn('idler'),
    logs: { groupName: '/batches' },
  };
  expect(builds).toMatchObject([
    {
      ...common,
      environment: {
        image: 'other:1',
        type: 'LINUX_CONTAINER',
        privilegedMode: false,
        computeType: 'BUILD_GENERAL1_LARGE',
      },
    },
    {
      ...common,
      environment: { image: 'own:1', type: 'ARM_CONTAINER', privilegedMode: true, computeType: 'BUILD_GENERAL1_LARGE' },
    },
  ]);
  expect(builds![0]!.environment!.environmentVariables).toContainEqual({
    name: 'WHO',
    value: 'batch',
    type: 'PLAINTEXT',
  });
  expect(batch.buildGroups![0]!.currentBuildSummary).toMatchObject({ primaryArtifact: { type: 'NO_ARTIFACTS' } });
});
