import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { backendConfig, backendFile, publicationOf, withAccount } from '@plinth/blocks';
import { renderStack } from '@plinth/blocks/synth';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import { readInputs } from './app/recovery/inputs.ts';
import { readPointer } from './app/recovery/last-known-good.ts';
import { system } from './system.ts';

interface Root {
  readonly output: Record<string, { value: string }>;
  readonly resource: Record<string, Record<string, Record<string, unknown>>>;
}

let roots: Map<string, { root: Root; files: Map<string, Uint8Array> }>;
beforeAll(async () => {
  roots = new Map();
  for (const definition of system.stacks) {
    const files = await renderStack(system, 'production', definition, {
      engine: { name: 'terraform', version: '1.11.4' },
    });
    const root = JSON.parse(Buffer.from(files.get('cdk.tf.json')!).toString()) as Root;
    roots.set(definition.name, { root, files });
  }
});

const rootOf = (stack: string): Root => roots.get(stack)!.root;
const resource = (stack: string, type: string, name: string) => rootOf(stack).resource[type]![name]!;

describe('the declaration', () => {
  test('the state comes first, and what it is called is what the requirement calls it', () => {
    expect(system.stacks.map(({ name, key }) => [name, key])).toEqual([
      ['state', 'bootstrap/terraform.tfstate'],
      ['global', 'phase-00-global-infra/terraform.tfstate'],
    ]);
    expect(withAccount(system.state.bucket, '123456789012')).toBe('aiops-terraform-state-123456789012');
    expect(system.state.table).toBe('aiops-terraform-locks');
  });

  test('the outputs are the five that the requirement names', () => {
    const names = system.stacks.flatMap(({ name }) => Object.keys(rootOf(name).output));

    expect(names.sort()).toEqual([
      'codebuild_artifacts_bucket',
      'codebuild_project',
      'incidents_table',
      'terraform_locks_table',
      'terraform_state_bucket',
    ]);
  });

  test('what the CLI publishes to is what the stack makes', () => {
    const { recovery } = system;

    expect(resource('global', 'aws_codebuild_project', 'recovery')['name']).toBe(recovery?.project);
    expect(resource('global', 'aws_s3_bucket', 'artifacts')['bucket']).toBe(
      recovery?.bucket.replace('{account}', '${data.aws_caller_identity.current.account_id}'),
    );
  });

  test('another phase keeps its state beside ours', () => {
    const config = backendConfig(system, { stack: 'phase-6-multi-agent', account: '123456789012' });

    expect(backendFile(config)).toMatchInlineSnapshot(`
      "terraform {
        backend "s3" {
          bucket         = "aiops-terraform-state-123456789012"
          key            = "phase-6-multi-agent/terraform.tfstate"
          region         = "us-east-1"
          dynamodb_table = "aiops-terraform-locks"
          encrypt        = true
        }
      }
      "
    `);
  });
});

describe('incidents', () => {
  test('the table holds a whole incident under one id, and finds incidents by resource', () => {
    expect(resource('global', 'aws_dynamodb_table', 'incidents')).toMatchObject({
      name: 'aiops-incidents',
      billing_mode: 'PAY_PER_REQUEST',
      hash_key: 'incidentId',
      range_key: 'recordKey',
      ttl: { attribute_name: 'expiresAt', enabled: true },
      point_in_time_recovery: { enabled: true },
      server_side_encryption: { enabled: true },
      global_secondary_index: [
        {
          name: 'ResourceIndex',
          hash_key: 'resourceKey',
          range_key: 'openedAt',
          projection_type: 'INCLUDE',
          non_key_attributes: ['faultClass', 'outcome', 'runbookId', 'severity', 'state'],
        },
      ],
    });
  });
});

