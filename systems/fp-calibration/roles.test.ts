// Who may do what: each role of the deployed system asked for every action of ten services, on each of its resources and on
// others'. IAM's simulator answers, which decides as the cloud itself does.
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  paginateListRoles,
  paginateSimulateCustomPolicy,
  paginateSimulatePrincipalPolicy,
  type EvaluationResult,
} from '@aws-sdk/client-iam';
import { EncryptCommand, GenerateDataKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

import { FUNCTIONS, SALT, tableName, TABLES, type FunctionShape } from './contract.ts';
import { DeployedSystem } from './testing/deployed-system.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

type FunctionId = keyof typeof FUNCTIONS;

const FUNCTION_IDS = Object.keys(FUNCTIONS) as FunctionId[];
const SCHEDULED = FUNCTION_IDS.filter((id) => typeof FUNCTIONS[id].trigger === 'object');

/** The services by their prefix in IAM, and those of their actions that no command is called like. */
const SERVICES = {
  dynamodb: {
    commands: await import('@aws-sdk/client-dynamodb'),
    more: ['ConditionCheckItem', 'PartiQLDelete', 'PartiQLInsert', 'PartiQLSelect', 'PartiQLUpdate', 'GetRecords'],
  },
  iam: { commands: await import('@aws-sdk/client-iam'), more: ['PassRole'] },
  kms: { commands: await import('@aws-sdk/client-kms'), more: ['ReEncryptFrom', 'ReEncryptTo'] },
  lambda: { commands: await import('@aws-sdk/client-lambda'), more: ['InvokeFunction', 'InvokeFunctionUrl'] },
  logs: { commands: await import('@aws-sdk/client-cloudwatch-logs'), more: [] },
  scheduler: { commands: await import('@aws-sdk/client-scheduler'), more: [] },
  secretsmanager: { commands: await import('@aws-sdk/client-secrets-manager'), more: [] },
  sns: { commands: await import('@aws-sdk/client-sns'), more: [] },
  sqs: { commands: await import('@aws-sdk/client-sqs'), more: [] },
  xray: { commands: await import('@aws-sdk/client-xray'), more: [] },
} as const;

type ServicePrefix = keyof typeof SERVICES;

const actionsOf = (service: ServicePrefix): string[] => {
  const { commands, more } = SERVICES[service];
  const named = Object.keys(commands).filter((name) => name.endsWith('Command') && name !== '$Command');
  return [...named.map((name) => name.slice(0, -'Command'.length)), ...more].map((name) => `${service}:${name}`);
};

type Context = Readonly<Record<string, string>>;

const STAGE = 'secretsmanager:VersionStage';
const VIA = 'kms:ViaService';
const URL_AUTH = 'lambda:FunctionUrlAuthType';
const BY_URL = 'lambda:InvokedViaFunctionUrl';
const THROUGH_SECRETS_MANAGER = 'secretsmanager.us-east-1.amazonaws.com';

/** The circumstances on which a decision may hang; where there are none, a service is asked once. */
const CONTEXTS: { readonly [S in ServicePrefix]?: readonly Context[] } = {
  secretsmanager: [{}, ...['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS', 'MINE'].map((stage) => ({ [STAGE]: stage }))],
  kms: [{}, { [VIA]: THROUGH_SECRETS_MANAGER }, { [VIA]: 's3.us-east-1.amazonaws.com' }],
  lambda: ['AWS_IAM', 'NONE'].flatMap((auth) =>
    ['true', 'false'].map((byUrl) => ({ [URL_AUTH]: auth, [BY_URL]: byUrl })),
  ),
};

interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Only where these keys have one of these values. */
  readonly when?: Readonly<Record<string, readonly string[]>>;
}

