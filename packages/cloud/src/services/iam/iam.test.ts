// IAM and STS through the AWS SDK, and what they decide over every other call.
import { CreateLogGroupCommand, CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { logs as logsService } from '../logs/index.ts';
import { sts as stsService } from '../sts/index.ts';
import { iam as iamService } from './index.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const account = '000000000000';
const services = [iamService, stsService, logsService];
let cloud: Cloud;
let iam: IAMClient;

beforeAll(async () => {
  cloud = await startCloud({ services });
  iam = new IAMClient(as(cloud.credentials));
});

afterAll(() => cloud.stop());

describe('users', () => {
  it('may do what their policies allow, and are told who they are and what was missing otherwise', async () => {
    const ann = await createUser('ann', [
      { Effect: 'Allow', Action: 'logs:CreateLogGroup', Resource: `arn:aws:logs:us-east-1:${account}:log-group:ann*` },
    ]);
    const logs = new CloudWatchLogsClient(as(ann));
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'ann-one' }));
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName: 'bob-one' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:iam::${account}:user/ann is not authorized to perform: logs:CreateLogGroup on resource: arn:aws:logs:us-east-1:${account}:log-group:bob-one:* because no identity-based policy allows the logs:CreateLogGroup action`,
    });
    await expect(logs.send(new DescribeLogGroupsCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('are shut out once their key is inactive', async () => {
    const bob = await createUser('bob', []);
    const sts = new STSClient(as(bob));
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${account}:user/bob`);
    await iam.send(new UpdateAccessKeyCommand({ UserName: 'bob', AccessKeyId: bob.accessKeyId, Status: 'Inactive' }));
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('cannot sign with a wrong secret', async () => {
    const sts = new STSClient(as({ ...cloud.credentials, secretAccessKey: 'wrong' }));
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });
});

