// The functions as they are deployed: bundled, in the cloud's Lambda, with roles that may do what the contract lists and no more.
import { createHash, createHmac } from 'node:crypto';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { bundleNode } from '@plinth/blocks';
import { startCloud, type Cloud } from '@plinth/cloud';
import { SignatureV4 } from '@smithy/signature-v4';

import { FUNCTIONS, tableName, VARIABLES, type FunctionShape, type Permissions, type TABLES } from '../contract.ts';
import { ACCOUNT, createTable } from './handlers.ts';

export type FunctionName = keyof typeof FUNCTIONS;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface UrlAnswer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- each test knows what it asked for
  readonly body: any;
}

const SECRET = '/phase-mirror/fp-calibration/hmac-salt-staging';

export class Deployment {
  readonly cloud: Cloud;
  readonly lambda: LambdaClient;
  readonly iam: IAMClient;
  readonly secrets: SecretsManagerClient;
  readonly dynamodb: DynamoDBClient;
  /** Paths of the functions' URLs. */
  readonly #urls = new Map<FunctionName, string>();
  #secretArn = '';

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.lambda = new LambdaClient(this.as());
    this.iam = new IAMClient(this.as());
    this.secrets = new SecretsManagerClient(this.as());
    this.dynamodb = new DynamoDBClient(this.as());
  }

  /** Tables, a secret without a value, and all functions. */
  static async start(): Promise<Deployment> {
    const deployment = new Deployment(await startCloud());
    for (const table of ['consent', 'calibration', 'events', 'counter'] as const) {
      await createTable(deployment.dynamodb, table);
    }
    const { ARN = '' } = await deployment.secrets.send(new CreateSecretCommand({ Name: SECRET }));
    deployment.#secretArn = ARN;
    for (const name of Object.keys(FUNCTIONS) as FunctionName[]) await deployment.#deploy(name);
    return deployment;
  }

  /** What a client of the SDK needs to call as somebody; as the administrator where nobody is named. */
  as(credentials: Credentials = this.cloud.credentials) {
    return { endpoint: this.cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  }

  /** A credential of an organization, which may call every URL. */
  async member(organization: string, name = 'ci'): Promise<Credentials> {
    const UserName = `${organization}-${name}`;
    await this.iam.send(new CreateUserCommand({ UserName, Path: `/organizations/${organization}/` }));
    const PolicyDocument = policy([
      { actions: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction', 'sqs:SendMessage'], resource: '*' },
    ]);
    await this.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'calls', PolicyDocument }));
    const { AccessKey } = await this.iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  }

  /** A request to a function's URL, signed. */
  async call(
    name: FunctionName,
    credentials: Credentials,
    [method = 'GET', route = '/'] = [] as string[],
    body?: unknown,
  ): Promise<UrlAnswer> {
    const url = new URL(`${this.cloud.endpoint}${this.#urls.get(name)}${route}`);
    const signer = new SignatureV4({ service: 'lambda', region: 'us-east-1', credentials, sha256: Sha256 });
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, 'content-type': 'application/json' },
      ...(text !== undefined && { body: text }),
    });
    const answer = await fetch(url, { method, headers, ...(text !== undefined && { body: text }) });
    return { status: answer.status, body: await answer.json() };
  }

  /** A direct invocation, by the administrator; its answer, or the error that the function failed with. */
  async invoke(FunctionName: FunctionName, event: unknown = {}): Promise<unknown> {
    const { Payload, FunctionError } = await this.lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(text);
    return JSON.parse(text || 'null');
  }

  async stop(): Promise<void> {
    await this.cloud.stop();
  }

  async #deploy(FunctionName: FunctionName): Promise<void> {
    const shape: FunctionShape = FUNCTIONS[FunctionName];
    const entry = new URL(`../app/handlers/${shape.entry}`, import.meta.url);
    const { zip } = await bundleNode({ entry, file: 'index.mjs', target: 'node24' });
    await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: await this.#role(FunctionName, shape.allows),
        Code: { ZipFile: zip },
        MemorySize: shape.memoryMegabytes,
        Timeout: shape.timeoutSeconds,
        Environment: { Variables: Object.fromEntries(shape.variables.map((each) => [VARIABLES[each], VALUES[each]])) },
      }),
    );
    if (shape.trigger !== 'url') return;
    const { FunctionUrl } = await this.lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'AWS_IAM' }),
    );
    this.#urls.set(FunctionName, `/_lambda-url/${new URL(FunctionUrl ?? '').host.split('.')[0]}`);
  }

  async #role(RoleName: string, allows: Permissions): Promise<string> {
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
    });
    await this.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const { saltStages, ...resources } = allows;
    const statements = Object.entries(resources).map(([resource, actions]) => ({
      actions,
      resource: this.#arnOf(resource as keyof typeof resources),
    }));
    const PolicyDocument = policy([
      ...statements.map(({ actions, resource }) => ({
        actions: actions.filter((action) => saltStages === undefined || action !== 'secretsmanager:GetSecretValue'),
        resource,
      })),
      ...(saltStages === undefined
        ? []
        : [{ actions: ['secretsmanager:GetSecretValue'], resource: this.#arnOf('salt'), stages: saltStages }]),
      { actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], resource: '*' },
      ...(RoleName === 'ingest-batch' ? [{ actions: QUEUE_ACTIONS, resource: '*' }] : []),
    ]);
    await this.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
    return `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
  }

  #arnOf(resource: keyof Omit<Permissions, 'saltStages'>): string {
    if (resource === 'salt') return this.#secretArn;
    const table = resource.replace(/Index$/, '') as keyof typeof TABLES;
    const arn = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${tableName(table, 'staging')}`;
    return resource === table ? arn : `${arn}/index/rule-index`;
  }
}

const QUEUE_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

const VALUES: Readonly<Record<keyof typeof VARIABLES, string>> = {
  environment: 'staging',
  consentTable: tableName('consent', 'staging'),
  calibrationTable: tableName('calibration', 'staging'),
  eventsTable: tableName('events', 'staging'),
  counterTable: tableName('counter', 'staging'),
  saltSecret: SECRET,
  blockThreshold: '10',
  cooldownHours: '2',
};

interface Allowed {
  readonly actions: readonly string[];
  readonly resource: string;
  readonly stages?: readonly string[];
}

const policy = (statements: readonly Allowed[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements
      .filter(({ actions }) => actions.length > 0)
      .map(({ actions, resource, stages }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: resource,
        ...(stages && { Condition: { StringEquals: { 'secretsmanager:VersionStage': stages } } }),
      })),
  });

/** SHA-256 and its HMAC as the signer asks for them. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new Error('A signature hashes once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
