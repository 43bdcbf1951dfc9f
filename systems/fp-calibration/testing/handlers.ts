// What the handlers' tests share: a cloud with the tables and a salt, and the handlers in this process as functions would call them.
import { randomUUID } from 'node:crypto';

import { CreateTableCommand, DynamoDBClient, ScanCommand, type AttributeDefinition } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { startCloud, type Cloud } from '@plinth/cloud';
import { expect, vi } from 'vitest';

import type { HttpEvent, Response } from '../app/aws/http.ts';
import { saltText } from '../app/domain/testing.ts';
import { POLICY_VERSION, TABLES, tableName, VARIABLES } from '../contract.ts';

export const ACCOUNT = '000000000000';

export const context = (name = 'fp-ingest') => ({
  awsRequestId: 'request-1',
  invokedFunctionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`,
});

export class TestService {
  readonly cloud: Cloud;
  readonly dynamodb: DynamoDBClient;
  readonly secrets: SecretsManagerClient;
  /** What was logged, line by line, since `listen`. */
  lines: string[] = [];

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.dynamodb = new DynamoDBClient();
    this.secrets = new SecretsManagerClient();
  }

  static async start(): Promise<TestService> {
    const cloud = await startCloud();
    vi.stubEnv('AWS_ENDPOINT_URL', cloud.endpoint);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', cloud.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', cloud.credentials.secretAccessKey);
    vi.stubEnv(VARIABLES.environment, 'staging');
    vi.stubEnv(VARIABLES.saltSecret, 'salt');
    vi.stubEnv(VARIABLES.blockThreshold, '10');
    vi.stubEnv(VARIABLES.cooldownHours, '2');
    const service = new TestService(cloud);
    await service.secrets.send(new CreateSecretCommand({ Name: 'salt', SecretString: saltText('one') }));
    for (const table of ['consent', 'calibration', 'events', 'counter'] as const) {
      vi.stubEnv(VARIABLES[`${table}Table`], tableName(table, 'staging'));
      await createTable(service.dynamodb, table);
    }
    return service;
  }

  /** Hears what is logged, until mocks are restored. */
  listen(): void {
    this.lines = [];
    const hear = (line: unknown) => this.lines.push(String(line)) > 0;
    vi.spyOn(process.stdout, 'write').mockImplementation(hear);
    vi.spyOn(process.stderr, 'write').mockImplementation(hear);
  }

  /** All values of a metric in the lines so far. */
  measured(name: string): unknown[] {
    return this.lines
      .filter((line) => line.includes('"_aws"') && line.includes(`"${name}"`))
      .flatMap((line) => (JSON.parse(line) as Record<string, unknown>)[name]);
  }

  async rows(table: keyof typeof TABLES) {
    return (await this.dynamodb.send(new ScanCommand({ TableName: tableName(table, 'staging') }))).Items ?? [];
  }

  async stop(): Promise<void> {
    vi.unstubAllEnvs();
    await this.cloud.stop();
  }
}

/** A table of the contract, as the block would make it. */
export async function createTable(dynamodb: DynamoDBClient, table: keyof typeof TABLES): Promise<void> {
  const { partitionKey, attributes, ...shape } = TABLES[table];
  const keys = (partition: string, sort?: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
  ];
  const indexes: Record<string, { partitionKey: string; sortKey?: string; project?: 'keys' }> =
    'indexes' in shape ? shape.indexes : {};
  const used = new Set([partitionKey, ...Object.values(indexes).flatMap((each) => [each.partitionKey, each.sortKey])]);
  const AttributeDefinitions = Object.entries(attributes)
    .filter(([name]) => used.has(name))
    .map(([AttributeName, type]): AttributeDefinition => ({
      AttributeName,
      AttributeType: type === 'string' ? 'S' : 'N',
    }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName: tableName(table, 'staging'),
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys(partitionKey),
      AttributeDefinitions,
      ...(Object.keys(indexes).length > 0 && {
        GlobalSecondaryIndexes: Object.entries(indexes).map(([IndexName, index]) => ({
          IndexName,
          KeySchema: keys(index.partitionKey, index.sortKey),
          Projection: { ProjectionType: index.project === 'keys' ? ('KEYS_ONLY' as const) : ('ALL' as const) },
        })),
      }),
    }),
  );
}

export const user = (organization: string, name = 'ci') =>
  `arn:aws:iam::${ACCOUNT}:user/organizations/${organization}/${name}`;

/** A request as a function URL passes it on. */
export const request = (
  method: string,
  path: string,
  { body, arn, query }: { body?: unknown; arn?: string | undefined; query?: Record<string, string> } = {},
): HttpEvent => ({
  rawPath: path,
  ...(query && { queryStringParameters: query }),
  ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  requestContext: {
    http: { method },
    ...(arn !== undefined && { authorizer: { iam: { userArn: arn, userId: `AIDA${arn.replaceAll(/\W/g, '')}` } } }),
  },
});

export const answered = async (response: Promise<Response>) => {
  const { statusCode, body, headers } = await response;
  // oxlint-disable-next-line typescript/no-explicit-any -- each test knows what it asked for
  return { status: statusCode, headers, body: JSON.parse(body) as any };
};

export const handle = {
  ingest: async (event: HttpEvent, as = context()) =>
    answered((await import('../app/handlers/ingest.ts')).handler(event, as)),
  consent: async (event: HttpEvent) => answered((await import('../app/handlers/consent.ts')).handler(event, context())),
  blocks: async (event: HttpEvent) => answered((await import('../app/handlers/blocks.ts')).handler(event, context())),
  calibration: async (event: HttpEvent) =>
    answered((await import('../app/handlers/calibration.ts')).handler(event, context())),
  freeze: async () => (await import('../app/handlers/freeze-weeks.ts')).handler({}, context()),
};

export const event = (more: Record<string, unknown> = {}) => ({
  ruleId: 'R-SECRETS',
  ruleVersion: '1.0.0',
  finding: `finding ${randomUUID()}`,
  outcome: 'block',
  actualOutcome: 'pending',
  confidence: 0.9,
  timestamp: new Date().toISOString(),
  environment: 'production',
  ...more,
});

export const consent = { type: 'explicit', scope: ['rule_calibration'], policyVersion: POLICY_VERSION };

export const send = (organization: string, body: unknown, name?: string) =>
  handle.ingest(request('POST', '/v1/events', { body, arn: user(organization, name) }));

/** An organization of its own, with a consent to ingestion. */
export async function consenting(prefix: string): Promise<string> {
  const organization = `${prefix}-${randomUUID()}`;
  const path = `/v1/consent/${organization}`;
  expect((await handle.consent(request('PUT', path, { body: consent, arn: user(organization) }))).status).toBe(200);
  return organization;
}