const ACCOUNT = '000000000000';
const arn = (service: string, rest: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;
const table = (name: keyof typeof TABLES, environment: 'staging' | 'production' = 'staging'): string =>
  arn('dynamodb', `table/${tableName(name, environment)}`);
const fn = (id: FunctionId): string => arn('lambda', `function:phase-mirror-fp-${id}-staging`);
const roleOf = (id: FunctionId): string => `arn:aws:iam::${ACCOUNT}:role/phase-mirror-fp-${id}-staging-us-east-1`;
const scheduleRoleOf = (id: FunctionId): string => `arn:aws:iam::${ACCOUNT}:role/phase-mirror-${id}-staging-us-east-1`;
const log = (id: FunctionId): string => arn('logs', `log-group:/aws/lambda/phase-mirror-fp-${id}-staging`);
const stream = (id: FunctionId): string => `${log(id)}:log-stream:2027/01/01/[$LATEST]1`;
const queue = arn('sqs', 'phase-mirror-fp-events-staging');

let service: DeployedSystem;
let iam: IAMClient;
let kms: KMSClient;
let secret: string;
let key: string;
let keyPolicy: string;
let organizationPolicy: string;
let resources: Readonly<Record<ServicePrefix, readonly string[]>>;

beforeAll(async () => {
  service = await DeployedSystem.start();
  iam = new IAMClient(service.configuration);
  kms = new KMSClient(service.configuration);
  const secrets = new SecretsManagerClient(service.configuration);
  const { ARN } = await secrets.send(new DescribeSecretCommand({ SecretId: service.output('hmac_salt_secret_name') }));
  secret = ARN!;
  key = service.output('kms_key_arn');
  keyPolicy = (await kms.send(new GetKeyPolicyCommand({ KeyId: key, PolicyName: 'default' }))).Policy!;
  organizationPolicy = service.output('organization_policy_arn');
  // Of each service all that the system has, and what is somebody else's: production's, or of no system at all.
  resources = {
    dynamodb: [
      ...(Object.keys(TABLES) as (keyof typeof TABLES)[]).flatMap((name) => [
        table(name),
        ...indexesOf(TABLES[name]).map((index) => `${table(name)}/index/${index}`),
        `${table(name)}/stream/2027-01-01T00:00:00.000`,
        table(name, 'production'),
      ]),
      arn('dynamodb', 'table/payroll'),
    ],
    iam: [
      ...FUNCTION_IDS.map(roleOf),
      ...SCHEDULED.map(scheduleRoleOf),
      organizationPolicy,
      `arn:aws:iam::${ACCOUNT}:role/administrator`,
      `arn:aws:iam::${ACCOUNT}:user/organizations/acme/acme`,
    ],
    kms: [key, arn('kms', 'key/11111111-2222-3333-4444-555555555555')],
    lambda: [...FUNCTION_IDS.flatMap((id) => [fn(id), `${fn(id)}:org-acme`]), arn('lambda', 'function:payroll')],
    logs: [
      ...FUNCTION_IDS.flatMap((id) => [log(id), stream(id)]),
      arn('logs', 'log-group:/aws/lambda/payroll:log-stream:1'),
    ],
    scheduler: [
      ...SCHEDULED.map((id) => arn('scheduler', `schedule/default/phase-mirror-${id}-staging`)),
      arn('scheduler', 'schedule/default/payroll'),
    ],
    secretsmanager: [secret, arn('secretsmanager', `secret:${SALT.secretName('production')}-a1B2c3`)],
    sns: [
      service.output('critical_alerts_topic_arn'),
      service.output('warning_alerts_topic_arn'),
      arn('sns', 'payroll'),
    ],
    sqs: [queue, `${queue}-dead-letters`, arn('sqs', 'phase-mirror-fp-events-production')],
    xray: ['*'],
  };
});

afterAll(() => service.stop());

const indexesOf = (shape: (typeof TABLES)[keyof typeof TABLES]): string[] =>
  'indexes' in shape ? Object.keys(shape.indexes) : [];

/** What the contract allows a function, and what every function of its kind gets beside that. */
function grantsOf(id: FunctionId): Grant[] {
  const { allows, trigger }: FunctionShape = FUNCTIONS[id];
  const { salt = [], saltStages, ...onTables } = allows;
  const named: Readonly<Record<keyof typeof onTables, string>> = {
    consent: table('consent'),
    calibration: table('calibration'),
    calibrationIndex: `${table('calibration')}/index/rule-index`,
    events: table('events'),
    eventsIndex: `${table('events')}/index/rule-index`,
    counter: table('counter'),
  };
  const reads = 'secretsmanager:GetSecretValue';
  return [
    ...Object.entries(onTables).map(([on, actions]) => ({ actions, resources: [named[on as keyof typeof named]] })),
    { actions: salt.filter((action) => action !== reads), resources: [secret] },
    ...(salt.includes(reads)
      ? [
          { actions: [reads], resources: [secret], when: { [STAGE]: saltStages ?? [] } },
          { actions: ['kms:Decrypt'], resources: [key], when: { [VIA]: [THROUGH_SECRETS_MANAGER] } },
        ]
      : []),
    // Whoever puts a value has Secrets Manager encrypt it. `Encrypt` is what it asks for where a value changes its key.
    ...(trigger === 'rotation'
      ? [
          {
            actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
            resources: [key],
            when: { [VIA]: [THROUGH_SECRETS_MANAGER] },
          },
        ]
      : []),
    // Lambda polls the queue as the function's role, and makes messages that failed visible again before their time.
    ...(trigger === 'queue'
      ? [
          {
            actions: ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'].map(
              (action) => `sqs:${action}`,
            ),
            resources: [queue],
          },
        ]
      : []),
    { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [stream(id)] },
    { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] },
  ];
}

