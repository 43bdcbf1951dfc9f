// Lambda functions: how long the first event of a new copy takes, and those after it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
} from '@aws-sdk/client-lambda';
import { zipSync } from 'fflate';

import { measure } from './measure.ts';
import { startPlinth, type Subject } from './peers.ts';
import { compare, held } from './report.ts';

/** Each is a new copy, with its process. */
const COLD_STARTS = 30;

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
});

const FunctionName = 'bench';

export async function benchFunctions(): Promise<void> {
  console.log('\nfunctions');
  const cloud = await startPlinth();
  const configuration = { endpoint: cloud.endpoint, region: 'us-east-1', credentials: cloud.credentials };
  const iam = new IAMClient(configuration);
  const lambda = new LambdaClient(configuration);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'bench', AssumeRolePolicyDocument: TRUST }));
  const ZipFile = zipSync({ 'index.mjs': Buffer.from('export const handler = async (event) => event;') });
  const settings = { FunctionName, Role: Role?.Arn ?? '', Runtime: 'nodejs24.x' as const, Handler: 'index.handler' };
  await lambda.send(new CreateFunctionCommand({ ...settings, Code: { ZipFile } }));
  const invoke = () => lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  // The first start fills Node's cache of compiled code.
  await invoke();
  const times: number[] = [];
  for (let start = 0; start < COLD_STARTS; start++) {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: `${start}` }));
    const begun = performance.now();
    await invoke();
    times.push(performance.now() - begun);
  }
  times.sort((left, right) => left - right);
  held('cold start, p50', times[Math.floor(COLD_STARTS * 0.5)] ?? 0, 'ms', 150);
  held('cold start, the slowest', times.at(-1) ?? 0, 'ms', 150);
  compare('invoke', new Map([['warm', { plinth: await measure(invoke) }]]));
  await benchEvents(configuration, settings);
  await cloud.stop();
}

/** How long after PutEvents a rule's function is called: it says so itself, to a server of this process. */
async function benchEvents(
  configuration: Pick<Subject, 'endpoint' | 'credentials'> & { readonly region: string },
  settings: Omit<CreateFunctionCommandInput, 'Code'>,
): Promise<void> {
  const awaited = new Map<string, () => void>();
  // The function may be quicker than the answer to PutEvents.
  const early = new Set<string>();
  const server = createServer(({ url = '' }, response) => {
    const arrived = awaited.get(url);
    if (arrived) arrived();
    else early.add(url);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const lambda = new LambdaClient(configuration);
  const events = new EventBridgeClient(configuration);
  const code = `export const handler = ({ id }) => fetch('http://127.0.0.1:${port}/' + id).then((answer) => answer.text());`;
  const ZipFile = zipSync({ 'index.mjs': Buffer.from(code) });
  const { FunctionArn } = await lambda.send(
    new CreateFunctionCommand({ ...settings, FunctionName: 'told', Code: { ZipFile } }),
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'told',
      StatementId: 'events',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    }),
  );
  await events.send(new PutRuleCommand({ Name: 'told', EventPattern: '{"source":["bench"]}' }));
  await events.send(new PutTargetsCommand({ Rule: 'told', Targets: [{ Id: 'told', Arn: FunctionArn }] }));
  const tell = async () => {
    const { Entries = [] } = await events.send(
      new PutEventsCommand({ Entries: [{ Source: 'bench', DetailType: 'bench', Detail: '{}' }] }),
    );
    const url = `/${Entries[0]?.EventId}`;
    if (!early.has(url)) await new Promise<void>((resolve) => awaited.set(url, resolve));
  };
  compare('events', new Map([['PutEvents → function', { plinth: await measure(tell) }]]));
  server.close();
}
