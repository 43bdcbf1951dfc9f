// What HTTP endpoints and mail addresses get, once they have said that they want it.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  SetSubscriptionAttributesCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { DEAD, settle, TestSns, until, type Notification } from './test-sns.ts';

const world = new TestSns();

beforeAll(() => world.start());
afterAll(() => world.cloud.stop());
beforeEach(() => world.clear());

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An endpoint of a customer; answers with `status`. */
async function listen() {
  const received: Received[] = [];
  const state = { status: 200, silent: false };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      if (!state.silent) response.writeHead(state.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { received, state, url: `http://hooks.localhost:${port}/sns?x=1`, close: () => void server.close() };
}

test('an HTTP endpoint is asked first, then world.told, then tried again as its policy says', async () => {
  const hook = await listen();
  const TopicArn = await world.topic();
  const SubscriptionArn = await world.subscribe(TopicArn, {
    Protocol: 'http',
    Endpoint: hook.url,
    Attributes: {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD }),
      DeliveryPolicy: JSON.stringify({
        healthyRetryPolicy: { numRetries: 2, minDelayTarget: 10, maxDelayTarget: 60 },
        requestPolicy: { headerContentType: 'application/json' },
      }),
    },
  });
  await until(() => hook.received.length === 1);
  const [asked] = hook.received;
  expect(asked!.headers).toMatchObject({
    'x-amz-sns-message-type': 'SubscriptionConfirmation',
    'x-amz-sns-topic-arn': TopicArn,
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
  });
  const question = JSON.parse(asked!.body) as Notification;
  expect(question).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn, Token: expect.any(String) });
  expect(await world.isGenuine(question)).toBe(true);
  await world.publish(TopicArn, 'too early');
  const confirmed = await (await fetch(question['SubscribeURL']!)).text();
  expect(confirmed).toContain(`<SubscriptionArn>${SubscriptionArn}</SubscriptionArn>`);
  const { Attributes } = await world.client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  expect(Attributes).toMatchObject({ PendingConfirmation: 'false', ConfirmationWasAuthenticated: 'false' });

  hook.state.status = 503;
  await world.publish(TopicArn, 'hello');
  await until(() => hook.received.length === 2);
  expect(hook.received[1]!.headers).toMatchObject({
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-subscription-arn': SubscriptionArn,
    'content-type': 'application/json',
  });
  expect(JSON.parse(hook.received[1]!.body)).toMatchObject({ Message: 'hello' });
  await settle();
  await world.cloud.clock.advance(35_000);
  expect(hook.received).toHaveLength(3);
  await world.cloud.clock.advance(60_000);
  expect(hook.received).toHaveLength(4);
  await until(() => world.told.length === 1);
  expect(world.told[0]!.input.QueueUrl).toMatch(/\/dead$/);
  hook.close();
});

test('an HTTP endpoint gets as many messages in a second as it wants', async () => {
  const hook = await listen();
  const TopicArn = await world.topic();
  const SubscriptionArn = await world.subscribe(TopicArn, { Protocol: 'http', Endpoint: hook.url });
  const set = (throttlePolicy: object) =>
    world.client.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'DeliveryPolicy',
        AttributeValue: JSON.stringify({ throttlePolicy }),
      }),
    );
  await until(() => hook.received.length === 1);
  await fetch((JSON.parse(hook.received[0]!.body) as Notification)['SubscribeURL']!);
  await expect(set({ maxReceivesPerSecond: 0 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await set({ maxReceivesPerSecond: 1 });
  for (const text of ['a', 'b', 'c']) await world.publish(TopicArn, text);
  await until(() => hook.received.length === 2);
  await world.cloud.clock.advance(1_000);
  expect(hook.received).toHaveLength(3);
  await world.cloud.clock.advance(1_000);
  expect(hook.received).toHaveLength(4);
  hook.close();
});

test('an answer of 4xx is final for an HTTP endpoint', async () => {
  const hook = await listen();
  const TopicArn = await world.topic();
  await world.subscribe(TopicArn, {
    Protocol: 'http',
    Endpoint: hook.url,
    Attributes: { RawMessageDelivery: 'true', RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD }) },
  });
  await until(() => hook.received.length === 1);
  await fetch((JSON.parse(hook.received[0]!.body) as Notification)['SubscribeURL']!);
  hook.state.status = 403;
  await world.publish(TopicArn, 'plain');
  await until(() => world.told.length === 1);
  expect(hook.received[1]).toMatchObject({ body: 'plain', headers: { 'x-amz-sns-rawdelivery': 'true' } });
  expect(world.bodies()).toEqual(['plain']);
  hook.close();
});

