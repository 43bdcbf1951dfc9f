// aws_codebuild_report_group.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/codebuild_report_group
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { ReportOperations } from './report-operations.ts';

export const reportGroup: ResourceType = {
  type: 'aws_codebuild_report_group',
  replace: ['name', 'type'],
  defaults: { delete_reports: false },
  validate: (config) =>
    config['export_config']?.[0]?.['type'] === 'S3'
      ? [{ attribute: 'export_config.0.type', message: 'Exporting reports to S3 is not supported here: NO_EXPORT is.' }]
      : [],
  async create(planned, context) {
    const { reportGroup: created } = await clientOf(context)('CreateReportGroup', {
      name: planned['name'],
      type: planned['type'],
      exportConfig: { exportConfigType: 'NO_EXPORT' },
      tags: tagsOf(planned),
    });
    return { id: created.arn };
  },
  async read({ id, delete_reports }, context) {
    const { reportGroups } = await clientOf(context)('BatchGetReportGroups', { reportGroupArns: [id] });
    const [found] = reportGroups;
    if (!found) return null;
    return {
      arn: found.arn,
      name: found.name,
      type: found.type,
      export_config: [{ type: 'NO_EXPORT', s3_destination: [] }],
      created: `${found.created?.toISOString().slice(0, 19)}Z`,
      delete_reports: delete_reports ?? false,
      tags_all: Object.fromEntries((found.tags ?? []).map(({ key, value }) => [key, value])),
    };
  },
  async update(prior, planned, context) {
    await clientOf(context)('UpdateReportGroup', { arn: prior['id'], tags: tagsOf(planned) });
  },
  async delete({ id, delete_reports }, context) {
    await clientOf(context)('DeleteReportGroup', { arn: id, deleteReports: delete_reports ?? false });
  },
};

const clientOf = (context: ResourceContext) => context.client<ReportOperations>('codebuild');

const tagsOf = (planned: Attributes) =>
  Object.entries((planned['tags_all'] ?? {}) as Record<string, string>).map(([key, value]) => ({ key, value }));
