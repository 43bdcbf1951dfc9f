// Buildspecs in full, as builds really run them.
import { userInfo } from 'node:os';

import {
  DescribeCodeCoveragesCommand,
  GetReportGroupTrendCommand,
  InvalidateProjectCacheCommand,
  BatchGetReportsCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { failure, TestCodeBuild } from './test-codebuild.ts';

let world: TestCodeBuild;

beforeAll(async () => {
  world = await TestCodeBuild.start();
});
afterAll(() => world.cloud.stop());

const build = (...commands: string[]) => ({ phases: { build: { commands } } });
const intoBuilds = (rest: object = {}) => ({ type: 'S3' as const, location: 'builds', ...rest });

test.for([
  ['RETRY', 4, 'SUCCEEDED'],
  ['RETRY-2', 4, 'FAILED'],
  ['RETRY-3', 4, 'SUCCEEDED'],
  ['RETRY-.*connection timed out.*', 4, 'SUCCEEDED'],
  ['RETRY-2-.*connection timed out.*', 4, 'FAILED'],
  ['RETRY-9-.*exit status 7', 9, 'SUCCEEDED'],
  ['RETRY-invalid+', 2, 'FAILED'],
  ['RETRY-0', 2, 'FAILED'],
] as const)('on-failure %s, where try %i succeeds: %s', async ([onFailure, good, status]) => {
  const commands = [
    'echo x >> tries; echo "the connection timed out: $(wc -l < tries)"',
    `fail() { return 7; }; test "$(wc -l < tries)" -eq ${good} || fail`,
  ];
  const ended = await world.run(`retry-${onFailure.replace(/\W/g, '-')}-${good}`, {
    phases: { build: { 'on-failure': onFailure, commands }, post_build: { commands: ['echo after'] } },
  });
  expect(ended.buildStatus).toBe(status);
  expect((await world.log(ended)).includes('after')).toBe(status === 'SUCCEEDED');
});

test('version 0.1 gives each command a shell of its own, and /bin/sh may be the shell of all', async () => {
  const isolated = await world.run(
    'isolated',
    JSON.stringify({
      version: 0.1,
      environment_variables: { plaintext: { OLD: 'spelling' } },
      ...build('export LOST=1; cd /', 'echo "[${LOST-none}] $OLD"; test "$(pwd)" = "$CODEBUILD_SRC_DIR"'),
    }),
  );
  expect(isolated.buildStatus).toBe('SUCCEEDED');
  expect(await world.log(isolated)).toContain('[none] spelling');
  const posix = await world.run('posix', {
    env: { shell: '/bin/sh', 'exported-variables': ['KEPT'] },
    ...build('export KEPT=1', 'echo "bash: ${BASH_VERSION-none}"'),
  });
  expect(await world.log(posix)).toContain('bash: none');
  expect(posix.exportedEnvironmentVariables).toEqual([{ name: 'KEPT', value: '1' }]);
});

test('settings for Git, proxies and this machine’s own user change nothing; another user is refused', async () => {
  const { username } = userInfo();
  const ended = await world.run('settings', {
    'run-as': username,
    env: { 'git-credential-helper': 'yes' },
    proxy: { 'upload-artifacts': 'yes', logs: 'no' },
    phases: { install: { 'runtime-versions': { nodejs: 22 } }, build: { 'run-as': username, commands: ['true'] } },
  });
  expect(ended.buildStatus).toBe('SUCCEEDED');
  expect(await world.log(ended)).toContainEqual(expect.stringContaining('the buildspec names nodejs: 22'));
  const other = await world.run('other-user', { 'run-as': 'somebody-else', ...build('true') });
  expect(failure(other)).toMatchObject({ phase: 'DOWNLOAD_SOURCE', statusCode: 'YAML_FILE_ERROR' });
});

test('what comes from a store, or is AWS’s own, is not exported', async () => {
  for (const [name, env] of [
    ['parameter', { 'parameter-store': { V: '/x' }, 'exported-variables': ['V'] }],
    ['own', { 'exported-variables': ['AWS_SESSION_TOKEN'] }],
  ] as const) {
    expect(failure(await world.run(`kept-${name}`, { env, ...build('true') }))).toMatchObject({
      statusCode: 'YAML_FILE_ERROR',
      message: expect.stringContaining('cannot be exported') as string,
    });
  }
  await world.project('kept-project', { env: { 'exported-variables': ['V'] }, ...build('true') });
  const variable = { name: 'V', value: '/x', type: 'PARAMETER_STORE' as const };
  expect(failure(await world.build('kept-project', { environmentVariablesOverride: [variable] }))).toMatchObject({
    message: expect.stringContaining('V cannot be exported') as string,
  });
});

test('parameters are read with the permission that AWS documents, ssm:GetParameters', async () => {
  const ssm = new SSMClient(world.configuration);
  await ssm.send(new PutParameterCommand({ Name: '/build/flavour', Type: 'String', Value: 'sweet' }));
  const buildspec = {
    env: { 'parameter-store': { FLAVOUR: '/build/flavour' } },
    ...build('echo "${#FLAVOUR} letters"'),
  };
  const plural = await world.role('plural', 'logs:*', 'ssm:GetParameters');
  expect(await world.log(await world.run('plural', buildspec, { serviceRole: plural }))).toContain('5 letters');
  const singular = await world.role('singular', 'logs:*', 'ssm:GetParameter');
  expect(failure(await world.run('singular', buildspec, { serviceRole: singular }))).toMatchObject({
    phase: 'DOWNLOAD_SOURCE',
    statusCode: 'ACCESS_DENIED',
  });
  const missing = { env: { 'parameter-store': { GONE: '/build/gone' } }, ...build('true') };
  expect(failure(await world.run('missing', missing))).toMatchObject({
    message: 'Parameter does not exist: /build/gone',
  });
});

test('artifacts are left even where BUILD fails, but not where a phase before it does', async () => {
  const artifacts = { files: ['trace.txt'] };
  const place = { artifacts: intoBuilds({ path: 'failed' }) };
  const failed = await world.run('left', { ...build('echo why > trace.txt', 'false'), artifacts }, place);
  expect(failed.buildStatus).toBe('FAILED');
  expect(failed.phases).toContainEqual(
    expect.objectContaining({ phaseType: 'UPLOAD_ARTIFACTS', phaseStatus: 'SUCCEEDED' }),
  );
  expect(await world.keys('failed/')).toEqual(['failed/left/trace.txt']);
  for (const [name, phases] of [
    ['early', { pre_build: { commands: ['echo why > trace.txt', 'false'] }, build: { commands: ['true'] } }],
    ['aborted', { build: { 'on-failure': 'ABORT', commands: ['echo why > trace.txt', 'false'] } }],
  ] as const) {
    const ended = await world.run(name, { phases, artifacts }, place);
    expect(ended.phases?.map(({ phaseType }) => phaseType)).not.toContain('UPLOAD_ARTIFACTS');
  }
});

test('artifacts are chosen, named by the shell, put under the prefix, and summed up', async () => {
  const ended = await world.run(
    'named',
    {
      ...build(
        'mkdir -p my-build1 my-build2/sub',
        'echo 1 > my-build1/one.txt; echo 2 > my-build2/two.txt; echo 3 > my-build2/sub/three.log',
        'ln -s two.txt my-build2/link.txt; ln -s nowhere my-build2/dangling; echo 4 > my-build2/.hidden',
        'export VERSION=7',
      ),
      artifacts: {
        files: ['**/*'],
        'base-directory': 'my-build*',
        'exclude-paths': ['sub/**'],
        'enable-symlinks': 'yes',
        name: 'app-$VERSION-$(echo "x y" | tr " " _).zip',
        's3-prefix': 'releases',
      },
    },
    {
      artifacts: intoBuilds({ path: '/out/', packaging: 'ZIP', namespaceType: 'BUILD_ID', overrideArtifactName: true }),
    },
  );
  expect(failure(ended)).toEqual({ phase: undefined });
  const key = `out/releases/${ended.id!.split(':')[1]}/app-7-x_y.zip`;
  expect(ended.artifacts).toMatchObject({
    location: `arn:aws:s3:::builds/${key}`,
    overrideArtifactName: true,
    sha256sum: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    md5sum: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  });
  const files = unzipSync(await world.get(key));
  expect(Object.keys(files).toSorted()).toEqual(['.hidden', 'link.txt', 'one.txt', 'two.txt']);
  expect(Buffer.from(files['link.txt']!).toString()).toBe('two.txt');
});

test('secondary sources come in, and secondary artifacts go out, each in a place of its own', async () => {
  await world.put('more.zip', zipSync({ 'more.txt': Buffer.from('more') }));
  await world.put('folder/a.txt', 'a');
  await world.put('folder/deep/b.txt', 'b');
  const ended = await world.run(
    'several',
    {
      ...build(
        'cat "$CODEBUILD_SRC_DIR_extra/more.txt" a.txt deep/b.txt > all.txt',
        'echo "$CODEBUILD_SOURCE_REPO_URL $CODEBUILD_SOURCE_REPO_URL_extra"',
        'echo second > second.txt',
      ),
      artifacts: {
        files: ['all.txt'],
        'secondary-artifacts': { other: { files: ['second.txt'], name: 'ignored' } },
      },
    },
    {
      source: {
        type: 'S3',
        location: 'builds/folder/',
        buildspec: 'arn:aws:s3:::builds/specs/several.yml',
      },
      secondarySources: [{ type: 'S3', location: 'builds/more.zip', sourceIdentifier: 'extra' }],
      artifacts: intoBuilds({ path: 'several' }),
      secondaryArtifacts: [intoBuilds({ artifactIdentifier: 'other', path: 'several', name: 'second' })],
    },
  );
  expect(failure(ended)).toMatchObject({ phase: 'DOWNLOAD_SOURCE' });
  const spec = JSON.stringify({
    version: 0.2,
    ...build(
      'cat "$CODEBUILD_SRC_DIR_extra/more.txt" a.txt deep/b.txt > all.txt',
      'echo "$CODEBUILD_SOURCE_REPO_URL $CODEBUILD_SOURCE_REPO_URL_extra"',
      'echo second > second.txt',
    ),
    artifacts: { files: ['all.txt'], 'secondary-artifacts': { other: { files: ['second.txt'], name: 'ignored' } } },
  });
  await world.put('specs/several.yml', spec);
  const again = await world.build('several');
  expect(failure(again)).toEqual({ phase: undefined });
  expect(await world.log(again)).toContain('s3://builds/folder/ s3://builds/more.zip');
  expect(Buffer.from(await world.get('several/several/all.txt')).toString()).toBe('moreab');
  expect(Buffer.from(await world.get('several/second/second.txt')).toString()).toBe('second\n');
  expect(again.secondaryArtifacts).toMatchObject([
    { artifactIdentifier: 'other', location: 'arn:aws:s3:::builds/several/second' },
  ]);
  const stranger = { files: ['all.txt'], 'secondary-artifacts': { unknown: { files: ['all.txt'] } } };
  const wrong = await world.build('several', {
    buildspecOverride: JSON.stringify({ version: 0.2, ...build('echo > all.txt'), artifacts: stranger }),
  });
  expect(failure(wrong)).toMatchObject({
    phase: 'UPLOAD_ARTIFACTS',
    message: 'The project has no secondary artifact unknown',
  });
});

test('artifacts lie under the project’s own key', async () => {
  const kms = new KMSClient(world.configuration);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const encryptionKey = KeyMetadata!.Arn!;
  const artifacts = { files: ['a.txt'] };
  const settings = { artifacts: intoBuilds({ path: 'keyed' }), encryptionKey };
  expect(failure(await world.run('keyed', { ...build('echo > a.txt'), artifacts }, settings))).toEqual({});
  const head = await world.s3.send(new HeadObjectCommand({ Bucket: 'builds', Key: 'keyed/keyed/a.txt' }));
  expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryptionKey });
});