describe('roles', () => {
  it('are assumed by whom they trust, with the external id that they ask for', async () => {
    const carol = await createUser('carol', []);
    const trust = [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:user/carol` },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'agreed' } },
      },
    ];
    await createRole('guarded', trust, []);
    const sts = new STSClient(as(carol));
    const input = { RoleArn: `arn:aws:iam::${account}:role/guarded`, RoleSessionName: 'visit' };
    await expect(sts.send(new AssumeRoleCommand(input))).rejects.toMatchObject({ name: 'AccessDenied' });
    const { AssumedRoleUser } = await sts.send(new AssumeRoleCommand({ ...input, ExternalId: 'agreed' }));
    expect(AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${account}:assumed-role/guarded/visit`);
  });

  it('need an identity policy too where they trust the account only', async () => {
    const trust = [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }];
    await createRole('shared', trust, []);
    const input = { RoleArn: `arn:aws:iam::${account}:role/shared`, RoleSessionName: 'visit' };
    const dave = new STSClient(as(await createUser('dave', [])));
    await expect(dave.send(new AssumeRoleCommand(input))).rejects.toMatchObject({ name: 'AccessDenied' });
    const erin = new STSClient(
      as(await createUser('erin', [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: input.RoleArn }])),
    );
    await expect(erin.send(new AssumeRoleCommand(input))).resolves.toBeDefined();
  });

  it('are not assumable by a policy alone when they do not trust', async () => {
    await createRole(
      'distrustful',
      [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      [],
    );
    const frank = new STSClient(as(await createUser('frank', [{ Effect: 'Allow', Action: '*', Resource: '*' }])));
    const input = { RoleArn: `arn:aws:iam::${account}:role/distrustful`, RoleSessionName: 'visit' };
    await expect(frank.send(new AssumeRoleCommand(input))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('give sessions that a session policy narrows and that end on the cloud’s clock', async () => {
    const own = await startCloud({ services });
    const admin = new IAMClient(as(own.credentials, own));
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }],
    };
    await admin.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }] };
    await admin.send(
      new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'all', PolicyDocument: JSON.stringify(all) }),
    );
    const narrow = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' }],
    };
    const { Credentials: given } = await new STSClient(as(own.credentials, own)).send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${account}:role/worker`,
        RoleSessionName: 'narrow',
        Policy: JSON.stringify(narrow),
        DurationSeconds: 900,
      }),
    );
    const logs = new CloudWatchLogsClient(
      as(
        {
          accessKeyId: given!.AccessKeyId!,
          secretAccessKey: given!.SecretAccessKey!,
          sessionToken: given!.SessionToken!,
        },
        own,
      ),
    );
    await expect(logs.send(new DescribeLogGroupsCommand({}))).resolves.toBeDefined();
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName: 'x' }))).rejects.toMatchObject({
      message: expect.stringContaining('because no session policy allows the logs:CreateLogGroup action') as string,
    });
    await own.clock.advance(901_000);
    await expect(logs.send(new DescribeLogGroupsCommand({}))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    await own.stop();
  });

  it('cannot be deleted while policies hang on them', async () => {
    await createRole(
      'hung',
      [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    );
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'hung' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
    });
  });

  it('answer their trust policy percent-encoded, and list in pages', async () => {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'shared' }));
    expect(JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!))).toMatchObject({ Version: '2012-10-17' });
    const first = await iam.send(new ListRolesCommand({ MaxItems: 1 }));
    expect(first).toMatchObject({ IsTruncated: true, Roles: [{ RoleName: 'distrustful' }] });
    const second = await iam.send(new ListRolesCommand({ MaxItems: 1, Marker: first.Marker! }));
    expect(second.Roles?.[0]?.RoleName).toBe('guarded');
  });
});

describe('managed policies', () => {
  it('take effect in their default version, and are not deleted while attached', async () => {
    const document = (action: string) =>
      JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'work', PolicyDocument: document('s3:GetObject') }),
    );
    await createRole(
      'attached',
      [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      [],
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'attached', PolicyArn: Policy!.Arn! }));
    await iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn: Policy!.Arn!,
        PolicyDocument: document('s3:PutObject'),
        SetAsDefault: true,
      }),
    );
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: Policy!.Arn!, VersionId: 'v2' }));
    expect(PolicyVersion).toMatchObject({ IsDefaultVersion: true });
    expect(decodeURIComponent(PolicyVersion!.Document!)).toContain('s3:PutObject');
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn: Policy!.Arn! }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
    });
  });

  it.each([
    ['no JSON', 'nonsense', 'This policy contains invalid Json'],
    [
      'an unknown field',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","When":"now"}]}',
      'Unknown field When',
    ],
    [
      'a principal',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
      'should not specify a principal',
    ],
    [
      'an action without its service',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"GetObject","Resource":"*"}]}',
      'must be prefaced by a vendor',
    ],
  ])('are refused with %s', async (_what, document, message) => {
    await expect(
      iam.send(new CreatePolicyCommand({ PolicyName: 'bad', PolicyDocument: document })),
    ).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('session tokens', () => {
  it('stand for the user who asked, and are refused without the token itself', async () => {
    const gail = await createUser('gail', []);
    const { Credentials: given } = await new STSClient(as(gail)).send(new GetSessionTokenCommand({}));
    const credentials = { accessKeyId: given!.AccessKeyId!, secretAccessKey: given!.SecretAccessKey! };
    const sts = new STSClient(as({ ...credentials, sessionToken: given!.SessionToken! }));
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${account}:user/gail`);
    await expect(new STSClient(as(credentials)).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });
});

function as(credentials: Credentials, where: Cloud = cloud) {
  return { endpoint: where.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
}

async function createUser(name: string, statements: readonly object[]): Promise<Credentials> {
  await iam.send(new CreateUserCommand({ UserName: name }));
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'own', PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

async function createRole(name: string, trust: readonly object[], statements: readonly object[]): Promise<void> {
  const document = (Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document(trust) }));
  if (statements.length > 0) {
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument: document(statements) }),
    );
  }
}
