// aws_cloudwatch_query_definition.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_query_definition
import { orNull } from '../../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../../terraform/resource.ts';
import type { InsightsOperations } from './operations.ts';

export const queryDefinition: ResourceType = {
  type: 'aws_cloudwatch_query_definition',
  replace: [],
  async create(planned, context) {
    const { queryDefinitionId } = await clientOf(context)('PutQueryDefinition', settingsOf(planned));
    return { id: queryDefinitionId, query_definition_id: queryDefinitionId };
  },
  async read({ id }, context) {
    const { queryDefinitions } = await clientOf(context)('DescribeQueryDefinitions', {});
    const found = queryDefinitions.find(({ queryDefinitionId }) => queryDefinitionId === id);
    if (!found) return null;
    return {
      arn: `arn:aws:logs:${context.region}:${context.account}:query-definition:${id}`,
      query_definition_id: found.queryDefinitionId,
      name: found.name,
      query_string: found.queryString,
      log_group_names: found.logGroupNames,
    };
  },
  async update(prior, planned, context) {
    await clientOf(context)('PutQueryDefinition', { ...settingsOf(planned), queryDefinitionId: prior['id'] });
  },
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteQueryDefinition', { queryDefinitionId: id }), 'ResourceNotFoundException');
  },
  // hashicorp/aws takes the definition's ARN.
  importState: (arn) => ({ id: arn.slice(arn.lastIndexOf(':') + 1) }),
};

const clientOf = (context: ResourceContext) => context.client<InsightsOperations>('logs');

const settingsOf = (planned: Attributes) => ({
  name: planned['name'] as string,
  queryString: planned['query_string'] as string,
  logGroupNames: (planned['log_group_names'] ?? []) as string[],
});
