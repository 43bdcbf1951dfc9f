// Doors and what Terraform does through them, with the real engine and the cloud's own IAM and logs.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { startCloud, type Cloud } from '../cloud.ts';
import { rootPrincipal, type Principal } from '../kernel/identity/principal.ts';
import type { Door, Kernel, Operation, Service } from '../kernel/service.ts';
import { iam } from '../services/iam/index.ts';
import { logs } from '../services/logs/index.ts';
import { sts } from '../services/sts/index.ts';
import { TestRoot } from './testing.ts';

const ACCOUNT = '000000000000';
const root = rootPrincipal(ACCOUNT);

let cloud: Cloud;
let door: Door;
let terraform: TestRoot;

beforeAll(async () => {
  cloud = await startCloud();
});

afterAll(() => cloud.stop());

beforeEach(async () => {
  terraform = new TestRoot(() => door.reattach);
  door = await openDoor(root);
});

afterEach(async () => {
  await door.close();
  terraform.remove();
});

describe('a door', () => {
  test('is a socket in a folder that no other user can enter, and is gone when it is closed', async () => {
    const { Addr } = JSON.parse(door.reattach)['registry.terraform.io/hashicorp/aws'];
    expect(Addr.Network).toBe('unix');
    expect(statSync(dirname(Addr.String)).mode & 0o777).toBe(0o700);
    await door.close();
    expect(() => statSync(dirname(Addr.String))).toThrow('ENOENT');
  });

  test('is a port on the loopback where a socket’s path would be too long', async () => {
    const long = join(terraform.folder, 'x'.repeat(100));
    mkdirSync(long);
    vi.stubEnv('TMPDIR', long);
    const onPort = await openDoor(root);
    vi.unstubAllEnvs();
    const { Addr } = JSON.parse(onPort.reattach)['registry.terraform.io/hashicorp/aws'];
    expect(Addr).toEqual({ Network: 'tcp', String: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    const reached = new TestRoot(() => onPort.reattach);
    await reached.init({ data: { aws_partition: { here: {} } } });
    expect(await reached.apply()).toEqual([]);
    await onPort.close();
    reached.remove();
  });

  test('is known to both engines by the address in their own registry', () => {
    const providers = JSON.parse(door.reattach);
    expect(Object.keys(providers)).toEqual([
      'registry.terraform.io/hashicorp/aws',
      'registry.opentofu.org/hashicorp/aws',
    ]);
    expect(providers['registry.opentofu.org/hashicorp/aws']).toMatchObject({
      Protocol: 'grpc',
      ProtocolVersion: 6,
      Test: true,
    });
  });

  test('lets its principal do what its policies allow, and no more', async () => {
    const session = await sessionOf('reader', ['iam:GetRole']);
    const other = await openDoor(session);
    const limited = new TestRoot(() => other.reattach);
    await limited.init({
      data: { aws_iam_role: { self: { name: 'reader' } }, aws_caller_identity: { me: {} } },
      resource: { aws_iam_role: { forbidden: { name: 'forbidden', assume_role_policy: trust() } } },
    });
    const [error, ...rest] = await limited.apply();
    expect(rest).toEqual([]);
    expect(error).toMatchObject({
      address: 'aws_iam_role.forbidden',
      summary: expect.stringMatching(/^creating IAM Role \(forbidden\): AccessDenied: .*reader.*iam:CreateRole/),
      detail: expect.stringContaining('iam:CreateRole'),
    });
    expect((await limited.state()).get('data.aws_caller_identity.me')).toMatchObject({ arn: session.arn });
    await other.close();
    limited.remove();
  });
});

describe('configurations of the provider', () => {
  test('do not mix, though one process serves them all', async () => {
    await terraform.init({
      provider: {
        aws: [
          { region: 'eu-west-1', default_tags: { tags: { Side: 'east' } } },
          { alias: 'west', region: 'us-west-2', default_tags: { tags: { Side: 'west' } } },
        ],
      },
      resource: {
        aws_cloudwatch_log_group: {
          here: { name: '/side' },
          there: { name: '/side', provider: 'aws.west' },
          elsewhere: { name: '/side', region: 'ap-south-1' },
        },
      },
    });
    expect(await terraform.apply()).toEqual([]);
    const state = await terraform.state();
    const seen = ['here', 'there', 'elsewhere'].map((name) => state.get(`aws_cloudwatch_log_group.${name}`));
    expect(seen.map((group) => [group?.['region'], group?.['arn'].split(':')[3], group?.['tags_all'].Side])).toEqual([
      ['eu-west-1', 'eu-west-1', 'east'],
      ['us-west-2', 'us-west-2', 'west'],
      ['ap-south-1', 'ap-south-1', 'east'],
    ]);
    expect(await terraform.pending()).toEqual([]);
    expect(await terraform.destroy()).toEqual([]);
  });

  test('with another region replace what lives in the former one', async () => {
    const group = { aws_cloudwatch_log_group: { moved: { name: '/moved' } } };
    await terraform.init({ provider: { aws: { region: 'eu-west-1' } }, resource: group });
    await terraform.apply();
    await terraform.init({ provider: { aws: { region: 'eu-west-2' } }, resource: group });
    const { plan } = await terraform.plan();
    expect(plan.resource_changes[0]?.change).toMatchObject({
      actions: ['delete', 'create'],
      replace_paths: [['region']],
    });
    await terraform.destroy();
  });

  test.each([
    [{ region: 'mars-north-1' }, 'invalid AWS Region: mars-north-1'],
    [{ region: 'us-east-1', allowed_account_ids: ['123456789012'] }, 'AWS account ID not allowed: 000000000000'],
    [{ region: 'us-east-1', forbidden_account_ids: [ACCOUNT] }, 'AWS account ID not allowed: 000000000000'],
  ])('are refused as the real provider refuses them: %j', async (aws, summary) => {
    await terraform.init({ provider: { aws }, data: { aws_region: { here: {} } } });
    expect((await terraform.apply()).map((diagnostic) => diagnostic.summary)).toEqual([summary]);
  });

  test('assume a role, and then act as it', async () => {
    await sessionOf('assumed', ['iam:GetRole'], `arn:aws:iam::${ACCOUNT}:root`);
    await terraform.init({
      provider: {
        aws: {
          region: 'us-east-1',
          assume_role: { role_arn: `arn:aws:iam::${ACCOUNT}:role/assumed`, session_name: 'ci' },
        },
      },
      data: { aws_caller_identity: { me: {} } },
      resource: { aws_cloudwatch_log_group: { refused: { name: '/refused' } } },
    });
    expect((await terraform.apply()).map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^creating CloudWatch Logs Log Group \(\/refused\): AccessDenied/),
    ]);
    expect((await terraform.state()).get('data.aws_caller_identity.me')).toMatchObject({
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/assumed/ci`,
    });
  });
});

describe('tags', () => {
  test('of the provider lie under those of the resource, and ignored ones are left alone', async () => {
    const configure = (tags: object | undefined, defaults: object) =>
      terraform.init({
        provider: {
          aws: { region: 'eu-west-1', default_tags: { tags: defaults }, ignore_tags: { key_prefixes: ['other:'] } },
        },
        resource: { aws_cloudwatch_log_group: { tagged: { name: '/tagged', ...(tags ? { tags } : {}) } } },
      });
    await configure({ Team: 'a', Owner: 'me' }, { Team: 'default', Cost: '1' });
    await terraform.apply();
    const attributes = async () => (await terraform.state()).get('aws_cloudwatch_log_group.tagged');
    expect(await attributes()).toMatchObject({
      tags: { Team: 'a', Owner: 'me' },
      tags_all: { Team: 'a', Owner: 'me', Cost: '1' },
    });

    const { arn } = (await attributes()) ?? {};
    await invoke('logs', 'TagResource', { resourceArn: arn, tags: { 'other:key': 'kept' } });
    expect(await terraform.pending()).toEqual([]);

    await configure(undefined, { Cost: '2' });
    await terraform.apply();
    expect(await attributes()).toMatchObject({ tags_all: { Cost: '2' } });
    expect(await invoke('logs', 'ListTagsForResource', { resourceArn: arn })).toEqual({
      tags: { Cost: '2', 'other:key': 'kept' },
    });
    expect(await terraform.pending()).toEqual([]);
    await terraform.destroy();
  });
});

describe('what happens behind Terraform', () => {
  test('is drift: something deleted is created again, something changed is changed back', async () => {
    await terraform.init({
      provider: { aws: { region: 'eu-west-1' } },
      resource: {
        aws_cloudwatch_log_group: {
          deleted: { name: '/deleted' },
          changed: { name: '/changed', retention_in_days: 7 },
        },
      },
    });
    await terraform.apply();
    await invoke('logs', 'DeleteLogGroup', { logGroupName: '/deleted' });
    await invoke('logs', 'PutRetentionPolicy', { logGroupName: '/changed', retentionInDays: 14 });
    expect(await terraform.pending()).toEqual([
      'aws_cloudwatch_log_group.changed: update',
      'aws_cloudwatch_log_group.deleted: create',
    ]);
    await terraform.apply();
    expect(await terraform.pending()).toEqual([]);
    await terraform.destroy();
  });

  test('is no drift where a policy only reads differently', async () => {
    const statements = ['s3:GetObject', 's3:PutObject'].map((Action) => ({ Effect: 'Allow', Action, Resource: '*' }));
    const role = { name: 'reworded', assume_role_policy: trust() };
    await terraform.init({
      provider: { aws: { region: 'eu-west-1' } },
      resource: {
        aws_iam_role: { reworded: role },
        aws_iam_role_policy: {
          reworded: {
            role: '${aws_iam_role.reworded.name}',
            name: 'p',
            policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
          },
        },
      },
    });
    await terraform.apply();
    const reworded = {
      Statement: statements.toReversed().map((statement) => ({ ...statement, Action: [statement.Action] })),
      Version: '2012-10-17',
    };
    await invoke('iam', 'PutRolePolicy', {
      RoleName: 'reworded',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify(reworded, null, 4),
    });
    expect(await terraform.pending()).toEqual([]);
    await terraform.destroy();
  });
});

describe('failures', () => {
  test('name the resource, the answer and the way out', async () => {
    await invoke('iam', 'CreateRole', { RoleName: 'taken', AssumeRolePolicyDocument: trust() });
    await terraform.init({
      provider: { aws: { region: 'eu-west-1' } },
      resource: { aws_iam_role: { mine: { name: 'taken', assume_role_policy: trust() } } },
    });
    expect(await terraform.apply()).toMatchObject([
      {
        address: 'aws_iam_role.mine',
        summary: 'creating IAM Role (taken): EntityAlreadyExists: Role with name taken already exists.',
        detail: [
          'aws_iam_role: iam:CreateRole answered EntityAlreadyExists (HTTP 409).',
          'Choose another name, or take what exists into the state: terraform import aws_iam_role.<name> taken',
        ].join('\n'),
      },
    ]);
  });

  test('of what hashicorp/aws refuses come before anything is done, at the argument', async () => {
    await terraform.init({
      provider: { aws: { region: 'eu-west-1' } },
      resource: {
        aws_iam_role: { wrong: { name: 'a', name_prefix: 'b', max_session_duration: 100, assume_role_policy: 'x' } },
      },
    });
    const { stdout } = await terraform.run('validate', '-json');
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { summary: string }[] };
    expect(diagnostics.map(({ summary }) => summary)).toEqual([
      '"name": conflicts with name_prefix',
      expect.stringContaining('"assume_role_policy" contains an invalid JSON'),
      'expected max_session_duration to be in the range (3600 - 43200), got 100',
    ]);
  });

  test('halfway through a creation leave it tainted, not forgotten', async () => {
    const halfway = await openDoor(
      await sessionOf('halfway', ['iam:CreateRole', 'iam:GetRole', 'iam:List*', 'iam:DeleteRole']),
    );
    const tainting = new TestRoot(() => halfway.reattach);
    const inline_policy = {
      name: 'refused',
      policy: JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }),
    };
    await tainting.init({
      provider: { aws: { region: 'eu-west-1' } },
      resource: { aws_iam_role: { half: { name: 'half', assume_role_policy: trust(), inline_policy } } },
    });
    expect(await tainting.apply()).toMatchObject([{ summary: expect.stringContaining('iam:PutRolePolicy') }]);
    expect(await tainting.pending()).toEqual(['aws_iam_role.half: delete,create']);
    expect(await tainting.destroy()).toEqual([]);
    await expect(invoke('iam', 'GetRole', { RoleName: 'half' })).rejects.toThrow('half');
    await halfway.close();
    tainting.remove();
  });
});

test('an id with @region is imported from that region', async () => {
  await invoke('logs', 'CreateLogGroup', { logGroupName: '/far' }, 'us-west-2');
  await terraform.init({
    provider: { aws: { region: 'eu-west-1' } },
    resource: { aws_cloudwatch_log_group: { far: { name: '/far', region: 'us-west-2' } } },
    import: { to: 'aws_cloudwatch_log_group.far', id: '/far@us-west-2' },
  });
  const { plan, diagnostics } = await terraform.plan();
  expect(diagnostics).toEqual([]);
  expect(plan.resource_changes[0]?.change).toMatchObject({ actions: ['no-op'], importing: { id: '/far@us-west-2' } });
});

test('an interrupted apply finishes what it has begun, begins nothing more, and remembers both', async () => {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const slowLogs = (kernel: Kernel): Service => {
    const service = logs(kernel);
    const { CreateLogGroup, ...rest } = service.operations;
    if (!CreateLogGroup) throw new Error('logs has no CreateLogGroup');
    const slow: Operation = {
      ...CreateLogGroup,
      async run(input, call) {
        begun.resolve();
        await release.promise;
        return CreateLogGroup.run(input, call);
      },
    };
    return { ...service, operations: { ...rest, CreateLogGroup: slow } };
  };
  const slowCloud = await startCloud({ services: [iam, sts, slowLogs] });
  const slowDoor = await slowCloud.kernel.openDoor({ principal: root, folder: terraform.folder });
  const interrupted = new TestRoot(() => slowDoor.reattach);
  await interrupted.init({
    provider: { aws: { region: 'eu-west-1' } },
    resource: {
      aws_cloudwatch_log_group: { begun: { name: '/begun' } },
      aws_cloudwatch_log_stream: { after: { name: 's', log_group_name: '${aws_cloudwatch_log_group.begun.name}' } },
    },
  });
  const { finished, says, interrupt } = interrupted.start('apply', '-auto-approve', '-no-color');
  const stopping = says('Stopping operation...');
  await begun.promise;
  interrupt();
  await stopping;
  release.resolve();
  expect((await finished).code).toBe(1);
  expect([...(await interrupted.state()).keys()]).toEqual(['aws_cloudwatch_log_group.begun']);
  expect(await interrupted.pending()).toEqual(['aws_cloudwatch_log_stream.after: create']);
  await slowDoor.close();
  await slowCloud.stop();
  interrupted.remove();
});

const openDoor = (principal: Principal): Promise<Door> =>
  cloud.kernel.openDoor({ principal, folder: terraform.folder });

const invoke = <T>(service: string, operation: string, input: object, region = 'eu-west-1'): Promise<T> =>
  cloud.kernel.invoke(service, operation, input, { principal: root, region });

const trust = (principal: object = { Service: 'codebuild.amazonaws.com' }): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal }],
  });

/** A session of a new role that may do what is listed. */
async function sessionOf(RoleName: string, actions: string[], trusted?: string): Promise<Principal> {
  await invoke('iam', 'CreateRole', {
    RoleName,
    AssumeRolePolicyDocument: trust(trusted ? { AWS: trusted } : undefined),
  });
  await invoke('iam', 'PutRolePolicy', {
    RoleName,
    PolicyName: 'p',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
    }),
  });
  if (trusted) return root;
  return cloud.kernel.sessions.assumeForService(
    'codebuild.amazonaws.com',
    `arn:aws:iam::${ACCOUNT}:role/${RoleName}`,
    's',
  ).principal;
}
