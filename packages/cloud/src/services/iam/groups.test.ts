// Groups, access keys, renamed users, instance profiles, service-linked roles and the account, through the AWS SDK.
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  DeleteUserCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetGroupCommand,
  GetInstanceProfileCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  ListAccountAliasesCommand,
  ListEntitiesForPolicyCommand,
  type ListEntitiesForPolicyCommandOutput,
  ListGroupsForUserCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateGroupCommand,
  UpdateUserCommand,
  type PolicyUsageType,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { account, allow, document, TestIdentity, trust, type Keys } from './test-identity.ts';

let test: TestIdentity;

beforeAll(async () => {
  test = await TestIdentity.start();
});

afterAll(() => test.cloud.stop());

const describeGroups = (keys: Keys) => new CloudWatchLogsClient(test.as(keys)).send(new DescribeLogGroupsCommand({}));

describe('a group', () => {
  it('gives its members its policies as long as they are in it', async () => {
    const keys = await test.user('ann');
    await test.iam.send(new CreateGroupCommand({ GroupName: 'readers', Path: '/team/' }));
    const PolicyDocument = document(allow('logs:Describe*'));
    await test.iam.send(new PutGroupPolicyCommand({ GroupName: 'readers', PolicyName: 'read', PolicyDocument }));
    await expect(describeGroups(keys)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await test.iam.send(new AddUserToGroupCommand({ GroupName: 'readers', UserName: 'ann' }));
    await expect(describeGroups(keys)).resolves.toBeDefined();
    const { Group, Users } = await test.iam.send(new GetGroupCommand({ GroupName: 'readers' }));
    expect(Group?.Arn).toBe(`arn:aws:iam::${account}:group/team/readers`);
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['ann']);
    await test.iam.send(new RemoveUserFromGroupCommand({ GroupName: 'readers', UserName: 'ann' }));
    await expect(describeGroups(keys)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('keeps its members under a new name, and neither goes while they belong together', async () => {
    await test.user('bob');
    await test.iam.send(new CreateGroupCommand({ GroupName: 'old' }));
    await test.iam.send(new AddUserToGroupCommand({ GroupName: 'old', UserName: 'bob' }));
    await test.iam.send(new UpdateGroupCommand({ GroupName: 'old', NewGroupName: 'new' }));
    const { Groups } = await test.iam.send(new ListGroupsForUserCommand({ UserName: 'bob' }));
    expect(Groups?.map(({ GroupName }) => GroupName)).toEqual(['new']);
    const conflict = { name: 'DeleteConflictException' };
    await expect(test.iam.send(new DeleteGroupCommand({ GroupName: 'new' }))).rejects.toMatchObject(conflict);
    await expect(test.iam.send(new DeleteUserCommand({ UserName: 'bob' }))).rejects.toMatchObject(conflict);
  });
});

describe('an access key', () => {
  it('tells what it was last used for', async () => {
    const keys = await test.user('carol', allow('logs:*'));
    const ask = () => test.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: keys.accessKeyId }));
    expect((await ask()).AccessKeyLastUsed?.ServiceName).toBe('N/A');
    await describeGroups(keys);
    expect(await ask()).toMatchObject({
      UserName: 'carol',
      AccessKeyLastUsed: { ServiceName: 'logs', Region: 'us-east-1', LastUsedDate: expect.any(Date) as Date },
    });
  });

  it('goes with its user to a new name', async () => {
    const keys = await test.user('dave', allow('logs:*'));
    await test.iam.send(new UpdateUserCommand({ UserName: 'dave', NewUserName: 'david', NewPath: '/team/' }));
    expect((await test.sts(keys).send(new GetCallerIdentityCommand({}))).Arn).toBe(
      `arn:aws:iam::${account}:user/team/david`,
    );
    await expect(describeGroups(keys)).resolves.toBeDefined();
  });
});

