// Buses and lists of rules through the SDK: what was said of them comes back, page by page.
import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  UpdateEventBusCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { events } from './index.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:letters';

let cloud: Cloud;
let client: EventBridgeClient;

beforeAll(async () => {
  cloud = await startCloud({ services: [events] });
  const { endpoint, credentials } = cloud;
  client = new EventBridgeClient({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 });
});
afterAll(() => cloud.stop());

test('a bus shows the queue for its dead letters, if it is one, and when it was changed', async () => {
  const Name = 'letters';
  const queue = (Arn: string) => ({ Name, DeadLetterConfig: { Arn } });
  await expect(client.send(new CreateEventBusCommand(queue('nowhere')))).rejects.toThrow('is no standard queue');
  expect(await client.send(new CreateEventBusCommand(queue(QUEUE)))).toMatchObject({
    DeadLetterConfig: { Arn: QUEUE },
  });
  const made = await client.send(new DescribeEventBusCommand({ Name }));
  expect(made).toMatchObject(queue(QUEUE));
  await cloud.clock.advance(60_000);
  await client.send(new UpdateEventBusCommand(queue(`${QUEUE}2`)));
  const { CreationTime, LastModifiedTime, DeadLetterConfig } = await client.send(new DescribeEventBusCommand({ Name }));
  expect(DeadLetterConfig).toEqual({ Arn: `${QUEUE}2` });
  expect(CreationTime).toEqual(made.CreationTime);
  expect(LastModifiedTime!.getTime()).toBeGreaterThan(CreationTime!.getTime());
});

test('rules and targets are listed page by page, also by who deletes them on the way', async () => {
  for (const Name of ['page1', 'page2', 'page3'])
    await client.send(new PutRuleCommand({ Name, EventPattern: '{"source": ["x"]}' }));
  const list = (given: object) => client.send(new ListRulesCommand({ Limit: 2, ...given }));
  const { Rules, NextToken } = await list({});
  for (const { Name } of Rules!) await client.send(new DeleteRuleCommand({ Name }));
  const rest = await list({ NextToken });
  expect(rest.Rules).toMatchObject([{ Name: 'page3' }]);
  expect(rest.NextToken).toBeUndefined();
  for (const wrong of [{ Limit: 0 }, { Limit: 101 }, { NextToken: 'MQ' }])
    await expect(list(wrong)).rejects.toMatchObject({ name: 'ValidationException' });
  const Targets = ['b', 'a'].map((Id) => ({ Id, Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' }));
  await client.send(new PutTargetsCommand({ Rule: 'page3', Targets }));
  const first = await client.send(new ListTargetsByRuleCommand({ Rule: 'page3', Limit: 1 }));
  const second = await client.send(
    new ListTargetsByRuleCommand({ Rule: 'page3', Limit: 1, NextToken: first.NextToken }),
  );
  expect([...first.Targets!, ...second.Targets!].map(({ Id }) => Id)).toEqual(['a', 'b']);
  expect(second.NextToken).toBeUndefined();
});
