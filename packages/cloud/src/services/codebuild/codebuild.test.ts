// CodeBuild through the AWS SDK: builds that really run.
import { gunzipSync } from 'node:zlib';

import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildsCommand,
  BatchGetReportsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  DeleteReportGroupCommand,
  DescribeTestCasesCommand,
  ListReportGroupsCommand,
  StartBuildCommand,
  StopBuildCommand,
  type Build,
  type EnvironmentVariable,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';

let cloud: Cloud;
let codebuild: CodeBuildClient;
let logs: CloudWatchLogsClient;
let iam: IAMClient;
let s3: S3Client;
const role = 'arn:aws:iam::000000000000:role/builder';

const configuration = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: cloud.credentials,
  forcePathStyle: true,
});

beforeAll(async () => {
  cloud = await startCloud();
  codebuild = new CodeBuildClient(configuration());
  logs = new CloudWatchLogsClient(configuration());
  iam = new IAMClient(configuration());
  s3 = new S3Client(configuration());
  await createRole('builder', [
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    's3:GetObject',
    's3:PutObject',
  ]);
});

afterAll(() => cloud.stop());

describe('a build', () => {
  it('runs its phases in one shell, with its variables, and writes every line to its log', async () => {
    const measured: string[] = [];
    const stop = cloud.kernel.measurements.subscribe(({ namespace, name, dimensions }) => {
      if (namespace === 'AWS/CodeBuild' && dimensions['ProjectName'] === 'phases') measured.push(name);
    });
    const build = await run('phases', {
      phases: {
        install: { commands: ['export GREETING=hello', 'cd /'] },
        build: { commands: ['echo "$GREETING $NAME from $(pwd)"', 'echo oops >&2'] },
        post_build: { commands: ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"'] },
      },
      variables: [{ name: 'NAME', value: 'world' }],
    });
    stop();
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(measured).toEqual(['Builds', 'Duration', 'SucceededBuilds']);
    expect(build.phases?.map(({ phaseType }) => phaseType)).toEqual([
      'SUBMITTED',
      'QUEUED',
      'PROVISIONING',
      'DOWNLOAD_SOURCE',
      'INSTALL',
      'PRE_BUILD',
      'BUILD',
      'POST_BUILD',
      'UPLOAD_ARTIFACTS',
      'FINALIZING',
      'COMPLETED',
    ]);
    const lines = await logLines(build);
    expect(lines).toContain('hello world from /');
    expect(lines).toContain('oops');
    expect(lines).toContain('succeeding: 1');
    expect(lines.find((line) => line.includes('Running command echo oops'))).toMatch(
      /^\[Container\] \d{4}\/\d\d\/\d\d /,
    );
  });

  it('fails with the command and its exit code, and still runs post_build and finally', async () => {
    const build = await run('failing', {
      phases: {
        build: { commands: ['exit_with() { return 3; }; exit_with', 'echo never'], finally: ['echo always'] },
        post_build: { commands: ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"'] },
      },
    });
    expect(build.buildStatus).toBe('FAILED');
    const failed = build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED');
    expect(failed).toMatchObject({ phaseType: 'BUILD', contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR' }] });
    expect(failed?.contexts?.[0]?.message).toMatch(/exit_with.*exit status 3/);
    const lines = await logLines(build);
    expect(lines).toContain('always');
    expect(lines).toContain('succeeding: 0');
    expect(lines).not.toContain('never');
  });

  it('goes on after a failure where on-failure says CONTINUE, and not where it says ABORT', async () => {
    const phases = (onFailure: string) => ({
      install: { 'on-failure': onFailure, commands: ['false'] },
      build: { commands: ['echo built'] },
    });
    expect(await logLines(await run('continue', { phases: phases('CONTINUE') }))).toContain('built');
    expect(await logLines(await run('abort', { phases: phases('ABORT') }))).not.toContain('built');
  });

  it('is tried again where on-failure says RETRY, as often as it says', async () => {
    const phases = (onFailure: string) => ({
      build: { 'on-failure': onFailure, commands: ['echo x >> tries', 'test "$(wc -l < tries)" -eq 3'] },
      post_build: { commands: ['echo "after $(wc -l < tries)"'] },
    });
    const enough = await run('retry', { phases: phases('RETRY') });
    expect(enough.buildStatus).toBe('SUCCEEDED');
    expect(await logLines(enough)).toContain('after 3');
    const tooFew = await run('retry-1', { phases: phases('RETRY-1') });
    expect(tooFew.phases?.find(({ phaseType }) => phaseType === 'BUILD')?.phaseStatus).toBe('FAILED');
    expect(await logLines(tooFew)).not.toContain('after 2');
    const wrong = await run('retry-wrong', { phases: phases('RETRY-[') });
    expect(wrong.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED')?.contexts?.[0]?.message).toContain(
      'on-failure',
    );
  });

  it('sees nothing of the cloud’s own environment', async () => {
    process.env['PLINTH_TEST_SECRET'] = 'of the machine';
    const build = await run('environment', {
      phases: { build: { commands: ['echo "[${PLINTH_TEST_SECRET-unset}]"'] } },
    });
    delete process.env['PLINTH_TEST_SECRET'];
    expect(await logLines(build)).toContain('[unset]');
  });

  it('has variables from Parameter Store and Secrets Manager, which its log does not show', async () => {
    await new SSMClient(configuration()).send(
      new PutParameterCommand({ Name: '/build/color', Type: 'SecureString', Value: 'ultramarine' }),
    );
    await new SecretsManagerClient(configuration()).send(
      new CreateSecretCommand({ Name: 'build/login', SecretString: '{"user":"ada","password":"open sesame"}' }),
    );
    await createRole('knowing', ['logs:*', 'ssm:GetParameters', 'secretsmanager:GetSecretValue', 'kms:Decrypt']);
    const buildspec = JSON.stringify({
      version: 0.2,
      env: {
        'parameter-store': { COLOR: '/build/color' },
        'secrets-manager': { PASSWORD: 'build/login:password' },
        'exported-variables': ['LENGTHS'],
      },
      phases: {
        build: {
          commands: ['echo "it is $COLOR, $PASSWORD, $USER_NAME"', 'export LENGTHS=${#COLOR}-${#PASSWORD}-$USER_NAME'],
        },
      },
    });
    await codebuild.send(
      new CreateProjectCommand({
        ...project('knowing', buildspec),
        serviceRole: 'arn:aws:iam::000000000000:role/knowing',
      }),
    );
    const build = await start('knowing', [{ name: 'USER_NAME', value: 'build/login:user', type: 'SECRETS_MANAGER' }]);
    expect(build.exportedEnvironmentVariables).toEqual([{ name: 'LENGTHS', value: '11-11-ada' }]);
    expect(await logLines(build)).toContain('it is ***, ***, ada');
  });

  it('exports the variables that its buildspec names', async () => {
    const build = await run('exports', {
      exported: ['DIGEST'],
      phases: { build: { commands: ['export DIGEST="a b\nc"'] } },
    });
    expect(build.exportedEnvironmentVariables).toEqual([{ name: 'DIGEST', value: 'a b\nc' }]);
  });

  it('downloads its source from S3 with its role, and uploads its artifacts and its log', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'builds' }));
    const buildspec =
      'version: 0.2\nphases:\n  build:\n    commands:\n      - cp input.txt out.txt\nartifacts:\n  files:\n    - out.txt\n';
    const zip = zipSync({ 'input.txt': Buffer.from('carried through'), 'buildspec.yml': Buffer.from(buildspec) });
    await s3.send(new PutObjectCommand({ Bucket: 'builds', Key: 'source.zip', Body: zip }));
    await codebuild.send(
      new CreateProjectCommand({
        ...project('carrying', ''),
        source: { type: 'S3', location: 'builds/source.zip' },
        artifacts: { type: 'S3', location: 'builds', path: 'artifacts', name: 'carrying' },
        logsConfig: { cloudWatchLogs: { status: 'ENABLED' }, s3Logs: { status: 'ENABLED', location: 'builds/logs' } },
      }),
    );
    const build = await start('carrying');
    const log = await s3.send(new GetObjectCommand({ Bucket: 'builds', Key: `logs/${build.id!.split(':')[1]}.gz` }));
    expect(gunzipSync(await log.Body!.transformToByteArray()).toString()).toContain(
      'Running command cp input.txt out.txt',
    );
    expect(build.phases?.filter(({ phaseStatus }) => phaseStatus === 'FAILED')).toEqual([]);
    expect(build.artifacts?.location).toBe('arn:aws:s3:::builds/artifacts/carrying');
    const stored = await fetchText('builds', 'artifacts/carrying/out.txt');
    expect(stored).toBe('carried through');
  });

  it('fails before it runs where its role may not write logs, and says which action was missing', async () => {
    await createRole('mute', ['s3:GetObject']);
    await codebuild.send(
      new CreateProjectCommand({
        ...project('mute', spec({ build: { commands: ['true'] } })),
        serviceRole: 'arn:aws:iam::000000000000:role/mute',
      }),
    );
    const build = await start('mute');
    const failed = build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED');
    expect(failed).toMatchObject({ phaseType: 'PROVISIONING', contexts: [{ statusCode: 'ACCESS_DENIED' }] });
    expect(failed?.contexts?.[0]?.message).toContain('logs:CreateLogStream');
  });

  it('names what a buildspec asks for that is not supported', async () => {
    await codebuild.send(new CreateProjectCommand(project('odd', 'version: 0.2\nhooks: {}\nphases: {}\n')));
    const build = await start('odd');
    const failed = build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED');
    expect(failed).toMatchObject({ phaseType: 'DOWNLOAD_SOURCE', contexts: [{ statusCode: 'YAML_FILE_ERROR' }] });
    expect(failed?.contexts?.[0]?.message).toContain('hooks in the buildspec is not supported');
  });

  it('leaves reports of its tests, which fail no build by themselves', async () => {
    await createRole('tester', ['logs:*', 'codebuild:*']);
    const junit =
      '<testsuite name="till"><testcase name="pays"/><testcase name="breaks"><failure message="no"/></testcase></testsuite>';
    const buildspec = JSON.stringify({
      version: 0.2,
      phases: {
        build: {
          commands: [`mkdir out; printf '%s' '${junit}' > out/till.xml`, 'exit_with() { return 1; }; exit_with'],
        },
      },
      reports: {
        unit: { files: ['**/*.xml'], 'base-directory': 'out' },
        none: { files: ['nothing.json'], 'file-format': 'CUCUMBERJSON' },
      },
    });
    await codebuild.send(
      new CreateProjectCommand({
        ...project('reporting', buildspec),
        serviceRole: 'arn:aws:iam::000000000000:role/tester',
      }),
    );
    const build = await start('reporting');
    const [reportArn = ''] = build.reportArns ?? [];
    expect(build).toMatchObject({
      buildStatus: 'FAILED',
      reportArns: [expect.stringContaining(':report/reporting-unit:')],
    });
    const { reports = [] } = await codebuild.send(new BatchGetReportsCommand({ reportArns: [reportArn] }));
    expect(reports).toMatchObject([
      {
        status: 'FAILED',
        executionId: build.arn,
        testSummary: { total: 2, statusCounts: { SUCCEEDED: 1, FAILED: 1 } },
      },
    ]);
    const failed = new DescribeTestCasesCommand({ reportArn, filter: { status: 'FAILED' } });
    expect((await codebuild.send(failed)).testCases).toMatchObject([
      { name: 'breaks', message: 'no', testRawDataPath: 'out/till.xml' },
    ]);
    expect(await logLines(build)).toContainEqual(expect.stringContaining('no results found for none'));
    const { reportGroupArn } = reports[0]!;
    const deletion = (deleteReports: boolean) =>
      codebuild.send(new DeleteReportGroupCommand({ arn: reportGroupArn, deleteReports }));
    await expect(deletion(false)).rejects.toMatchObject({ name: 'InvalidInputException' });
    await deletion(true);
    expect(await codebuild.send(new ListReportGroupsCommand({}))).toMatchObject({ reportGroups: [] });
  });

  it('is stopped with everything it started once it runs past its timeout on the cloud’s clock', async () => {
    await codebuild.send(
      new CreateProjectCommand(project('slow', spec({ build: { commands: ['sleep 300 & wait'] } }))),
    );
    const { build } = await codebuild.send(new StartBuildCommand({ projectName: 'slow', timeoutInMinutesOverride: 5 }));
    await reachPhase(build!.id!, 'BUILD');
    await cloud.clock.advance(5 * 60_000);
    const ended = await toEnd(build!.id!);
    expect(ended.buildStatus).toBe('TIMED_OUT');
    expect(await logLines(ended)).toContainEqual(expect.stringContaining('Build timed out after 5 minutes.'));
  });

  it('is stopped on request', async () => {
    const { build } = await codebuild.send(new StartBuildCommand({ projectName: 'slow' }));
    await reachPhase(build!.id!, 'BUILD');
    await codebuild.send(new StopBuildCommand({ id: build!.id! }));
    expect((await toEnd(build!.id!)).buildStatus).toBe('STOPPED');
  });

  it('waits while its project runs as many as it allows, and times out in the queue', async () => {
    await codebuild.send(
      new CreateProjectCommand({
        ...project('one', spec({ build: { commands: ['sleep 300 & wait'] } })),
        concurrentBuildLimit: 1,
        queuedTimeoutInMinutes: 5,
      }),
    );
    const first = (await codebuild.send(new StartBuildCommand({ projectName: 'one' }))).build!;
    const second = (await codebuild.send(new StartBuildCommand({ projectName: 'one' }))).build!;
    await reachPhase(first.id!, 'BUILD');
    expect((await describeBuild(second.id!)).currentPhase).toBe('QUEUED');
    await cloud.clock.advance(5 * 60_000);
    expect((await toEnd(second.id!)).buildStatus).toBe('TIMED_OUT');
    await codebuild.send(new StopBuildCommand({ id: first.id! }));
    await toEnd(first.id!);
  });

  it('answers the same build to the same idempotency token', async () => {
    const input = { projectName: 'phases', idempotencyToken: 'once' };
    const [first, second] = [
      await codebuild.send(new StartBuildCommand(input)),
      await codebuild.send(new StartBuildCommand(input)),
    ];
    expect(second.build?.id).toBe(first.build?.id);
    await toEnd(first.build!.id!);
  });
});

