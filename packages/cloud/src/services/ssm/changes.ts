// What Parameter Store tells EventBridge: parameters that were made, changed, labelled or deleted, and what their policies did.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
import type { Kernel } from '../../kernel/service.ts';
import { latest, type Parameter } from './parameters.ts';
import type { ParameterPolicy } from './policies.ts';

export type Change = 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion';

type Events = Pick<Kernel, 'events'>;

export function tellOfChange({ events }: Events, parameter: Parameter, operation: Change): void {
  const { type, description } = latest(parameter);
  events.publish({
    source: 'aws.ssm',
    detailType: 'Parameter Store Change',
    region: parameter.region,
    resources: [parameter.arn],
    detail: { operation, name: parameter.name, type, ...(description !== undefined && { description }) },
  });
}

export function tellOfPolicy({ events }: Events, parameter: Parameter, policy: ParameterPolicy): void {
  events.publish({
    source: 'aws.ssm',
    detailType: 'Parameter Store Policy Action',
    region: parameter.region,
    resources: [parameter.arn],
    detail: {
      'parameter-name': parameter.name,
      'parameter-type': latest(parameter).type,
      'policy-type': policy.type,
      'policy-content': policy.text,
      'action-status': 'Success',
      'action-reason': REASONS[policy.type],
    },
  });
}

const REASONS: Readonly<Record<ParameterPolicy['type'], string>> = {
  Expiration: 'The parameter has expired and was deleted.',
  ExpirationNotification: 'The parameter is about to expire.',
  NoChangeNotification: 'The parameter has not been changed for the time that its policy names.',
};
