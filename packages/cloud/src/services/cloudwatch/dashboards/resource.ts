// aws_cloudwatch_dashboard.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudwatch_dashboard
import { orNull } from '../../../terraform/or-null.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../../terraform/resource.ts';
import type { CloudwatchOperations } from '../operations.ts';

export const dashboard: ResourceType = {
  type: 'aws_cloudwatch_dashboard',
  replace: ['dashboard_name'],
  json: ['dashboard_body'],
  async create(planned, context) {
    await put(planned, context);
    return { id: planned['dashboard_name'] };
  },
  async read({ id }, context) {
    const found = await orNull(clientOf(context)('GetDashboard', { DashboardName: id }), 'DashboardNotFoundError');
    return (
      found && {
        dashboard_name: found.DashboardName,
        dashboard_arn: found.DashboardArn,
        dashboard_body: found.DashboardBody,
      }
    );
  },
  update: (_prior, planned, context) => put(planned, context),
  async delete({ id }, context) {
    await orNull(clientOf(context)('DeleteDashboards', { DashboardNames: [id] }), 'DashboardNotFoundError');
  },
};

const clientOf = (context: ResourceContext) => context.client<CloudwatchOperations>('cloudwatch');

async function put(planned: Attributes, context: ResourceContext): Promise<void> {
  await clientOf(context)('PutDashboard', {
    DashboardName: planned['dashboard_name'],
    DashboardBody: planned['dashboard_body'],
  });
}
