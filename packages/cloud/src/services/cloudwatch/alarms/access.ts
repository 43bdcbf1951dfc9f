// What an operation on an alarm needs allowed.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
import { resourceTags } from '../../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../../kernel/service.ts';
import { alarmArn } from './alarm.ts';
import type { Alarms } from './alarms.ts';

/** On the alarm that a request names by its name or its ARN. */
export function onAlarm(
  alarms: Alarms,
  action: string,
  nameOrArn: string,
  call: Call,
  context: Access['context'] = {},
): Access {
  const resource = nameOrArn.startsWith('arn:') ? nameOrArn : alarmArn(call, nameOrArn);
  const facts = factsOf(alarms, resource);
  return { action: `cloudwatch:${action}`, resource, context: { ...facts?.context, ...context } };
}

/** What IAM has to know of an alarm by its ARN. */
export function factsOf(alarms: Alarms, arn: string): ResourceFacts | undefined {
  const [, region = ''] = /^arn:aws:cloudwatch:([^:]*):\d{12}:alarm:/.exec(arn) ?? [];
  const alarm = alarms.find(region, arn);
  return alarm && { context: resourceTags(alarm.tags) };
}
