// aws_cloudwatch_log_resource_policy.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_log_resource_policy
import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { ResourcePolicyOperations } from './resource-policies.ts';

export const resourcePolicy: ResourceType = {
  type: 'aws_cloudwatch_log_resource_policy',
  replace: ['policy_name', 'resource_arn'],
  async create(planned, context) {
    await put(planned, context);
    return { id: planned['policy_name'] };
  },
  async read({ id }, context) {
    const { resourcePolicies } = await clientOf(context)('DescribeResourcePolicies', {});
    const found = resourcePolicies.find(({ policyName }) => policyName === id);
    if (!found) return null;
    return { policy_name: found.policyName, policy_document: found.policyDocument, policy_scope: found.policyScope };
  },
  update: (_prior, planned, context) => put(planned, context),
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteResourcePolicy', { policyName: id }), 'ResourceNotFoundException');
  },
};

const clientOf = (context: ResourceContext) => context.client<ResourcePolicyOperations>('logs');

async function put(planned: Attributes, context: ResourceContext): Promise<void> {
  await clientOf(context)('PutResourcePolicy', {
    policyName: planned['policy_name'],
    policyDocument: planned['policy_document'],
    resourceArn: planned['resource_arn'] || undefined,
  });
}
