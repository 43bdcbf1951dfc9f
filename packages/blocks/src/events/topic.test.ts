import { describe, expect, test } from 'vitest';

import { addresses, grants, resource, testRole, testStack } from '../testing.ts';
import { Topic } from './topic.ts';

const ARN = 'arn:aws:sns:us-east-1:{account}:alerts';

describe('Topic', () => {
  test('takes messages from this account’s alarms and rules, and from nobody else', () => {
    const stack = testStack();
    new Topic(stack, 'alerts', { name: 'alerts' });

    expect(addresses(stack)).toEqual(['aws_sns_topic.alerts', 'aws_sns_topic_policy.alerts']);
    const { policy } = resource(stack, 'aws_sns_topic_policy.alerts');
    const { Statement } = JSON.parse(policy as string) as { Statement: { Principal: object; Condition: object }[] };
    expect(Statement.map(({ Principal }) => Principal)).toEqual([
      { Service: 'cloudwatch.amazonaws.com' },
      { Service: 'events.amazonaws.com' },
    ]);
    for (const { Condition } of Statement) {
      expect(Condition).toEqual({ StringEquals: { 'aws:SourceAccount': ['{account}'] } });
    }
  });

  test('mails whoever is named', () => {
    const stack = testStack();
    new Topic(stack, 'alerts', { name: 'alerts', emails: ['ada@example.com'] });

    expect(resource(stack, 'aws_sns_topic_subscription.alerts_email_0')).toMatchObject({
      protocol: 'email',
      endpoint: 'ada@example.com',
    });
    expect(() => new Topic(testStack(), 't', { name: 't', emails: ['ada'] })).toThrow("'ada' is not an address");
  });

  test('mails whoever is named when it is deployed', () => {
    const stack = testStack();
    new Topic(stack, 'alerts', { name: 'alerts', emails: stack.list('alert_emails', 'Who is told') });

    expect(resource(stack, 'aws_sns_topic_subscription.alerts_email')).toMatchObject({
      for_each: '${toset(var.alert_emails)}',
      endpoint: '${each.value}',
    });
  });

  test('grantPublish publishes to this topic', () => {
    const stack = testStack();
    new Topic(stack, 'alerts', { name: 'alerts' }).grantPublish(testRole(stack));

    expect(grants(stack)).toEqual([`sns:Publish on ${ARN}`]);
  });
});