test('a build is told otherwise by what StartBuild overrides, and what has no effect is refused', async () => {
  await world.project('overridden', build('test -n "$V" && echo "v is $V"'));
  const ended = await world.build('overridden', {
    environmentVariablesOverride: [{ name: 'V', value: 'one' }],
    privilegedModeOverride: true,
    environmentTypeOverride: 'ARM_CONTAINER',
    cacheOverride: { type: 'LOCAL', modes: ['LOCAL_SOURCE_CACHE'] },
    logsConfigOverride: { cloudWatchLogs: { status: 'ENABLED', groupName: '/elsewhere' } },
  });
  expect(ended).toMatchObject({
    buildStatus: 'SUCCEEDED',
    environment: { privilegedMode: true, type: 'ARM_CONTAINER' },
    logs: { groupName: '/elsewhere' },
  });
  for (const [member, value] of Object.entries({
    debugSessionEnabled: true,
    fleetOverride: { fleetArn: 'arn:aws:codebuild:us-east-1:000000000000:fleet/x' },
    sourceTypeOverride: 'GITHUB',
    artifactsOverride: { type: 'CODEPIPELINE' },
    environmentTypeOverride: 'WINDOWS_SERVER_2022_CONTAINER',
  })) {
    const start = new StartBuildCommand({ projectName: 'overridden', [member]: value });
    await expect(world.codebuild.send(start)).rejects.toMatchObject({ name: 'NotImplemented' });
  }
});

