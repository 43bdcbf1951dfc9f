// What Lambda's tests share: a cloud, clients, roles, and functions made of a few lines of JavaScript.
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  type CreateFunctionCommandInput,
  type InvokeCommandInput,
} from '@aws-sdk/client-lambda';
import { zipSync } from 'fflate';

import { startCloud, type Cloud, type CloudOptions } from '../../cloud.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/runner';

const trust = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
  });

/** A deployment package; files by path, or the text of `index.mjs`. */
export const zip = (files: string | Record<string, string>): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(typeof files === 'string' ? { 'index.mjs': files } : files).map(([name, text]) => [
        name,
        Buffer.from(text),
      ]),
    ),
  );

export interface Answered {
  readonly status: number | undefined;
  readonly error: string | undefined;
  /** The payload, parsed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each test knows what its function answers
  readonly value: any;
  readonly log: string;
  readonly version: string | undefined;
}

export class TestLambda {
  readonly cloud: Cloud;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly iam: IAMClient;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    const configuration = this.as();
    this.lambda = new LambdaClient(configuration);
    this.logs = new CloudWatchLogsClient(configuration);
    this.iam = new IAMClient(configuration);
  }

  /** A cloud with the role that functions have unless a test says otherwise. */
  static async start(options: CloudOptions = {}): Promise<TestLambda> {
    const test = new TestLambda(await startCloud(options));
    await test.createRole('runner', ['logs:*']);
    return test;
  }

  /** What a client of the SDK needs to call as somebody; as the administrator where nobody is named. */
  as(credentials: { accessKeyId: string; secretAccessKey: string } = this.cloud.credentials) {
    return { endpoint: this.cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  }

  async createRole(name: string, actions: readonly string[], service = 'lambda.amazonaws.com'): Promise<string> {
    await this.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust(service) }));
    if (actions.length > 0) {
      const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await this.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument }));
    }
    return `arn:aws:iam::000000000000:role/${name}`;
  }

  /** A function whose `index.mjs` is `code`. */
  create(name: string, code: string | Record<string, string>, more: Partial<CreateFunctionCommandInput> = {}) {
    return this.lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: 'nodejs24.x',
        Role: ROLE,
        Handler: 'index.handler',
        Code: { ZipFile: zip(code) },
        ...more,
      }),
    );
  }

  async invoke(name: string, event?: unknown, more: Partial<InvokeCommandInput> = {}): Promise<Answered> {
    const answer = await this.lambda.send(
      new InvokeCommand({
        FunctionName: name,
        LogType: 'Tail',
        ...(event !== undefined && { Payload: JSON.stringify(event) }),
        ...more,
      }),
    );
    const text = answer.Payload && Buffer.from(answer.Payload).toString();
    return {
      status: answer.StatusCode,
      error: answer.FunctionError,
      value: text ? (JSON.parse(text) as unknown) : undefined,
      log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
      version: answer.ExecutedVersion,
    };
  }

  /** The messages in a function's log group so far, without their line ends. */
  async logLines(name: string, logGroupName = `/aws/lambda/${name}`): Promise<string[]> {
    const { events } = await this.logs.send(new FilterLogEventsCommand({ logGroupName }));
    return (events ?? []).map(({ message }) => message!.replace(/\n$/, ''));
  }

  async stop(): Promise<void> {
    await this.cloud.stop();
  }
}
