// What EventBridge takes for the policy of a bus, and what it refuses before it is in force.
import {
  DescribeEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutPermissionCommand,
  RemovePermissionCommand,
  type PutPermissionCommandInput,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { account, document } from '../iam/test-identity.ts';
import { events } from './index.ts';

let cloud: Cloud;
let client: EventBridgeClient;
const bus = `arn:aws:events:us-east-1:${account}:event-bus/default`;

beforeAll(async () => {
  cloud = await startCloud({ services: [events] });
  client = new EventBridgeClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials: cloud.credentials });
});
afterAll(() => cloud.stop());

const put = (input: PutPermissionCommandInput) => client.send(new PutPermissionCommand(input));

const statement = { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'events:PutEvents', Resource: bus };

describe('a bus’s policy', () => {
  it.each([
    ['no JSON', 'not json'],
    ['no principal', document({ ...statement, Principal: undefined })],
    ['a principal who is nobody', document({ ...statement, Principal: { AWS: `arn:aws:iam::${account}:user/none` } })],
    ['an action of another service', document({ ...statement, Action: 'sqs:SendMessage' })],
    ['a condition that there is not', document({ ...statement, Condition: { Odd: { a: 'b' } } })],
  ])('with %s is refused, and the bus works as before', async (_, Policy) => {
    await expect(put({ Policy })).rejects.toMatchObject({ name: 'ValidationException' });
    const Entries = [{ Source: 'app', DetailType: 'x', Detail: '{}' }];
    expect(await client.send(new PutEventsCommand({ Entries }))).toMatchObject({ FailedEntryCount: 0 });
  });

  it('is no longer than AWS lets it be', async () => {
    const long = document({ ...statement, Sid: 'x'.repeat(11_000) });
    await expect(put({ Policy: long })).rejects.toMatchObject({ name: 'PolicyLengthExceededException' });
  });

  it('gets a statement more and loses it again, by account and action', async () => {
    await expect(put({ StatementId: 's', Principal: 'ann', Action: 'events:PutEvents' })).rejects.toThrow('principal');
    await expect(put({ StatementId: 's', Principal: '*', Action: 'events:PutRule' })).rejects.toThrow('action');

    await put({ StatementId: 's', Principal: '111122223333', Action: 'events:PutEvents' });
    const { Policy } = await client.send(new DescribeEventBusCommand({}));
    expect(JSON.parse(Policy!)).toMatchObject({
      Statement: [{ Sid: 's', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Resource: bus }],
    });

    await client.send(new RemovePermissionCommand({ StatementId: 's' }));
    expect(await client.send(new DescribeEventBusCommand({}))).not.toHaveProperty('Policy');
    await expect(client.send(new RemovePermissionCommand({ StatementId: 's' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
