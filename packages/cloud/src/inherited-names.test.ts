// Names that every object of JavaScript has are names of nothing in AWS: refused like any other that is not known.
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startCloud, type Cloud } from './cloud.ts';
import { AwsError } from './kernel/errors.ts';
import { rootPrincipal } from './kernel/identity/principal.ts';
import { account } from './services/iam/test-identity.ts';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
  await ask('sns', 'CreateTopic', { Name: 't' });
  await ask('logs', 'CreateLogGroup', { logGroupName: 'g' });
  await ask('secretsmanager', 'CreateSecret', { Name: 'a' });
  await ask('secretsmanager', 'CreateSecret', { Name: 'b' });
});
afterAll(() => cloud.stop());

// Inside the cloud, where calls are as they are from outside but for the wire.
const ask = (service: string, operation: string, input: object): Promise<unknown> =>
  cloud.kernel.invoke(service, operation, input, { principal: rootPrincipal(account), region: 'us-east-1' });

const TopicArn = `arn:aws:sns:us-east-1:${account}:t`;

const REQUESTS: [service: string, operation: string, input: (name: string) => object][] = [
  ['kms', 'CreateKey', (KeySpec) => ({ KeySpec, KeyUsage: 'SIGN_VERIFY' })],
  ['sns', 'Subscribe', (Protocol) => ({ TopicArn, Protocol, Endpoint: 'x' })],
  ['sns', 'SetTopicAttributes', (AttributeName) => ({ TopicArn, AttributeName, AttributeValue: 'x' })],
  ['sqs', 'CreateQueue', (name) => ({ QueueName: 'q', Attributes: { [name]: '1' } })],
  ['iam', 'CreateServiceLinkedRole', (AWSServiceName) => ({ AWSServiceName })],
  ['cloudtrail', 'LookupEvents', (AttributeKey) => ({ LookupAttributes: [{ AttributeKey, AttributeValue: 'x' }] })],
  ['secretsmanager', 'ListSecrets', (SortBy) => ({ SortBy })],
  [
    'logs',
    'StartQuery',
    (name) => ({ logGroupName: 'g', startTime: 0, endTime: 1, queryString: `stats ${name}(@message)` }),
  ],
];

it.each(REQUESTS)('%s %s', async (service, operation, input) => {
  for (const name of ['constructor', 'toString', 'valueOf']) {
    const refusal = await ask(service, operation, input(name)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AwsError);
  }
});
