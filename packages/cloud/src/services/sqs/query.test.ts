// SQS as clients of the query protocol call it: forms in, XML out, to the root or to the queue's own URL.
import { afterAll, beforeAll, expect, test } from 'vitest';

import { sendSigned, type Answer } from '../../wire/signed-request.ts';
import { startSqs, type TestSqs } from './test-sqs.ts';

let world: TestSqs;

beforeAll(async () => {
  world = await startSqs();
});
afterAll(() => world.stop());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const post = (path: string, parameters: Record<string, string>): Promise<Answer> =>
  sendSigned(world.cloud, {
    service: 'sqs',
    path,
    headers: FORM,
    body: new URLSearchParams({ Version: '2012-11-05', ...parameters }).toString(),
  });

const textOf = ({ body }: Answer, name: string): string | undefined =>
  new RegExp(`<${name}>(.*?)</${name}>`).exec(body)?.[1];

test.each([
  [
    'JSON',
    { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.GetQueueUrl' },
    '/',
    '{"QueueName":"none"}',
  ],
  [
    'CBOR',
    { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    '/service/AmazonSQS/operation/GetQueueUrl',
    // {"QueueName": "none"}
    Buffer.from('a1695175657565 4e616d65646e6f6e65'.replace(' ', ''), 'hex'),
  ],
])(
  'an error in %s has the query protocol’s code too, for clients of today who know errors by it',
  async (_, head, path, body) => {
    const ask = (headers: Record<string, string>) => sendSigned(world.cloud, { service: 'sqs', path, headers, body });
    const { status, headers } = await ask({ ...head, 'x-amzn-query-mode': 'true' });
    expect({ status, code: headers['x-amzn-query-error'] }).toEqual({
      status: 400,
      code: 'AWS.SimpleQueueService.NonExistentQueue;Sender',
    });
    expect((await ask(head)).headers).not.toHaveProperty('x-amzn-query-error');
  },
);

test('a queue lives its life in the query protocol', async () => {
  const created = await post('/', {
    Action: 'CreateQueue',
    QueueName: 'old-school',
    'Attribute.1.Name': 'VisibilityTimeout',
    'Attribute.1.Value': '60',
  });
  const url = textOf(created, 'QueueUrl')!;
  expect(url).toBe(`${world.cloud.endpoint}/000000000000/old-school`);
  const { pathname } = new URL(url);
  const sent = await post(pathname, {
    Action: 'SendMessage',
    MessageBody: 'a < b',
    'MessageAttribute.1.Name': 'colour',
    'MessageAttribute.1.Value.DataType': 'String',
    'MessageAttribute.1.Value.StringValue': 'red',
  });
  expect(sent.status).toBe(200);
  const received = await post(pathname, {
    Action: 'ReceiveMessage',
    'AttributeName.1': 'All',
    'MessageAttributeName.1': 'colour',
  });
  expect(textOf(received, 'MessageId')).toBe(textOf(sent, 'MessageId'));
  expect(received.body).toContain('<Body>a &lt; b</Body>');
  expect(received.body).toContain(
    '<Name>colour</Name><Value><DataType>String</DataType><StringValue>red</StringValue>',
  );
  expect(received.body).toContain('<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>');
  const ReceiptHandle = textOf(received, 'ReceiptHandle')!;
  const deleted = await post('/', {
    Action: 'DeleteMessageBatch',
    QueueUrl: url,
    'DeleteMessageBatchRequestEntry.1.Id': 'one',
    'DeleteMessageBatchRequestEntry.1.ReceiptHandle': ReceiptHandle,
  });
  expect(deleted.body).toContain('<DeleteMessageBatchResultEntry><Id>one</Id></DeleteMessageBatchResultEntry>');
});

test('errors have the codes of the query protocol', async () => {
  const missing = await post('/000000000000/nowhere', { Action: 'GetQueueAttributes' });
  expect([missing.status, textOf(missing, 'Code')]).toEqual([400, 'AWS.SimpleQueueService.NonExistentQueue']);
  const url = await world.queue();
  const empty = await post(new URL(url).pathname, { Action: 'SendMessage' });
  expect([empty.status, textOf(empty, 'Code')]).toEqual([400, 'MissingParameter']);
  const large = await post(new URL(url).pathname, { Action: 'ReceiveMessage', MaxNumberOfMessages: '11' });
  expect([large.status, textOf(large, 'Code')]).toEqual([400, 'InvalidParameterValue']);
});

test('a queue that is open to everybody takes what nobody signed', async () => {
  const url = await world.queue({
    Policy: JSON.stringify({
      Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' },
    }),
  });
  const say = (Action: string) =>
    fetch(url, {
      method: 'POST',
      headers: FORM,
      body: new URLSearchParams({ Action, MessageBody: 'hello' }).toString(),
    });
  expect((await say('SendMessage')).status).toBe(200);
  expect((await say('PurgeQueue')).status).toBe(403);
  expect(await world.bodies(url)).toEqual(['hello']);
});
