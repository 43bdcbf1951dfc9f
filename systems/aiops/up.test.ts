// The drill of the README, as its reader would do it: up, break, drift, recover.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, CodeBuildClient, StartBuildCommand, type Build } from '@aws-sdk/client-codebuild';
import {
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const main = join(import.meta.dirname, '../../packages/cli/src/main.ts');
const home = mkdtempSync(join(tmpdir(), 'plinth-aiops-'));
let environment: NodeJS.ProcessEnv;
let dynamodb: DynamoDBClient;
let codebuild: CodeBuildClient;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  environment = { ...process.env, PLINTH_DIR: home, PLINTH_PORT: String(await freePort()) };
});

afterAll(() => {
  plinth('down');
  rmSync(home, { recursive: true, force: true });
});

describe('aiops', () => {
  it('is deployed by one command, and not changed by the next', () => {
    const up = plinth('up', 'aiops', '--json');
    expect(up.stderr).toBe('');
    const { systems } = JSON.parse(up.stdout) as { systems: [{ outputs: object; health: { healthy: boolean }[] }] };
    expect(systems[0].outputs).toEqual({
      terraform_state_bucket: 'aiops-terraform-state-000000000000',
      terraform_locks_table: 'aiops-terraform-locks',
      incidents_table: 'aiops-incidents',
      codebuild_project: 'aiops-devops-agent-apply',
      codebuild_artifacts_bucket: 'aiops-codebuild-artifacts-000000000000',
    });
    expect(systems[0].health.every(({ healthy }) => healthy)).toBe(true);
    const again = answer('up', 'aiops') as { systems: [{ changes: { changes: boolean }[] }] };
    expect(again.systems[0].changes.map(({ changes }) => changes)).toEqual([false, false]);
  });

  it('leaves no file that others can read', () => {
    const open = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => {
      const file = lstatSync(join(home, name));
      return !file.isSymbolicLink() && (file.mode & 0o077) !== 0;
    });
    expect(open).toEqual([]);
  });

  it('gets a table back that was deleted behind Terraform’s back, and is told that it is empty', async () => {
    const variables = answer('env') as Record<string, string>;
    const configuration = {
      endpoint: variables['AWS_ENDPOINT_URL']!,
      region: 'us-east-1',
      credentials: {
        accessKeyId: variables['AWS_ACCESS_KEY_ID']!,
        secretAccessKey: variables['AWS_SECRET_ACCESS_KEY']!,
      },
    };
    dynamodb = new DynamoDBClient(configuration);
    codebuild = new CodeBuildClient(configuration);
    logs = new CloudWatchLogsClient(configuration);
    expect(plinth('drift', 'aiops').status).toBe(0);
    await dynamodb.send(new DeleteTableCommand({ TableName: 'aiops-incidents' }));
    const drift = plinth('drift', 'aiops');
    expect(drift).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('aws_dynamodb_table.incidents was deleted') as string,
    });

    const build = await recover('dynamodb');
    const log = await readLog(build);
    expect({ status: build.buildStatus, log: build.buildStatus === 'SUCCEEDED' ? '' : log }).toEqual({
      status: 'SUCCEEDED',
      log: '',
    });
    expect(log).toMatch(/EMPTY/i);
    expect(log).toContain('aiops-incidents$DeletedTableBackup');

    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: 'aiops-incidents' }));
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', GlobalSecondaryIndexes: [{ IndexName: 'ResourceIndex' }] });
    const { ContinuousBackupsDescription } = await dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName: 'aiops-incidents' }),
    );
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
    expect(plinth('drift', 'aiops').status).toBe(0);
  });

  it('keeps a state that can be looked into, set aside, and put back', () => {
    const address = 'aws_dynamodb_table.incidents';
    expect(answer('state', 'list', 'aiops', 'global')).toContainEqual({
      stack: 'global',
      address,
      id: 'aiops-incidents',
    });
    const copy = join(home, 'copy.tfstate');
    expect(answer('state', 'backup', 'aiops', 'global', copy)).toMatchObject({ resources: 13 });
    expect(plinth('state', 'rm', 'aiops', 'global', address).stderr).toContain('Confirm with --yes.');
    expect(plinth('state', 'rm', 'aiops', 'global', address, '--yes').status).toBe(0);
    expect(plinth('plan', 'aiops', 'global').stdout).toContain('1 to add');
    expect(plinth('import', 'aiops', 'global', address, 'aiops-incidents').status).toBe(0);
    expect(plinth('plan', 'aiops', 'global').stdout).toContain('no changes');
    expect(answer('state', 'restore', 'aiops', 'global', copy, '--yes')).toMatchObject({ resources: 13 });
    expect(plinth('plan', 'aiops', 'global').stdout).toContain('no changes');
    expect(plinth('state', 'restore', 'aiops', 'state', copy, '--yes').stderr).toContain('the state of something else');
    expect(plinth('state', 'mv', 'aiops', 'global', 'aws_sqs_queue.no', 'aws_sqs_queue.yes').stderr).toMatch(
      /^error: Error: Invalid source address$/m,
    );
  });

  it('is destroyed with everything it made, once that is confirmed', () => {
    expect(plinth('destroy', 'aiops').stderr).toContain('Confirm with --yes.');
    const destroyed = plinth('destroy', 'aiops', '--yes');
    expect(destroyed).toMatchObject({ status: 0 });
    expect(plinth('output', 'aiops').stderr).toContain('is not deployed here');
  });

  it('is finished by the next run where Ctrl-C ended the first', async () => {
    const child = spawn(process.execPath, [main, 'up', 'aiops'], { env: environment, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const locks = () => dynamodb.send(new DescribeTableCommand({ TableName: 'aiops-terraform-locks' }));
    await vi.waitFor(locks, { timeout: 60_000, interval: 50 });
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    const { systems } = answer('up', 'aiops') as { systems: [{ health: { healthy: boolean }[] }] };
    expect(systems[0].health.every(({ healthy }) => healthy)).toBe(true);
  });
});

async function recover(resourceType: string): Promise<Build> {
  const started = await codebuild.send(
    new StartBuildCommand({
      projectName: 'aiops-devops-agent-apply',
      environmentVariablesOverride: [
        { name: 'CORRELATION_ID', value: 'drill-1' },
        { name: 'RESOURCE_TYPE', value: resourceType },
      ],
    }),
  );
  for (;;) {
    const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [started.build!.id!] }));
    if (builds![0]!.buildComplete) return builds![0]!;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function readLog({ logs: location }: Build): Promise<string> {
  const { events } = await logs.send(
    new GetLogEventsCommand({
      logGroupName: location!.groupName!,
      logStreamName: location!.streamName!,
      startFromHead: true,
    }),
  );
  return events!.map(({ message }) => message).join('\n');
}

function plinth(...words: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...words], {
    env: environment,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

const answer = (...words: readonly string[]): unknown => JSON.parse(plinth(...words, '--json').stdout);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
