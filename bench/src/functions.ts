// Lambda functions: how long the first event of a new copy takes, and those after it.
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { zipSync } from 'fflate';

import { measure } from './measure.ts';
import { startPlinth } from './peers.ts';
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
  const settings = { FunctionName, Role: Role?.Arn, Runtime: 'nodejs24.x' as const, Handler: 'index.handler' };
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
  await cloud.stop();
}