describe('the recovery project', () => {
  interface Statement {
    readonly Action: string[];
    readonly Resource: string[];
  }
  const statements = (): Statement[] =>
    (
      JSON.parse(resource('global', 'aws_iam_role_policy', 'recovery_role')['policy'] as string) as {
        Statement: Statement[];
      }
    ).Statement;

  test('runs on Standard 7.0, an hour at most, logs to a group of its own and to the artifacts bucket', () => {
    expect(resource('global', 'aws_codebuild_project', 'recovery')).toMatchObject({
      name: 'aiops-devops-agent-apply',
      build_timeout: 60,
      queued_timeout: 5,
      environment: { image: 'aws/codebuild/standard:7.0', privileged_mode: false },
      logs_config: {
        cloudwatch_logs: { group_name: '${aws_cloudwatch_log_group.recovery_logs.name}', status: 'ENABLED' },
        s3_logs: { status: 'ENABLED' },
      },
    });
  });

  test('its buildspec has the phases of the requirement, and applies exactly the plan that the guard saw', () => {
    const { buildspec } = resource('global', 'aws_codebuild_project', 'recovery')['source'] as { buildspec: string };
    const { version, phases } = parse(buildspec) as { version: number; phases: Record<string, { commands: string[] }> };

    expect(version).toBe(0.2);
    expect(Object.keys(phases)).toEqual(['install', 'pre_build', 'build', 'post_build']);
    expect(phases['install']!.commands).toContain('terraform --version');
    expect(phases['pre_build']!.commands.slice(0, 2)).toEqual([
      'echo "Correlation ID: $CORRELATION_ID"',
      'echo "Resource Type: $RESOURCE_TYPE"',
    ]);
    expect(phases['build']!.commands.map((command) => command.split(' ').slice(0, 3).join(' '))).toEqual([
      'terraform init -no-color',
      'node recover.mjs lock',
      'terraform plan -no-color',
      'terraform show -json',
      'node recover.mjs guard',
      'terraform apply -no-color',
      'terraform apply -no-color',
    ]);
    expect(phases['build']!.commands.at(-2)).toMatch(/ plan\.bin$/);
    expect(phases['build']!.commands.at(-1)).toMatch(/ -refresh-only -auto-approve$/);
  });

  test('its role has no wildcard action, and no nameless resource but the one that AWS has no name for', () => {
    expect(
      statements()
        .flatMap(({ Action }) => Action)
        .filter((action) => action.includes('*')),
    ).toEqual([]);
    expect(statements().filter(({ Resource }) => Resource.includes('*'))).toEqual([
      { Effect: 'Allow', Action: ['dynamodb:ListBackups'], Resource: ['*'] },
    ]);
  });

  test('its role deletes nothing but a lock, and changes neither permissions nor its own project', () => {
    const writes = statements().flatMap(({ Action, Resource }) =>
      Action.filter((action) => !/:(Get|List|Describe|BatchGet)/.test(action)).flatMap((action) =>
        Resource.map((arn) => `${action} ${arn.replace(/^.*\$\{[^}]*\}/, '')}`),
      ),
    );

    expect(writes.filter((write) => write.includes(':Delete'))).toEqual([
      's3:DeleteObject /phase-00-global-infra/terraform.tfstate.tflock',
      'dynamodb:DeleteItem :table/aiops-terraform-locks',
    ]);
    expect(writes.filter((write) => /^(iam|codebuild|sts):/.test(write))).toEqual([]);
    expect(writes.filter((write) => write.startsWith('s3:PutObject'))).toEqual([
      's3:PutObject /logs/*',
      's3:PutObject /phase-00-global-infra/terraform.tfstate',
      's3:PutObject /phase-00-global-infra/terraform.tfstate.tflock',
      's3:PutObject /records/aiops/*',
    ]);
  });

  test('re-creating one resource changes no policy: none refers to what Terraform would not know yet', () => {
    for (const type of ['aws_iam_role_policy', 'aws_iam_role']) {
      for (const { policy, assume_role_policy } of Object.values(rootOf('global').resource[type]!)) {
        expect(String(policy ?? assume_role_policy)).not.toMatch(/\$\{aws_/);
      }
    }
  });
});

describe('the recovery kit', () => {
  const kitFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-kit-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [path, zip] = [...roots.get('global')!.files].find(([name]) => name.startsWith('assets/'))!;
    expect(path).toMatch(/^assets\/recovery-[0-9a-f]{64}\.zip$/);
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(['recover.mjs']);
    await writeFile(join(folder, 'recover.mjs'), files['recover.mjs']!);
    return folder;
  };
  const run = (folder: string, step: string, variables: Record<string, string>) =>
    spawnSync(process.execPath, ['recover.mjs', step], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...variables },
      encoding: 'utf8',
    });

  test('runs on its own, and says what it was not told', async () => {
    const { status, stderr } = run(await kitFolder(), 'engine', {});

    expect(status).toBe(1);
    expect(stderr).toContain(
      'Recovery stopped: CORRELATION_ID is not set.\nStart the build with it: aws codebuild start-build',
    );
  });

  test('takes nothing from a variable but a value', async () => {
    const { status, stderr } = run(await kitFolder(), 'engine', { CORRELATION_ID: '$(touch pwned); `id`' });

    expect(status).toBe(1);
    expect(stderr).toContain('Recovery stopped: CORRELATION_ID is "$(touch pwned); `id`".');
  });

  test('knows its steps', async () => {
    expect(run(await kitFolder(), 'destroy', {}).stderr).toContain("there is no step 'destroy'");
  });

  test('trusts what the CLI publishes', () => {
    const { objects } = publicationOf(system, {
      stack: 'global',
      account: '123456789012',
      engine: { name: 'terraform', version: '1.11.4' },
      appliedAt: new Date('2026-11-20T12:00:00Z'),
      root: { digest: 'd'.repeat(64), zip: new Uint8Array() },
    });
    const inputs = readInputs({
      CORRELATION_ID: 'i-1',
      RESOURCE_TYPE: 'dynamodb',
      TF_STATE_BUCKET: 'states',
      TF_LOCK_TABLE: 'locks',
      PLINTH_ARTIFACTS_BUCKET: 'artifacts',
    });

    expect(readPointer(Buffer.from(objects[1]!.body).toString(), inputs)).toMatchObject({ key: objects[0]!.key });
  });
});