describe('an instance profile', () => {
  it('holds one role, which stays as long as it is there', async () => {
    await test.role('server', [trust({ Service: 'ec2.amazonaws.com' })]);
    await test.role('other', [trust({ Service: 'ec2.amazonaws.com' })]);
    await test.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'servers' }));
    const add = (RoleName: string) =>
      test.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'servers', RoleName }));
    await add('server');
    await expect(add('other')).rejects.toMatchObject({ name: 'LimitExceededException' });
    const { InstanceProfile } = await test.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: 'servers' }));
    expect(InstanceProfile?.Roles?.map(({ RoleName }) => RoleName)).toEqual(['server']);
    await expect(test.iam.send(new DeleteRoleCommand({ RoleName: 'server' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
    });
  });
});

describe('a service-linked role', () => {
  it('trusts its service alone, and is changed and deleted by no other way than its own', async () => {
    const { Role } = await test.iam.send(
      new CreateServiceLinkedRoleCommand({ AWSServiceName: 'replication.dynamodb.amazonaws.com' }),
    );
    const RoleName = 'AWSServiceRoleForDynamoDBReplication';
    expect(Role?.Arn).toBe(
      `arn:aws:iam::${account}:role/aws-service-role/replication.dynamodb.amazonaws.com/${RoleName}`,
    );
    const protectedRole = { name: 'UnmodifiableEntityException' };
    const PolicyDocument = document(allow('s3:*'));
    for (const command of [
      new PutRolePolicyCommand({ RoleName, PolicyName: 'more', PolicyDocument }),
      new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: document(trust({ AWS: account })) }),
      new DeleteRoleCommand({ RoleName }),
    ]) {
      await expect(test.iam.send(command as DeleteRoleCommand)).rejects.toMatchObject(protectedRole);
    }
    const { DeletionTaskId } = await test.iam.send(new DeleteServiceLinkedRoleCommand({ RoleName }));
    expect((await test.iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))).Status).toBe(
      'SUCCEEDED',
    );
  });
});

describe('a trust policy', () => {
  it('names users and roles that are there', async () => {
    const nobody = { AWS: `arn:aws:iam::${account}:user/nobody` };
    await expect(test.role('hopeful', [trust(nobody)])).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: `Invalid principal in policy: "AWS":"${nobody.AWS}"`,
    });
  });

  it('speaks of STS alone', async () => {
    await expect(test.role('broad', [trust({ AWS: account }, undefined, 's3:GetObject')])).rejects.toMatchObject({
      message: 'AssumeRole policy may only specify STS AssumeRole actions.',
    });
  });

  it('is no longer than AWS lets it be', async () => {
    const many = Array.from({ length: 60 }, () => trust({ AWS: account }));
    await expect(test.role('talkative', many)).rejects.toThrow('Cannot exceed quota for ACLSizePerRole: 2048');
  });
});

describe('the account', () => {
  it('tells all of its identities and their policies, in pages', async () => {
    const { Policy } = await test.iam.send(
      new CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: document(allow('s3:GetObject')) }),
    );
    await test.iam.send(new AttachGroupPolicyCommand({ GroupName: 'new', PolicyArn: Policy!.Arn! }));
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await test.iam.send(
        new GetAccountAuthorizationDetailsCommand({ MaxItems: 3, ...(Marker && { Marker }) }),
      );
      names.push(
        ...(page.UserDetailList ?? []).map(({ UserName }) => UserName),
        ...(page.GroupDetailList ?? []).map(({ GroupName }) => GroupName),
        ...(page.RoleDetailList ?? []).map(({ RoleName }) => RoleName),
        ...(page.Policies ?? []).map(({ PolicyName }) => PolicyName),
      );
      Marker = page.Marker;
    } while (Marker !== undefined);
    expect(names).toEqual(expect.arrayContaining(['ann', 'david', 'new', 'readers', 'server', 'shared']));
    const only = await test.iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['LocalManagedPolicy'] }));
    expect(only).toMatchObject({ UserDetailList: [], Policies: [{ PolicyName: 'shared', AttachmentCount: 1 }] });
  });

  it('is summed up, with its quotas', async () => {
    const { SummaryMap } = await test.iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ Groups: expect.any(Number) as number, GroupsQuota: 300, RolesQuota: 1_000 });
    expect(SummaryMap!.Groups).toBeGreaterThan(0);
  });

  it('has one alias at most', async () => {
    await test.iam.send(new CreateAccountAliasCommand({ AccountAlias: 'plinth-one' }));
    await test.iam.send(new CreateAccountAliasCommand({ AccountAlias: 'plinth-two' }));
    expect((await test.iam.send(new ListAccountAliasesCommand({}))).AccountAliases).toEqual(['plinth-two']);
  });
});