interface Probe {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

const lineOf = ({ action, resource, context }: Probe): string =>
  [action, 'on', resource, ...Object.entries(context).map(([name, value]) => `${name}=${value}`)].join(' ');

/** Every probe of which a grant says that it succeeds. */
const expected = (grants: readonly Grant[]): string[] =>
  allProbes()
    .filter(({ action, resource, context }) =>
      grants.some(
        ({ actions, resources: on, when = {} }) =>
          actions.includes(action) &&
          on.includes(resource) &&
          Object.entries(when).every(([name, values]) => values.includes(context[name] ?? '')),
      ),
    )
    .map(lineOf)
    .toSorted();

const allProbes = (): Probe[] =>
  (Object.keys(SERVICES) as ServicePrefix[]).flatMap((prefix) =>
    (CONTEXTS[prefix] ?? [{}]).flatMap((context) =>
      actionsOf(prefix).flatMap((action) => resources[prefix].map((resource) => ({ action, resource, context }))),
    ),
  );

/** Every probe that a role, or whoever holds a policy and nothing else, succeeds with. */
async function allowed(who: { readonly role: string } | { readonly policy: string }): Promise<string[]> {
  const found: string[] = [];
  let asked = 0;
  for (const prefix of Object.keys(SERVICES) as ServicePrefix[]) {
    for (const context of CONTEXTS[prefix] ?? [{}]) {
      const question = {
        ActionNames: actionsOf(prefix),
        ResourceArns: [...resources[prefix]],
        ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
          ContextKeyName,
          ContextKeyValues: [value],
          ContextKeyType: 'string' as const,
        })),
        ...(prefix === 'kms' && { ResourcePolicy: keyPolicy }),
      };
      const page = { client: iam, pageSize: 1_000 };
      const pages =
        'role' in who
          ? paginateSimulatePrincipalPolicy(page, { PolicySourceArn: who.role, ...question })
          : paginateSimulateCustomPolicy(page, { PolicyInputList: [who.policy], ...question });
      for await (const { EvaluationResults: results = [] } of pages) {
        asked += results.length;
        found.push(
          ...results
            .filter(isAllowed)
            .map(({ EvalActionName: action = '', EvalResourceName: resource = '' }) =>
              lineOf({ action, resource, context }),
            ),
        );
      }
    }
  }
  expect(asked).toBe(allProbes().length);
  return found.toSorted();
}

const isAllowed = ({ EvalDecision }: EvaluationResult): boolean => EvalDecision === 'allowed';

it.each(FUNCTION_IDS)('%s may do what the contract says, and nothing else', async (id) => {
  const intended = expected(grantsOf(id));
  expect(intended.length).toBeGreaterThan(4);
  expect(await allowed({ role: roleOf(id) })).toEqual(intended);
});

it.each(SCHEDULED)('the schedule of %s may invoke it, and nothing else', async (id) => {
  const invokes: Grant = { actions: ['lambda:InvokeFunction'], resources: [fn(id), `${fn(id)}:org-acme`] };
  expect(await allowed({ role: scheduleRoleOf(id) })).toEqual(expected([invokes]));
});

it('an organization may call the addresses, signed, and send to the queue, and nothing else', async () => {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: organizationPolicy }));
  const version = { PolicyArn: organizationPolicy, VersionId: Policy!.DefaultVersionId! };
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand(version));
  const addresses = FUNCTION_IDS.filter((id) => FUNCTIONS[id].trigger === 'url').map(fn);
  const grants: Grant[] = [
    { actions: ['lambda:InvokeFunctionUrl'], resources: addresses, when: { [URL_AUTH]: ['AWS_IAM'] } },
    // Without this AWS refuses the URL too; it opens no way around it. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    { actions: ['lambda:InvokeFunction'], resources: addresses, when: { [BY_URL]: ['true'] } },
    { actions: ['sqs:SendMessage', 'sqs:GetQueueUrl'], resources: [queue] },
  ];
  expect(await allowed({ policy: decodeURIComponent(PolicyVersion!.Document!) })).toEqual(expected(grants));
});

it('there is no other role', async () => {
  const roles: string[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, {})) {
    roles.push(...Roles.map(({ Arn }) => Arn!).filter((each) => each.includes('/phase-mirror-')));
  }
  expect(roles.toSorted()).toEqual([...FUNCTION_IDS.map(roleOf), ...SCHEDULED.map(scheduleRoleOf)].toSorted());
});

it('nobody uses the key but through Secrets Manager, not even an administrator', async () => {
  const denied = { name: 'AccessDeniedException', message: expect.stringContaining('explicit deny') as string };
  const Plaintext = Buffer.from('a salt');
  await expect(kms.send(new EncryptCommand({ KeyId: key, Plaintext }))).rejects.toMatchObject(denied);
  const dataKey = new GenerateDataKeyCommand({ KeyId: key, KeySpec: 'AES_256' });
  await expect(kms.send(dataKey)).rejects.toMatchObject(denied);
  const everything = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  });
  const may = (await allowed({ policy: everything })).filter((line) => line.includes(` on ${key}`));
  const uses = may.filter((line) => /kms:(Encrypt|Decrypt|ReEncrypt\w*|GenerateDataKey\w*) /.test(line));
  expect(uses.length).toBeGreaterThan(5);
  expect(uses.filter((line) => !line.endsWith(`${VIA}=${THROUGH_SECRETS_MANAGER}`))).toEqual([]);
});
