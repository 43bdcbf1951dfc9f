// aws_secretsmanager_secret_rotation.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret_rotation
import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';

import type { Problem } from '../../terraform/problems.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { SecretsManagerOperations } from './operations.ts';

export const secretRotation: ResourceType = {
  type: 'aws_secretsmanager_secret_rotation',
  replace: ['secret_id'],
  defaults: { rotate_immediately: true },
  validate: (config) => [
    ...rulesProblems((config['rotation_rules'] as readonly Attributes[] | undefined)?.[0]),
    // Rotation by other companies.
    ...refusedAttributes(config, ['external_secret_rotation_metadata', 'external_secret_rotation_role_arn']),
  ],
  async create(planned, context) {
    await rotate(planned['secret_id'], planned, planned['rotate_immediately'] ?? true, context);
    return { id: planned['secret_id'] };
  },
  async read({ id }, context) {
    const found = await describe(id, context);
    // A secret whose rotation somebody cancelled has none any more.
    if (!found?.RotationEnabled) return null;
    const {
      AutomaticallyAfterDays: days,
      ScheduleExpression: schedule,
      Duration: duration,
    } = found.RotationRules ?? {};
    return {
      secret_id: id,
      rotation_enabled: true,
      rotation_lambda_arn: found.RotationLambdaARN ?? '',
      rotation_rules: [
        // The days that AWS reckons from a schedule are nobody's configuration.
        {
          automatically_after_days: schedule ? null : days,
          schedule_expression: schedule ?? '',
          duration: duration ?? '',
        },
      ],
    };
  },
  async update(prior, planned, context) {
    const changed = ['rotation_lambda_arn', 'rotation_rules'].some(
      (name) => JSON.stringify(prior[name]) !== JSON.stringify(planned[name]),
    );
    if (changed) await rotate(prior['id'], planned, planned['rotate_immediately'] ?? true, context);
  },
  async delete({ id }, context) {
    const found = await describe(id, context);
    if (found?.RotationEnabled) await clientOf(context)('CancelRotateSecret', { SecretId: id });
  },
};

const clientOf = (context: ResourceContext) => context.client<SecretsManagerOperations>('secretsmanager');

function rulesProblems(rules: Attributes | undefined): Problem[] {
  if (!rules) return [];
  const { automatically_after_days: days, schedule_expression: schedule } = rules;
  const attribute = 'rotation_rules.0.automatically_after_days';
  if (days && schedule) return [{ attribute, message: 'conflicts with schedule_expression' }];
  if (typeof days === 'number' && (days < 1 || days > 1_000)) {
    return [{ attribute, message: `expected to be in the range (1 - 1000), got ${days}` }];
  }
  return days || schedule
    ? []
    : [{ attribute, message: 'one of automatically_after_days, schedule_expression is needed' }];
}

async function rotate(id: string, planned: Attributes, immediately: boolean, context: ResourceContext): Promise<void> {
  const [rules] = (planned['rotation_rules'] ?? []) as readonly Attributes[];
  const RotationRules: RotationRulesType = {
    AutomaticallyAfterDays: rules?.['automatically_after_days'] || undefined,
    ScheduleExpression: rules?.['schedule_expression'] || undefined,
    Duration: rules?.['duration'] || undefined,
  };
  await clientOf(context)('RotateSecret', {
    SecretId: id,
    RotationLambdaARN: planned['rotation_lambda_arn'] || undefined,
    RotationRules,
    RotateImmediately: immediately,
  });
}

/** The secret as it is; undefined where it is gone. */
async function describe(id: string, context: ResourceContext) {
  try {
    const found = await clientOf(context)('DescribeSecret', { SecretId: id });
    return found.DeletedDate ? undefined : found;
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
