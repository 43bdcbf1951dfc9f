// aws_dynamodb_resource_policy.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_resource_policy
import { orNull } from '../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { DynamodbOperations } from './index.ts';

export const policyResource: ResourceType = {
  type: 'aws_dynamodb_resource_policy',
  replace: ['resource_arn'],
  defaults: { confirm_remove_self_resource_access: false },
  create: (planned, context) => put(planned, context),
  async read({ id, confirm_remove_self_resource_access }, context) {
    const found = orNull(clientOf(context)('GetResourcePolicy', { ResourceArn: id }), 'PolicyNotFoundException');
    // With the table its policy is gone.
    const policy = await orNull(found, 'ResourceNotFoundException');
    if (!policy) return null;
    return {
      resource_arn: id,
      policy: policy.Policy,
      revision_id: policy.RevisionId,
      confirm_remove_self_resource_access: confirm_remove_self_resource_access ?? false,
    };
  },
  update: async (_prior, planned, context) => void (await put(planned, context)),
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteResourcePolicy', { ResourceArn: id }), 'ResourceNotFoundException');
  },
};

const clientOf = (context: ResourceContext) => context.client<DynamodbOperations>('dynamodb');

async function put(planned: Attributes, context: ResourceContext): Promise<Attributes> {
  const { resource_arn: ResourceArn, policy: Policy } = planned as { resource_arn: string; policy: string };
  await clientOf(context)('PutResourcePolicy', { ResourceArn, Policy });
  return { id: ResourceArn };
}