test('mails lie in the inbox: the one that asks, those that tell, and the one that says goodbye', async () => {
  const TopicArn = await world.topic({ DisplayName: 'Shop' });
  await world.subscribe(TopicArn, { Protocol: 'email', Endpoint: 'ops@example.com' });
  const asked = await world.mailTo('ops@example.com');
  expect(asked).toMatchObject({
    from: 'Shop <no-reply@sns.amazonaws.com>',
    subject: 'AWS Notification - Subscription Confirmation',
    pending: true,
  });
  expect((await fetch(asked['confirmUrl']!)).status).toBe(200);
  expect(await world.mailTo('ops@example.com')).toMatchObject({ pending: false });
  await world.publish(TopicArn, 'Order 1 is late.', { Subject: 'Late' });
  const mail = await world.mailTo('ops@example.com', 2);
  expect(mail).toMatchObject({ subject: 'Late', body: expect.stringContaining('Order 1 is late.') });

  const [unsubscribe] = /http:\S+/.exec(mail['body']!)!;
  await fetch(unsubscribe);
  const goodbye = await world.mailTo('ops@example.com', 3);
  await world.publish(TopicArn, 'to nobody');
  const [again] = /http:\S+/.exec(goodbye['body']!)!;
  await fetch(again);
  await world.publish(TopicArn, 'to somebody');
  expect(await world.mailTo('ops@example.com', 4)).toMatchObject({ body: expect.stringContaining('to somebody') });
});

test('a link confirms nothing that its owner has ended since', async () => {
  const TopicArn = await world.topic();
  const SubscriptionArn = await world.subscribe(TopicArn, { Protocol: 'email', Endpoint: 'gone@example.com' });
  const { confirmUrl } = await world.mailTo('gone@example.com');
  expect((await fetch(confirmUrl!)).status).toBe(200);
  expect((await fetch(confirmUrl!)).status).toBe(200);
  await world.client.send(new UnsubscribeCommand({ SubscriptionArn }));
  expect((await fetch(confirmUrl!)).status).toBe(400);
});

test('a cloud that stops does not wait for an endpoint that is slow to answer', async () => {
  const other = new TestSns();
  await other.start();
  const hook = await listen();
  const TopicArn = await other.topic();
  await other.subscribe(TopicArn, { Protocol: 'http', Endpoint: hook.url });
  await until(() => hook.received.length === 1);
  await fetch((JSON.parse(hook.received[0]!.body) as Notification)['SubscribeURL']!);
  hook.state.silent = true;
  await other.publish(TopicArn);
  await until(() => hook.received.length === 2);
  const begun = performance.now();
  await other.cloud.stop();
  expect(performance.now() - begun).toBeLessThan(5_000);
  hook.close();
});

test('an endpoint whose confirmation was authenticated is not unsubscribed by a link', async () => {
  const TopicArn = await world.topic();
  const SubscriptionArn = await world.subscribe(TopicArn, { Protocol: 'email-json', Endpoint: 'json@example.com' });
  const { body, confirmUrl } = await world.mailTo('json@example.com');
  const { Token } = JSON.parse(body!) as Notification;
  expect((await fetch(`${confirmUrl}&AuthenticateOnUnsubscribe=true`)).status).toBe(403);
  await world.client.send(new ConfirmSubscriptionCommand({ TopicArn, Token, AuthenticateOnUnsubscribe: 'true' }));
  const link = `${world.cloud.endpoint}/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`;
  expect((await fetch(link)).status).toBe(403);
  await world.publish(TopicArn, 'still here');
  expect(JSON.parse((await world.mailTo('json@example.com', 2))['body']!)).toMatchObject({ Message: 'still here' });
});