test('a build that fails is tried again by itself, as the project’s role, as often as the project says', async () => {
  const role = await world.role('retrier', 'logs:*', 'codebuild:RetryBuild');
  await world.project('again', build('false'), { autoRetryLimit: 2, serviceRole: role });
  let ended = await world.build('again');
  const first = ended.arn;
  expect(ended.autoRetryConfig).toMatchObject({ autoRetryLimit: 2, autoRetryNumber: 0 });
  for (const number of [1, 2]) {
    let next = ended.autoRetryConfig?.nextAutoRetry;
    while (!next) next = (await world.ended(ended.id!)).autoRetryConfig?.nextAutoRetry;
    const before = ended.arn;
    ended = await world.ended(next.split(':build/')[1]!);
    expect(ended.autoRetryConfig).toMatchObject({ autoRetryNumber: number, previousAutoRetry: before });
  }
  expect(ended.arn).not.toBe(first);
  expect(ended.buildNumber).toBe(3);
  expect(ended.autoRetryConfig).not.toHaveProperty('nextAutoRetry');
});

test('coverage is reported by file, and how it went from build to build', async () => {
  const clover = (hits: number) =>
    `<coverage><project><file name="a.ts" path="src/a.ts"><line num="1" type="stmt" count="1"/><line num="2" type="stmt" count="${hits}"/><line num="3" type="cond" truecount="1" falsecount="0"/></file><file name="b.ts" path="src/b.ts"><line num="1" type="stmt" count="0"/></file></project></coverage>`;
  await world.project('covered', {
    ...build('printf %s "$COVERAGE" > coverage.xml'),
    reports: { lines: { files: ['coverage.xml'], 'file-format': 'CloverXml' } },
  });
  const reports: string[] = [];
  for (const hits of [0, 5]) {
    const variables = [{ name: 'COVERAGE', value: clover(hits) }];
    reports.push((await world.build('covered', { environmentVariablesOverride: variables })).reportArns![0]!);
  }
  const [, reportArn] = reports;
  const { reports: found } = await world.codebuild.send(new BatchGetReportsCommand({ reportArns: [reportArn!] }));
  expect(found).toMatchObject([
    {
      type: 'CODE_COVERAGE',
      status: 'SUCCEEDED',
      codeCoverageSummary: { lineCoveragePercentage: 66.67, linesCovered: 2, linesMissed: 1, branchesMissed: 1 },
    },
  ]);
  const describe = (more: object) =>
    world.codebuild.send(new DescribeCodeCoveragesCommand({ reportArn: reportArn!, ...more }));
  const lines = await describe({ sortBy: 'LINE_COVERAGE_PERCENTAGE', sortOrder: 'DESCENDING' });
  expect(lines.codeCoverages).toMatchObject([
    { filePath: 'src/a.ts', lineCoveragePercentage: 100, branchCoveragePercentage: 50 },
    { filePath: 'src/b.ts', lineCoveragePercentage: 0 },
  ]);
  expect((await describe({ maxLineCoveragePercentage: 50 })).codeCoverages).toHaveLength(1);
  const { reportGroupArn } = found![0]!;
  const trend = await world.codebuild.send(
    new GetReportGroupTrendCommand({ reportGroupArn, trendField: 'LINES_COVERED' }),
  );
  expect(trend.stats).toEqual({ average: '1.5', max: '2', min: '1' });
  expect(trend.rawData).toEqual([
    { reportArn: reports[1], data: '2' },
    { reportArn: reports[0], data: '1' },
  ]);
});

