// Sessions through the AWS SDK: who may open them, what narrows them, and when they end.
import { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreatePolicyCommand,
  ListUsersCommand,
  IAMClient,
  TagUserCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  DecodeAuthorizationMessageCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { account, allow, document, keysOf, TestIdentity, theAccount, trust, type Keys } from '../iam/test-identity.ts';

let test: TestIdentity;

beforeAll(async () => {
  test = await TestIdentity.start();
});

afterAll(() => test.cloud.stop());

const logsAs = (keys: Keys) => new CloudWatchLogsClient(test.as(keys));

describe('a role', () => {
  it('is refused in the words of its trust policy', async () => {
    const ann = await test.user('ann', allow('sts:AssumeRole'));
    const arn = await test.role('closed', [trust({ Service: 'lambda.amazonaws.com' })]);
    await expect(test.assume(arn, {}, ann)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${account}:user/ann is not authorized to perform: sts:AssumeRole on resource: ${arn} because no role trust policy allows the sts:AssumeRole action`,
    });
  });

  it('is narrowed by managed session policies too', async () => {
    const arn = await test.role('wide', [trust(theAccount)], allow('logs:*'));
    const { Policy } = await test.iam.send(
      new CreatePolicyCommand({ PolicyName: 'reading', PolicyDocument: document(allow('logs:Describe*')) }),
    );
    const logs = logsAs(await test.assume(arn, { PolicyArns: [{ arn: Policy!.Arn! }] }));
    await expect(logs.send(new DescribeLogGroupsCommand({}))).resolves.toBeDefined();
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName: 'x' }))).rejects.toMatchObject({
      message: expect.stringContaining('because no session policy allows') as string,
    });
  });

  it('lasts no longer than it says, and an hour when assumed from another role', async () => {
    const arn = await test.role('long', [trust(theAccount)], allow('sts:AssumeRole'));
    const ask = (DurationSeconds: number, as?: Keys) => test.assume(arn, { DurationSeconds }, as);
    await expect(ask(3601)).rejects.toMatchObject({ message: expect.stringContaining('MaxSessionDuration') as string });
    await expect(ask(899)).rejects.toMatchObject({ message: expect.stringContaining('greater than') as string });
    await test.iam.send(new UpdateRoleCommand({ RoleName: 'long', MaxSessionDuration: 7200 }));
    const first = await ask(7200);
    await expect(ask(3601, first)).rejects.toMatchObject({
      message: expect.stringContaining('role chaining') as string,
    });
    await expect(ask(3600, first)).resolves.toBeDefined();
  });
});

describe('session tags', () => {
  it('need a permission of their own, and are the principal’s tags', async () => {
    const arn = await test.role('untagged', [trust(theAccount)]);
    const Tags = [{ Key: 'Team', Value: 'red' }];
    await expect(test.assume(arn, { Tags })).rejects.toMatchObject({
      message: expect.stringContaining('no role trust policy allows the sts:TagSession action') as string,
    });
    const both = ['sts:AssumeRole', 'sts:TagSession'];
    const tagged = await test.role(
      'tagged',
      [trust(theAccount, { StringEquals: { 'aws:RequestTag/Team': 'red' } }, both)],
      {
        Effect: 'Allow',
        Action: 'logs:CreateLogGroup',
        Resource: `arn:aws:logs:us-east-1:${account}:log-group:\${aws:PrincipalTag/team}-*`,
      },
    );
    await expect(test.assume(tagged, { Tags: [{ Key: 'Team', Value: 'blue' }] })).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const logs = logsAs(await test.assume(tagged, { Tags }));
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'red-one' }));
    await expect(logs.send(new CreateLogGroupCommand({ logGroupName: 'blue-one' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it('go on from role to role where they are transitive, and then nobody changes them', async () => {
    const both = ['sts:AssumeRole', 'sts:TagSession'];
    const one = await test.role('one', [trust(theAccount, undefined, both)], allow('sts:*'));
    const onlyRed = { StringEquals: { 'aws:PrincipalTag/Team': 'red' } };
    const two = await test.role('two', [trust(theAccount, undefined, both)], {
      ...allow('logs:*'),
      Condition: onlyRed,
    });
    const Tags = [{ Key: 'Team', Value: 'red' }];
    const passing = await test.assume(one, { Tags, TransitiveTagKeys: ['Team'] });
    const keeping = await test.assume(one, { Tags });
    await expect(
      logsAs(await test.assume(two, {}, passing)).send(new DescribeLogGroupsCommand({})),
    ).resolves.toBeDefined();
    await expect(
      logsAs(await test.assume(two, {}, keeping)).send(new DescribeLogGroupsCommand({})),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await expect(test.assume(two, { Tags: [{ Key: 'team', Value: 'blue' }] }, passing)).rejects.toMatchObject({
      message: expect.stringContaining('transitive') as string,
    });
  });

  it('stand before the tags of a user, whose own are its principal tags', async () => {
    const own = { StringEquals: { 'aws:PrincipalTag/Desk': '7' } };
    const keys = await test.user('sitting', { ...allow('logs:DescribeLogGroups'), Condition: own });
    await expect(logsAs(keys).send(new DescribeLogGroupsCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    await test.iam.send(new TagUserCommand({ UserName: 'sitting', Tags: [{ Key: 'desk', Value: '7' }] }));
    await expect(logsAs(keys).send(new DescribeLogGroupsCommand({}))).resolves.toBeDefined();
  });
});

describe('a source identity', () => {
  it('stays through every role that is assumed after', async () => {
    const actions = ['sts:AssumeRole', 'sts:SetSourceIdentity'];
    const first = await test.role('first', [trust(theAccount, undefined, actions)], allow('sts:*'));
    const onlyZoe = { StringEquals: { 'aws:SourceIdentity': 'zoe' } };
    const second = await test.role('second', [trust(theAccount, undefined, actions)], {
      ...allow('logs:*'),
      Condition: onlyZoe,
    });
    const keys = await test.assume(second, {}, await test.assume(first, { SourceIdentity: 'zoe' }));
    await expect(logsAs(keys).send(new DescribeLogGroupsCommand({}))).resolves.toBeDefined();
  });
});

describe('temporary credentials', () => {
  it('are nobody’s who shows the code of an MFA device: there are none', async () => {
    const role = await test.role('guarded', [trust(theAccount)]);
    const device = { SerialNumber: `arn:aws:iam::${account}:mfa/ann`, TokenCode: '123456' };
    await expect(test.assume(role, device)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'MultiFactorAuthentication failed with invalid MFA one time pass code.',
    });
    const keys = await test.user('with-device', allow('*'));
    await expect(test.sts(keys).send(new GetSessionTokenCommand(device))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('of a user cannot call IAM, nor open further sessions but a role’s', async () => {
    const keys = await test.user('temp', allow('*'));
    const session = keysOf((await test.sts(keys).send(new GetSessionTokenCommand({}))).Credentials);
    await expect(new IAMClient(test.as(session)).send(new ListUsersCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    await expect(test.sts(session).send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(logsAs(session).send(new DescribeLogGroupsCommand({}))).resolves.toBeDefined();
  });

  it('of a federated user may do what the session policy and its issuer both may', async () => {
    const keys = await test.user('issuer', allow('logs:Describe*', 'sts:GetFederationToken'));
    const ask = async (policy?: string) => {
      const command = new GetFederationTokenCommand({ Name: 'guest', ...(policy && { Policy: policy }) });
      return keysOf((await test.sts(keys).send(command)).Credentials);
    };
    const narrow = await ask(document(allow('logs:*')));
    expect(await test.sts(narrow).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: `arn:aws:sts::${account}:federated-user/guest`,
      UserId: `${account}:guest`,
    });
    await expect(logsAs(narrow).send(new DescribeLogGroupsCommand({}))).resolves.toBeDefined();
    await expect(logsAs(narrow).send(new CreateLogGroupCommand({ logGroupName: 'no' }))).rejects.toMatchObject({
      message: expect.stringContaining('no identity-based policy') as string,
    });
    await expect(logsAs(await ask()).send(new DescribeLogGroupsCommand({}))).rejects.toMatchObject({
      message: expect.stringContaining('no session policy') as string,
    });
  });

  it('of a role that was made anew are nobody’s', async () => {
    const arn = await test.role('reborn', [trust(theAccount)], allow('logs:*'));
    const keys = await test.assume(arn);
    const { directory } = test.cloud.kernel.identity;
    directory.roles.put('reborn', { ...directory.roles.get('reborn')!, id: 'AROAANOTHER' });
    await expect(logsAs(keys).send(new DescribeLogGroupsCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

describe('a request', () => {
  it('that brings an encoded message which nobody here wrote is told so', async () => {
    const command = new DecodeAuthorizationMessageCommand({ EncodedMessage: 'abc' });
    await expect(test.sts().send(command)).rejects.toMatchObject({ name: 'InvalidAuthorizationMessageException' });
  });

  it('for a role with a session name that AWS refuses is refused', async () => {
    const arn = await test.role('named', [trust(theAccount)]);
    await expect(
      test.sts().send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'not good' })),
    ).rejects.toMatchObject({ name: 'ValidationError' });
  });
});
