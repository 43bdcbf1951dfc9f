// What tests of identity share: a cloud of IAM, STS and CloudWatch Logs, and people and roles in it.
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient, type AssumeRoleCommandInput, type Credentials } from '@aws-sdk/client-sts';

import { startCloud, type Cloud } from '../../cloud.ts';
import { logs } from '../logs/index.ts';
import { sts } from '../sts/index.ts';
import { iam } from './index.ts';

export const account = '000000000000';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export const allow = (...actions: string[]) => ({ Effect: 'Allow', Action: actions, Resource: '*' });

export const document = (...Statement: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

export const trust = (principal: object, condition?: object, action: string | string[] = 'sts:AssumeRole') => ({
  Effect: 'Allow',
  Principal: principal,
  Action: action,
  ...(condition && { Condition: condition }),
});

export const theAccount = { AWS: `arn:aws:iam::${account}:root` };

export class TestIdentity {
  readonly cloud: Cloud;
  readonly iam: IAMClient;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.iam = new IAMClient(this.as());
  }

  static async start(): Promise<TestIdentity> {
    return new TestIdentity(await startCloud({ services: [iam, sts, logs] }));
  }

  /** What a client of the SDK needs to call as somebody; as the administrator where nobody is named. */
  as(credentials: Keys = this.cloud.credentials) {
    return { endpoint: this.cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  }

  sts(credentials?: Keys): STSClient {
    return new STSClient(this.as(credentials));
  }

  async user(name: string, ...statements: readonly object[]): Promise<Keys> {
    await this.iam.send(new CreateUserCommand({ UserName: name }));
    if (statements.length > 0) {
      const PolicyDocument = document(...statements);
      await this.iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'own', PolicyDocument }));
    }
    const { AccessKey } = await this.iam.send(new CreateAccessKeyCommand({ UserName: name }));
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  }

  /** Makes a role and answers its ARN. */
  async role(name: string, trusted: readonly object[], ...statements: readonly object[]): Promise<string> {
    const { Role } = await this.iam.send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document(...trusted) }),
    );
    if (statements.length > 0) {
      const PolicyDocument = document(...statements);
      await this.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument }));
    }
    return Role!.Arn!;
  }

  async assume(
    RoleArn: string,
    input: Partial<AssumeRoleCommandInput> = {},
    as: Keys = this.cloud.credentials,
  ): Promise<Keys> {
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ...input });
    return keysOf((await this.sts(as).send(command)).Credentials);
  }
}

export const keysOf = (given: Credentials | undefined): Keys => ({
  accessKeyId: given!.AccessKeyId!,
  secretAccessKey: given!.SecretAccessKey!,
  sessionToken: given!.SessionToken!,
});
