// aws_cloudwatch_event_rule.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_rule
import type { RuleState } from '@aws-sdk/client-eventbridge';

import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { nameFor, prefixOf } from '../../terraform/unique-name.ts';
import { DEFAULT_BUS } from './buses.ts';
import type { EventBridgeOperations } from './operations.ts';
import { fromTags, toTags } from './tags.ts';

export const rule: ResourceType = {
  type: 'aws_cloudwatch_event_rule',
  replace: ['name', 'name_prefix', 'event_bus_name'],
  defaults: { event_bus_name: DEFAULT_BUS, force_destroy: false, is_enabled: true, state: 'ENABLED' },
  json: ['event_pattern'],
  validate: ({ event_pattern: pattern, schedule_expression: schedule }) =>
    pattern || schedule
      ? []
      : [{ attribute: 'event_pattern', message: 'one of event_pattern, schedule_expression has to be given' }],
  async create(planned, context) {
    const name = nameFor(planned);
    await put(name, planned, context, toTags(planned['tags_all'] ?? {}));
    const bus: string = planned['event_bus_name'] ?? DEFAULT_BUS;
    return { id: bus === DEFAULT_BUS ? name : `${bus}/${name}` };
  },
  async read({ id, is_enabled: enabled }, context) {
    const [EventBusName, Name] = ruleId(id);
    const events = clientOf(context);
    const found = await orNull(events('DescribeRule', { Name, EventBusName }), 'ResourceNotFoundException');
    if (!found) return null;
    const { Tags } = await events('ListTagsForResource', { ResourceARN: found.Arn });
    return {
      name: found.Name,
      name_prefix: prefixOf(Name),
      arn: found.Arn,
      description: found.Description,
      event_bus_name: found.EventBusName,
      event_pattern: found.EventPattern,
      schedule_expression: found.ScheduleExpression,
      ...stateOf(found.State, enabled),
      role_arn: found.RoleArn,
      tags_all: fromTags(Tags),
    };
  },
  async update(prior, planned, context) {
    const [, name] = ruleId(prior['id']);
    const changed = ['description', 'event_pattern', 'schedule_expression', 'state', 'is_enabled', 'role_arn'].some(
      (attribute) => prior[attribute] !== planned[attribute],
    );
    if (changed) await put(name, planned, context);
    const tags = tagChanges(prior, planned);
    const ResourceARN: string = prior['arn'];
    const events = clientOf(context);
    if (tags.removed.length > 0) await events('UntagResource', { ResourceARN, TagKeys: tags.removed });
    if (Object.keys(tags.set).length > 0) await events('TagResource', { ResourceARN, Tags: toTags(tags.set) });
  },
  async delete({ id, force_destroy: force }, context) {
    const [EventBusName, Name] = ruleId(id);
    await clientOf(context)('DeleteRule', { Name, EventBusName, Force: force === true });
  },
};

const clientOf = (context: ResourceContext) => context.client<EventBridgeOperations>('events');

const ruleId = (id: string): [bus: string, rule: string] => {
  const slash = id.lastIndexOf('/');
  return slash < 0 ? [DEFAULT_BUS, id] : [id.slice(0, slash), id.slice(slash + 1)];
};

/** Whoever switches a rule off by the older `is_enabled` says nothing by `state`. */
const stateOf = (state: RuleState | undefined, enabled: unknown) =>
  enabled === false && state === 'DISABLED' ? { state: 'ENABLED', is_enabled: false } : { state, is_enabled: true };

async function put(
  name: string,
  planned: Attributes,
  context: ResourceContext,
  Tags?: ReturnType<typeof toTags>,
): Promise<void> {
  const state: RuleState = planned['is_enabled'] === false ? 'DISABLED' : (planned['state'] ?? 'ENABLED');
  await clientOf(context)('PutRule', {
    Name: name,
    EventBusName: planned['event_bus_name'] ?? DEFAULT_BUS,
    Description: planned['description'] || undefined,
    EventPattern: planned['event_pattern'] || undefined,
    ScheduleExpression: planned['schedule_expression'] || undefined,
    RoleArn: planned['role_arn'] || undefined,
    State: state,
    Tags,
  });
}