test('what a build caches in S3 is there for the next one, with its links and modes, until the cache is invalidated', async () => {
  const buildspec = {
    ...build(
      'if [ -x node_modules/.bin/tool ]; then echo "found: $(cat ~/.m2/settings)"; else echo fresh; fi',
      'mkdir -p node_modules/.bin node_modules/tool ~/.m2; echo settings > ~/.m2/settings',
      'printf "#!/bin/sh\\n" > node_modules/tool/run; chmod +x node_modules/tool/run',
      'ln -sf ../tool/run node_modules/.bin/tool',
    ),
    cache: { paths: ['node_modules/**/*', '/root/.m2/**/*', '/etc/hosts'] },
  };
  await world.project('cached', buildspec, { cache: { type: 'S3', location: 'builds/caches' } });
  const said = async () => await world.log(await world.build('cached'));
  expect(await said()).toEqual(
    expect.arrayContaining([
      'fresh',
      expect.stringContaining('No cache was found'),
      expect.stringContaining('/etc/hosts is outside of the build'),
    ]),
  );
  expect(await world.keys('caches/')).toEqual(['caches/cached/cache']);
  expect(await said()).toContain('found: settings');
  await world.codebuild.send(new InvalidateProjectCacheCommand({ projectName: 'cached' }));
  expect(await said()).toContain('fresh');
});