describe('a managed policy', () => {
  it('is told apart by what it is used for: permissions, or a boundary', async () => {
    const policy = async (PolicyName: string) =>
      (await test.iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: document(allow('s3:*')) }))).Policy!
        .Arn!;
    const [edge, work] = [await policy('edge'), await policy('work')];
    await test.iam.send(new CreateUserCommand({ UserName: 'held', Path: '/team/', PermissionsBoundary: edge }));
    await test.iam.send(new AttachUserPolicyCommand({ UserName: 'held', PolicyArn: work }));
    const listed = async (PolicyUsageFilter: PolicyUsageType) =>
      (await test.iam.send(new ListPoliciesCommand({ Scope: 'Local', PolicyUsageFilter }))).Policies?.map(
        ({ Arn }) => Arn,
      );
    const users = async (PolicyArn: string, more: object = {}) =>
      (await test.iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, ...more }))).PolicyUsers;

    expect(await listed('PermissionsBoundary')).toEqual([edge]);
    expect(await listed('PermissionsPolicy')).toContain(work);
    expect(await users(edge)).toMatchObject([{ UserName: 'held' }]);
    expect(await users(edge, { PolicyUsageFilter: 'PermissionsPolicy' })).toEqual([]);
    expect(await users(work, { PolicyUsageFilter: 'PermissionsPolicy' })).toMatchObject([{ UserName: 'held' }]);
    expect(await users(work, { PathPrefix: '/other/' })).toEqual([]);
  });

  it('is told in full by itself, and without description and tags in a list', async () => {
    const more = { Description: 'for lists', Tags: [{ Key: 'team', Value: 'red' }] };
    const input = { PolicyName: 'told', PolicyDocument: document(allow('s3:*')), ...more };
    const { Policy } = await test.iam.send(new CreatePolicyCommand(input));
    expect((await test.iam.send(new GetPolicyCommand({ PolicyArn: Policy!.Arn! }))).Policy).toMatchObject(more);
    const { Policies } = await test.iam.send(new ListPoliciesCommand({ Scope: 'Local' }));
    const listed = Policies!.find(({ PolicyName }) => PolicyName === 'told')!;
    expect(listed).toMatchObject({ Arn: Policy!.Arn!, DefaultVersionId: 'v1' });
    expect([listed.Description, listed.Tags]).toEqual([undefined, undefined]);
    const { Roles } = await test.iam.send(new ListRolesCommand({}));
    expect(Roles!.length).toBeGreaterThan(0);
    expect(Roles!.filter(({ RoleLastUsed }) => RoleLastUsed !== undefined)).toEqual([]);
  });

  it('tells by pages who holds it, of every kind', async () => {
    const PolicyDocument = document(allow('s3:*'));
    const PolicyArn = (await test.iam.send(new CreatePolicyCommand({ PolicyName: 'paged', PolicyDocument }))).Policy!
      .Arn!;
    for (const UserName of ['paged-a', 'paged-b']) {
      await test.iam.send(new CreateUserCommand({ UserName }));
      await test.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    }
    await test.iam.send(new CreateGroupCommand({ GroupName: 'paged-c' }));
    await test.iam.send(new AttachGroupPolicyCommand({ GroupName: 'paged-c', PolicyArn }));
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    let pages = 0;
    do {
      const list: ListEntitiesForPolicyCommandOutput = await test.iam.send(
        new ListEntitiesForPolicyCommand({ PolicyArn, MaxItems: 2, Marker }),
      );
      names.push(...list.PolicyGroups!.map(({ GroupName }) => GroupName));
      names.push(...list.PolicyUsers!.map(({ UserName }) => UserName));
      expect(list.IsTruncated).toBe(list.Marker !== undefined);
      ({ Marker } = list);
      pages++;
    } while (Marker !== undefined);
    expect({ names, pages }).toEqual({ names: ['paged-c', 'paged-a', 'paged-b'], pages: 2 });
  });
});
