// What CodeBuild tells EventBridge of builds, in the shape that AWS documents.
import type { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { StopBuildCommand } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { ServiceEvent } from '../../kernel/feed.ts';
import { TestCodeBuild } from './test-codebuild.ts';

let world: TestCodeBuild;
let codebuild: CodeBuildClient;
const told: ServiceEvent[] = [];

beforeAll(async () => {
  world = await TestCodeBuild.start();
  ({ codebuild } = world);
  world.cloud.kernel.events.subscribe((event) => {
    if (event.detailType.startsWith('CodeBuild ')) told.push(event);
  });
});
afterAll(() => world.cloud.stop());

const MOMENT = /^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M$/;
const moment: unknown = expect.stringMatching(MOMENT);

const states = () =>
  told.filter(({ detailType }) => detailType === 'CodeBuild Build State Change').map(({ detail }) => detail);
const phases = () =>
  told.filter(({ detailType }) => detailType === 'CodeBuild Build Phase Change').map(({ detail }) => detail);

test('a build’s beginning, each of its phases and its end are told', async () => {
  told.length = 0;
  const build = await world.run(
    'told',
    { phases: { build: { commands: ['echo built > out.txt'] } }, artifacts: { files: ['out.txt'] } },
    { artifacts: { type: 'S3', location: 'builds', packaging: 'ZIP', name: 'out.zip' } },
  );
  expect(told[0]).toMatchObject({ source: 'aws.codebuild', region: 'us-east-1', resources: [build.arn] });
  expect(states().map((detail) => [detail['build-status'], detail['current-phase']])).toEqual([
    ['IN_PROGRESS', 'QUEUED'],
    ['SUCCEEDED', 'COMPLETED'],
  ]);
  expect(phases().map((detail) => detail['completed-phase'])).toEqual([
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
  ]);
  const uuid = build.id!.split(':')[1];
  expect(states().at(-1)).toEqual({
    'build-status': 'SUCCEEDED',
    'project-name': 'told',
    'build-id': build.arn,
    'current-phase': 'COMPLETED',
    'current-phase-context': '[]',
    version: '1',
    'additional-information': {
      artifact: {
        location: 'arn:aws:s3:::builds/out.zip',
        md5sum: build.artifacts!.md5sum,
        sha256sum: build.artifacts!.sha256sum,
      },
      environment: {
        image: 'aws/codebuild/standard:7.0',
        type: 'LINUX_CONTAINER',
        'compute-type': 'BUILD_GENERAL1_SMALL',
        'privileged-mode': false,
        'environment-variables': [],
      },
      'timeout-in-minutes': 60,
      'build-complete': true,
      'build-number': 1,
      initiator: 'root',
      'build-start-time': moment,
      source: { type: 'NO_SOURCE' },
      logs: {
        'group-name': '/aws/codebuild/told',
        'stream-name': uuid,
        'deep-link': expect.stringContaining(`log-group:/aws/codebuild/told:log-stream:${uuid}`) as string,
      },
      phases: expect.arrayContaining([
        {
          'phase-type': 'BUILD',
          'phase-status': 'SUCCEEDED',
          'phase-context': [': '],
          'start-time': moment,
          'end-time': moment,
          'duration-in-seconds': expect.any(Number) as number,
        },
      ]) as unknown,
    },
  });
});

test('a phase that fails is told with the reason, and a build that is stopped as stopped', async () => {
  told.length = 0;
  await world.run('failing', { phases: { build: { commands: ['no-such-command'] } } });
  expect(phases().find((detail) => detail['completed-phase'] === 'BUILD')).toMatchObject({
    'completed-phase-status': 'FAILED',
    'completed-phase-context':
      '[COMMAND_EXECUTION_ERROR: Error while executing command: no-such-command. Reason: exit status 127]',
    'completed-phase-start': moment,
    'completed-phase-end': moment,
    'completed-phase-duration-seconds': expect.any(Number) as number,
    'project-name': 'failing',
  });
  expect(states().at(-1)).toMatchObject({ 'build-status': 'FAILED' });
  await world.project('slow', { phases: { build: { commands: ['sleep 300 & wait'] } } });
  told.length = 0;
  const stopped = world.build('slow');
  while (!phases().some((detail) => detail['completed-phase'] === 'PRE_BUILD')) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await codebuild.send(new StopBuildCommand({ id: states()[0]!['build-id'] as string }));
  expect((await stopped).buildStatus).toBe('STOPPED');
  expect(states().map((detail) => detail['build-status'])).toEqual(['IN_PROGRESS', 'STOPPED']);
});
