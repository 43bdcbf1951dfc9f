// aws_cloudwatch_event_target.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_event_target
import type { Target } from '@aws-sdk/client-eventbridge';

import { orNull } from '../../terraform/or-null.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { uniqueName } from '../../terraform/unique-name.ts';
import { DEFAULT_BUS } from './buses.ts';
import type { EventBridgeOperations } from './operations.ts';

/** Blocks for kinds of targets that the cloud does not tell. */
const OTHER_BLOCKS = [
  'appsync_target',
  'batch_target',
  'ecs_target',
  'http_target',
  'kinesis_target',
  'redshift_target',
  'run_command_targets',
  'sagemaker_pipeline_target',
];

export const target: ResourceType = {
  type: 'aws_cloudwatch_event_target',
  replace: ['rule', 'event_bus_name', 'target_id'],
  defaults: { event_bus_name: DEFAULT_BUS, force_destroy: false },
  validate: (config) => refusedAttributes(config, OTHER_BLOCKS),
  async create(planned, context) {
    const targetId: string = planned['target_id'] || uniqueName('terraform-');
    await put(targetId, planned, context);
    const { rule, event_bus_name: bus = DEFAULT_BUS } = planned;
    const parts = bus === DEFAULT_BUS ? [rule, targetId] : [bus, rule, targetId];
    return { id: parts.join('-'), rule, event_bus_name: bus, target_id: targetId };
  },
  async read({ rule, event_bus_name: bus, target_id: id }, context) {
    const input = { Rule: rule, EventBusName: bus };
    const listed = await orNull(clientOf(context)('ListTargetsByRule', input), 'ResourceNotFoundException');
    const found = listed?.Targets.find(({ Id }) => Id === id);
    if (!found) return null;
    const { InputTransformer: transformer, SqsParameters: sqs, RetryPolicy: retry, DeadLetterConfig: dead } = found;
    return {
      rule,
      event_bus_name: bus,
      target_id: id,
      arn: found.Arn,
      input: found.Input,
      input_path: found.InputPath,
      role_arn: found.RoleArn,
      input_transformer: transformer
        ? [{ input_paths: transformer.InputPathsMap, input_template: transformer.InputTemplate }]
        : [],
      sqs_target: sqs ? [{ message_group_id: sqs.MessageGroupId }] : [],
      retry_policy: retry
        ? [
            {
              maximum_event_age_in_seconds: retry.MaximumEventAgeInSeconds,
              maximum_retry_attempts: retry.MaximumRetryAttempts,
            },
          ]
        : [],
      dead_letter_config: dead ? [{ arn: dead.Arn }] : [],
    };
  },
  update: (prior, planned, context) => put(prior['target_id'], planned, context),
  async delete({ rule, event_bus_name: bus, target_id: id }, context) {
    const input = { Rule: rule, EventBusName: bus, Ids: [id] };
    await orNull(clientOf(context)('RemoveTargets', input), 'ResourceNotFoundException');
  },
  // `<rule>/<target>`, or with the bus before.
  importState: (id) => {
    const [first = '', second = '', third] = id.split('/');
    const [bus, rule, targetId] = third === undefined ? [DEFAULT_BUS, first, second] : [first, second, third];
    const parts = bus === DEFAULT_BUS ? [rule, targetId] : [bus, rule, targetId];
    return { id: parts.join('-'), rule, event_bus_name: bus, target_id: targetId };
  },
};

const clientOf = (context: ResourceContext) => context.client<EventBridgeOperations>('events');

async function put(id: string, planned: Attributes, context: ResourceContext): Promise<void> {
  const [transformer] = (planned['input_transformer'] ?? []) as Attributes[];
  const [sqs] = (planned['sqs_target'] ?? []) as Attributes[];
  const [retry] = (planned['retry_policy'] ?? []) as Attributes[];
  const [dead] = (planned['dead_letter_config'] ?? []) as Attributes[];
  const target: Target = {
    Id: id,
    Arn: planned['arn'],
    Input: planned['input'] || undefined,
    InputPath: planned['input_path'] || undefined,
    RoleArn: planned['role_arn'] || undefined,
    InputTransformer: transformer && {
      InputPathsMap: transformer['input_paths'] ?? undefined,
      InputTemplate: transformer['input_template'],
    },
    SqsParameters: sqs && { MessageGroupId: sqs['message_group_id'] },
    RetryPolicy: retry && {
      MaximumEventAgeInSeconds: retry['maximum_event_age_in_seconds'] ?? undefined,
      MaximumRetryAttempts: retry['maximum_retry_attempts'] ?? undefined,
    },
    DeadLetterConfig: dead && { Arn: dead['arn'] },
  };
  await clientOf(context)('PutTargets', {
    Rule: planned['rule'],
    EventBusName: planned['event_bus_name'] ?? DEFAULT_BUS,
    Targets: [target],
  });
}
