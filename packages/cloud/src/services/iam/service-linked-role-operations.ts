// Service-linked roles: made for a service, trusted by it alone, and changed by nobody else.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
import type {
  CreateServiceLinkedRoleCommandInput,
  DeleteServiceLinkedRoleCommandInput,
  GetServiceLinkedRoleDeletionStatusCommandInput,
} from '@aws-sdk/client-iam';

import { AwsError } from '../../kernel/errors.ts';
import type { Directory, Role } from '../../kernel/identity/directory.ts';
import { iamId, uuid } from '../../kernel/ids.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { invalid, noSuchEntity } from './errors.ts';
import { roleShape } from './role-operations.ts';
import { tagFacts } from './shapes.ts';

/** What the role of a service is called behind `AWSServiceRoleFor`; AWS lists no rule for it. */
const NAMES: Readonly<Record<string, string>> = {
  'autoscaling.amazonaws.com': 'AutoScaling',
  'dynamodb.application-autoscaling.amazonaws.com': 'ApplicationAutoScaling_DynamoDBTable',
  'ecs.amazonaws.com': 'ECS',
  'ecs.application-autoscaling.amazonaws.com': 'ApplicationAutoScaling_ECSService',
  'elasticache.amazonaws.com': 'ElastiCache',
  'elasticloadbalancing.amazonaws.com': 'ElasticLoadBalancing',
  'globalaccelerator.amazonaws.com': 'GlobalAccelerator',
  'guardduty.amazonaws.com': 'AmazonGuardDuty',
  'kafka.amazonaws.com': 'Kafka',
  'opensearchservice.amazonaws.com': 'AmazonOpenSearchService',
  'ops.apigateway.amazonaws.com': 'APIGateway',
  'organizations.amazonaws.com': 'Organizations',
  'rds.amazonaws.com': 'RDS',
  'replication.dynamodb.amazonaws.com': 'DynamoDBReplication',
  'replication.ecr.amazonaws.com': 'ECRReplication',
  'spot.amazonaws.com': 'EC2Spot',
  'ssm.amazonaws.com': 'AmazonSSM',
  'support.amazonaws.com': 'Support',
  'trustedadvisor.amazonaws.com': 'TrustedAdvisor',
  'wafv2.amazonaws.com': 'WAFV2Logging',
};

/** Services that may have several roles, told apart by a suffix. */
const SUFFIXED = new Set(['autoscaling.amazonaws.com']);

/** The custom suffix in a role's name; undefined where it has none. */
export function suffixOf(service: string, roleName: string): string | undefined {
  const plain = `AWSServiceRoleFor${NAMES[service] ?? ''}_`;
  return roleName.startsWith(plain) ? roleName.slice(plain.length) : undefined;
}

export function serviceLinkedRoleOperations(directory: Directory, account: string) {
  const pathOf = (service: string) => `/aws-service-role/${service}/`;
  const arnOf = (service: string, name: string) => `arn:aws:iam::${account}:role${pathOf(service)}${name}`;
  const nameOf = (input: CreateServiceLinkedRoleCommandInput) => {
    const suffix = input.CustomSuffix === undefined ? '' : `_${input.CustomSuffix}`;
    return `AWSServiceRoleFor${NAMES[input.AWSServiceName ?? ''] ?? ''}${suffix}`;
  };

  return {
    CreateServiceLinkedRole: {
      access: (input: CreateServiceLinkedRoleCommandInput): Access[] => [
        {
          action: 'iam:CreateServiceLinkedRole',
          resource: arnOf(input.AWSServiceName ?? '', nameOf(input)),
          context: { 'iam:AWSServiceName': input.AWSServiceName },
        },
      ],
      run: (input: CreateServiceLinkedRoleCommandInput, call: Call) => {
        const service = input.AWSServiceName ?? '';
        if (!Object.hasOwn(NAMES, service)) throw invalid(`Service-linked roles of ${service} are not known here.`);
        if (input.CustomSuffix !== undefined && !SUFFIXED.has(service)) {
          throw invalid(`Custom suffix is not allowed for ${service}`);
        }
        const name = nameOf(input);
        if (directory.roles.get(name)) {
          throw invalid(`Service role name ${name} has been taken in this account, please try a different suffix.`);
        }
        const role: Role = {
          arn: arnOf(service, name),
          id: iamId('AROA'),
          name,
          path: pathOf(service),
          createdAt: call.now,
          description: input.Description,
          trust: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }],
          }),
          maxSessionSeconds: 3_600,
          inline: {},
          attached: [],
          tags: {},
          linkedTo: service,
        };
        directory.roles.put(name, role);
        return { Role: roleShape(role) };
      },
    },
    DeleteServiceLinkedRole: {
      access: (input: DeleteServiceLinkedRoleCommandInput): Access[] => {
        const role = directory.roles.get(input.RoleName ?? '');
        const context = { 'iam:AWSServiceName': role?.linkedTo, ...tagFacts(role?.tags ?? {}) };
        return [{ action: 'iam:DeleteServiceLinkedRole', resource: role?.arn ?? '*', context }];
      },
      run: (input: DeleteServiceLinkedRoleCommandInput) => {
        const role = directory.roles.get(input.RoleName ?? '');
        if (!role) throw noSuchEntity(`The role with name ${input.RoleName}`);
        if (role.linkedTo === undefined) throw invalid(`Role ${role.name} is not a service-linked role.`);
        directory.roles.delete(role.name);
        return { DeletionTaskId: `task${role.path}${role.name}/${uuid()}` };
      },
    },
    // No service here uses its role behind its back, so each deletion is done when it is answered.
    GetServiceLinkedRoleDeletionStatus: {
      access: (): Access[] => [{ action: 'iam:GetServiceLinkedRoleDeletionStatus', resource: '*' }],
      run: (input: GetServiceLinkedRoleDeletionStatusCommandInput) => {
        const [, name] =
          /^task\/aws-service-role\/[^/]+\/([^/]+)\/[0-9a-f-]{36}$/.exec(input.DeletionTaskId ?? '') ?? [];
        if (name === undefined) {
          throw new AwsError('InvalidInput', `${input.DeletionTaskId} is no deletion task.`);
        }
        return { Status: 'SUCCEEDED' as const };
      },
    },
  };
}