interface Spec {
  readonly phases: Record<string, object>;
  readonly exported?: string[];
  readonly variables?: EnvironmentVariable[];
}

const spec = (phases: Spec['phases'], exported?: string[]) =>
  JSON.stringify({ version: 0.2, env: { 'exported-variables': exported ?? [] }, phases });

const project = (name: string, buildspec: string) => ({
  name,
  serviceRole: role,
  source: { type: 'NO_SOURCE' as const, buildspec },
  artifacts: { type: 'NO_ARTIFACTS' as const },
  environment: {
    type: 'LINUX_CONTAINER' as const,
    image: 'aws/codebuild/standard:7.0',
    computeType: 'BUILD_GENERAL1_SMALL' as const,
  },
});

async function run(name: string, { phases, exported, variables }: Spec): Promise<Build> {
  await codebuild.send(new CreateProjectCommand(project(name, spec(phases, exported))));
  return start(name, variables);
}

async function start(name: string, variables: EnvironmentVariable[] = []): Promise<Build> {
  const { build } = await codebuild.send(
    new StartBuildCommand({ projectName: name, environmentVariablesOverride: variables }),
  );
  return toEnd(build!.id!);
}

const toEnd = (id: string): Promise<Build> => waitFor(id, (build) => build.buildComplete === true);

const reachPhase = (id: string, phase: string): Promise<Build> => waitFor(id, (build) => build.currentPhase === phase);

async function waitFor(id: string, reached: (build: Build) => boolean): Promise<Build> {
  for (;;) {
    const build = await describeBuild(id);
    if (reached(build)) return build;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function describeBuild(id: string): Promise<Build> {
  const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
  return builds![0]!;
}

async function logLines(build: Build): Promise<string[]> {
  const { events } = await logs.send(
    new GetLogEventsCommand({
      logGroupName: build.logs!.groupName!,
      logStreamName: build.logs!.streamName!,
      startFromHead: true,
    }),
  );
  return events!.map(({ message }) => message!.trimEnd());
}

async function fetchText(bucket: string, key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body!.transformToString();
}

async function createRole(name: string, actions: string[]): Promise<void> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
  await iam.send(
    new PutRolePolicyCommand({ RoleName: name, PolicyName: 'work', PolicyDocument: JSON.stringify(policy) }),
  );
}