test('a cache under a key stays as it is, and a new key begins with what a fallback finds', async () => {
  const buildspec = {
    ...build('echo "had: $(cat kept/list 2>/dev/null)"', 'mkdir -p kept; echo "$LOCK" >> kept/list'),
    cache: {
      key: 'deps-$(codebuild-hash-files lock.txt)',
      'fallback-keys': ['other-', 'deps-'],
      paths: ['kept/**/*'],
    },
  };
  const source = (lock: string) =>
    world.put(
      'keyed.zip',
      zipSync({
        'lock.txt': Buffer.from(lock),
        'buildspec.json': Buffer.from(JSON.stringify({ version: 0.2, ...buildspec })),
      }),
    );
  const said = async (lock: string) => {
    await source(lock);
    const variable = { name: 'LOCK', value: lock };
    return (await world.log(await world.build('by-key', { environmentVariablesOverride: [variable] }))).filter((line) =>
      line.startsWith('had:'),
    );
  };
  await world.project('by-key', '', {
    source: { type: 'S3', location: 'builds/keyed.zip', buildspec: 'buildspec.json' },
    cache: { type: 'S3', location: 'builds/keyed-caches' },
  });
  expect(await said('one')).toEqual(['had:']);
  expect(await said('one')).toEqual(['had: one']);
  expect(await said('one')).toEqual(['had: one']);
  expect(await said('two')).toEqual(['had: one']);
  expect(await world.keys('keyed-caches/')).toHaveLength(2);
});

test('directories are cached on this machine where the project asks for that', async () => {
  const buildspec = {
    ...build('test -f kept/file && echo "there" || echo "not yet"', 'mkdir -p kept; echo > kept/file'),
    cache: { paths: ['kept'] },
  };
  await world.project('local', buildspec, { cache: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } });
  expect(await world.log(await world.build('local'))).toContain('not yet');
  expect(await world.log(await world.build('local'))).toContain('there');
  const sources = await world.build('local', { cacheOverride: { type: 'LOCAL', modes: ['LOCAL_SOURCE_CACHE'] } });
  expect(await world.log(sources)).toContain('not yet');
});
