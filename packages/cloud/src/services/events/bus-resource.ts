// aws_cloudwatch_event_bus, aws_cloudwatch_event_bus_policy and aws_cloudwatch_event_permission.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_bus
import { isDeepStrictEqual } from 'node:util';

import type { Level } from '@aws-sdk/client-eventbridge';

import { orNull } from '../../terraform/or-null.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { tagChanges } from '../../terraform/tag-changes.ts';
import { DEFAULT_BUS } from './buses.ts';
import type { EventBridgeOperations } from './operations.ts';
import { fromTags, toTags } from './tags.ts';

const bus: ResourceType = {
  type: 'aws_cloudwatch_event_bus',
  replace: ['name', 'event_source_name'],
  validate: (config) => refusedAttributes(config, ['event_source_name', 'kms_key_identifier', 'log_config']),
  async create(planned, context) {
    await clientOf(context)('CreateEventBus', {
      Name: planned['name'],
      ...settingsOf(planned),
      EventSourceName: planned['event_source_name'] || undefined,
      Tags: toTags(planned['tags_all'] ?? {}),
    });
    return { id: planned['name'] };
  },
  async read({ id }, context) {
    const found = await findBus(id, context);
    if (!found) return null;
    const { Tags } = await clientOf(context)('ListTagsForResource', { ResourceARN: found.Arn });
    return {
      name: found.Name,
      arn: found.Arn,
      description: found.Description,
      dead_letter_config: found.DeadLetterConfig ? [{ arn: found.DeadLetterConfig.Arn }] : [],
      tags_all: fromTags(Tags),
    };
  },
  async update(prior, planned, context) {
    const events = clientOf(context);
    const [before, after] = [settingsOf(prior), settingsOf(planned)];
    if (!isDeepStrictEqual(before, after)) await events('UpdateEventBus', { Name: prior['id'], ...after });
    const { set, removed } = tagChanges(prior, planned);
    const ResourceARN: string = prior['arn'];
    if (removed.length > 0) await events('UntagResource', { ResourceARN, TagKeys: removed });
    if (Object.keys(set).length > 0) await events('TagResource', { ResourceARN, Tags: toTags(set) });
  },
  async delete({ id }, context) {
    await clientOf(context)('DeleteEventBus', { Name: id });
  },
};

const busPolicy: ResourceType = {
  type: 'aws_cloudwatch_event_bus_policy',
  replace: ['event_bus_name'],
  defaults: { event_bus_name: DEFAULT_BUS },
  async create(planned, context) {
    const EventBusName: string = planned['event_bus_name'] ?? DEFAULT_BUS;
    await clientOf(context)('PutPermission', { EventBusName, Policy: planned['policy'] });
    return { id: EventBusName };
  },
  async read({ id }, context) {
    const found = await findBus(id, context);
    return found?.Policy === undefined ? null : { event_bus_name: id, policy: found.Policy };
  },
  async update(prior, planned, context) {
    await clientOf(context)('PutPermission', { EventBusName: prior['id'], Policy: planned['policy'] });
  },
  async delete({ id }, context) {
    await clientOf(context)('RemovePermission', { EventBusName: id, RemoveAllPermissions: true });
  },
};

interface PermissionStatement {
  readonly Sid: string;
  readonly Principal: '*' | { readonly AWS: string };
  readonly Action: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const permission: ResourceType = {
  type: 'aws_cloudwatch_event_permission',
  replace: ['statement_id', 'event_bus_name'],
  defaults: { action: 'events:PutEvents', event_bus_name: DEFAULT_BUS },
  async create(planned, context) {
    await putPermission(planned, context);
    const { event_bus_name: name = DEFAULT_BUS, statement_id: sid } = planned;
    return { id: name === DEFAULT_BUS ? sid : `${name}/${sid}` };
  },
  async read({ id }, context) {
    const [name, sid] = permissionId(id);
    const found = await findBus(name, context);
    const { Statement = [] } = JSON.parse(found?.Policy ?? '{}') as { Statement?: PermissionStatement[] };
    const statement = Statement.find(({ Sid }) => Sid === sid);
    if (!statement) return null;
    const { Principal: principal, Condition: condition } = statement;
    const [[type, keys] = []] = Object.entries(condition ?? {});
    const [[key, value] = []] = Object.entries(keys ?? {});
    return {
      event_bus_name: name,
      statement_id: sid,
      action: statement.Action,
      principal: principal === '*' ? '*' : principal.AWS.split(':')[4],
      condition: type === undefined ? [] : [{ type, key, value }],
    };
  },
  update: (_prior, planned, context) => putPermission(planned, context),
  async delete({ id }, context) {
    const [EventBusName, StatementId] = permissionId(id);
    await clientOf(context)('RemovePermission', { EventBusName, StatementId });
  },
};

export const busResources: readonly ResourceType[] = [bus, busPolicy, permission];

const clientOf = (context: ResourceContext) => context.client<EventBridgeOperations>('events');

const findBus = (name: string, context: ResourceContext) =>
  orNull(clientOf(context)('DescribeEventBus', { Name: name }), 'ResourceNotFoundException');

const permissionId = (id: string): [bus: string, statement: string] => {
  const [first = '', second] = id.split('/');
  return second === undefined ? [DEFAULT_BUS, first] : [first, second];
};

/** What is refused here too, for values that no plan knew. */
const settingsOf = (planned: Attributes) => ({
  Description: (planned['description'] || undefined) as string | undefined,
  KmsKeyIdentifier: (planned['kms_key_identifier'] || undefined) as string | undefined,
  DeadLetterConfig: planned['dead_letter_config']?.[0] && { Arn: planned['dead_letter_config'][0].arn as string },
  LogConfig: planned['log_config']?.[0] && { Level: planned['log_config'][0].level as Level },
});

async function putPermission(planned: Attributes, context: ResourceContext): Promise<void> {
  const condition = planned['condition']?.[0] as Attributes | undefined;
  await clientOf(context)('PutPermission', {
    EventBusName: planned['event_bus_name'] ?? DEFAULT_BUS,
    StatementId: planned['statement_id'],
    Action: planned['action'] ?? 'events:PutEvents',
    Principal: planned['principal'],
    Condition: condition && { Type: condition['type'], Key: condition['key'], Value: condition['value'] },
  });
}
