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

/** A module for deployment packages: `call(service, { target | none, type, body })` signs with the runtime's credentials. */
export const SIGNING = `import { createHash, createHmac } from 'node:crypto';
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
export async function call(service, { target, type = 'application/x-amz-json-1.1', body }) {
  const { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const date = new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, '');
  const headers = { 'content-type': type, host: new URL(url).host, 'x-amz-date': date, 'x-amz-security-token': token };
  if (target) headers['x-amz-target'] = target;
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => name + ':' + headers[name]);
  const canonical = ['POST', '/', '', ...lines, '', names.join(';'), sha256(body)].join('\\n');
  const scope = [date.slice(0, 8), 'us-east-1', service, 'aws4_request'];
  const key = scope.reduce((previous, part) => hmac(previous, part), 'AWS4' + secret);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\\n')).toString('hex');
  const { host, ...sent } = headers;
  sent.authorization = 'AWS4-HMAC-SHA256 Credential=' + [id, ...scope].join('/') + ', SignedHeaders=' + names.join(';') + ', Signature=' + signature;
  const answer = await fetch(url, { method: 'POST', body, headers: sent });
  return { status: answer.status, text: await answer.text() };
}`;

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
