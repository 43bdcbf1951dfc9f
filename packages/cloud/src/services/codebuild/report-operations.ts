// Reports in the CodeBuild API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateReportGroup.html
import type {
  BatchGetReportGroupsCommandInput,
  BatchGetReportsCommandInput,
  CreateReportGroupCommandInput,
  DeleteReportCommandInput,
  DeleteReportGroupCommandInput,
  DescribeTestCasesCommandInput,
  ListReportGroupsCommandInput,
  ListReportsCommandInput,
  ListReportsForReportGroupCommandInput,
  Tag,
  UpdateReportGroupCommandInput,
} from '@aws-sdk/client-codebuild';

import type { Access, Call } from '../../kernel/service.ts';
import { tagContext, type Guard } from './access.ts';
import { invalidInput } from './errors.ts';
import { page } from './page.ts';
import { caseShape, groupShape, reportFailed, reportShape, type Reports, type TestReport } from './reports.ts';

export type ReportOperations = ReturnType<typeof reportOperations>;

export function reportOperations(guard: Guard, reports: Reports, account: string) {
  const groupArn = (region: string, name: string | undefined) =>
    `arn:aws:codebuild:${region}:${account}:report-group/${name}`;
  const on =
    <Input>(action: string, arns: (input: Input) => readonly (string | undefined)[]) =>
    (input: Input): Access[] =>
      arns(input).map((arn = '*') => guard.reportGroup(action, groupOf(arn)));
  const anywhere = (action: string) => (): Access[] => [{ action: `codebuild:${action}`, resource: '*' }];

  return {
    CreateReportGroup: {
      access: ({ name, tags }: CreateReportGroupCommandInput, { region }: Call): Access[] => [
        guard.reportGroup('CreateReportGroup', groupArn(region, name), tagContext(tags)),
      ],
      run: ({ name = '', type, exportConfig, tags }: CreateReportGroupCommandInput, { region, now }: Call) => {
        if (type !== 'TEST') throw invalidInput(`Reports of type ${type} are not supported here: TEST is`);
        refuseExport(exportConfig);
        const arn = groupArn(region, name);
        reports.createGroup({ arn, name, region, createdAt: now, modifiedAt: now, tags: (tags ?? []).map(tagOf) });
        return { reportGroup: groupShape(reports.requireGroup(arn)) };
      },
    },
    UpdateReportGroup: {
      access: ({ arn = '*', tags }: UpdateReportGroupCommandInput): Access[] => [
        guard.reportGroup('UpdateReportGroup', arn, tagContext(tags)),
      ],
      run: ({ arn = '', exportConfig, tags }: UpdateReportGroupCommandInput, { now }: Call) => {
        refuseExport(exportConfig);
        const group = reports.requireGroup(arn);
        reports.saveGroup({ ...group, modifiedAt: now, tags: tags?.map(tagOf) ?? group.tags });
        return { reportGroup: groupShape(reports.requireGroup(arn)) };
      },
    },
    DeleteReportGroup: {
      access: on('DeleteReportGroup', ({ arn }: DeleteReportGroupCommandInput) => [arn]),
      run: ({ arn = '', deleteReports }: DeleteReportGroupCommandInput) => {
        reports.deleteGroup(arn, deleteReports ?? false);
        return {};
      },
    },
    BatchGetReportGroups: {
      access: on(
        'BatchGetReportGroups',
        ({ reportGroupArns }: BatchGetReportGroupsCommandInput) => reportGroupArns ?? [],
      ),
      run: ({ reportGroupArns = [] }: BatchGetReportGroupsCommandInput) => {
        const found = reportGroupArns.map((arn) => [arn, reports.findGroup(arn)] as const);
        return {
          reportGroups: found.flatMap(([, group]) => (group ? [groupShape(group)] : [])),
          reportGroupsNotFound: found.flatMap(([arn, group]) => (group ? [] : [arn])),
        };
      },
    },
    ListReportGroups: {
      access: anywhere('ListReportGroups'),
      run: ({ nextToken }: ListReportGroupsCommandInput, { region }: Call) => {
        const arns = reports.groups(region).map(({ arn }) => arn);
        const found = page(arns, nextToken);
        return { reportGroups: found.items, nextToken: found.nextToken };
      },
    },
    BatchGetReports: {
      access: on('BatchGetReports', ({ reportArns }: BatchGetReportsCommandInput) => reportArns ?? []),
      run: ({ reportArns = [] }: BatchGetReportsCommandInput) => {
        const found = reportArns.map((arn) => [arn, reports.find(arn)] as const);
        return {
          reports: found.flatMap(([, report]) => (report ? [reportShape(report)] : [])),
          reportsNotFound: found.flatMap(([arn, report]) => (report ? [] : [arn])),
        };
      },
    },
    ListReports: {
      access: anywhere('ListReports'),
      run: (input: ListReportsCommandInput, { region }: Call) => listReports(reports.reports(region), input),
    },
    ListReportsForReportGroup: {
      access: on('ListReportsForReportGroup', (input: ListReportsForReportGroupCommandInput) => [input.reportGroupArn]),
      run: ({ reportGroupArn = '', ...input }: ListReportsForReportGroupCommandInput) =>
        listReports(reports.reportsOf(reports.requireGroup(reportGroupArn).arn), input),
    },
    DescribeTestCases: {
      access: on('DescribeTestCases', ({ reportArn }: DescribeTestCasesCommandInput) => [reportArn]),
      run: ({ reportArn = '', nextToken, filter }: DescribeTestCasesCommandInput) => {
        const report = reports.require(reportArn);
        const found = report.results.filter(
          ({ status, name, prefix }) =>
            (!filter?.status || status === filter.status) &&
            (!filter?.keyword || `${prefix} ${name}`.includes(filter.keyword)),
        );
        const indexes = page(
          found.map((_, index) => String(index)),
          nextToken,
        );
        return {
          testCases: indexes.items.map((index) => caseShape(report, found[Number(index)]!)),
          nextToken: indexes.nextToken,
        };
      },
    },
    DeleteReport: {
      access: on('DeleteReport', ({ arn }: DeleteReportCommandInput) => [arn]),
      run: ({ arn = '' }: DeleteReportCommandInput) => {
        reports.delete(arn);
        return {};
      },
    },
  };
}

/** IAM speaks of groups: a report's ARN is its group's with the report's name behind it. */
const groupOf = (arn: string): string => arn.replace(/:report\/([^:]*):.*$/, ':report-group/$1');

const tagOf = ({ key = '', value = '' }: Tag): Tag => ({ key, value });

function refuseExport(config: CreateReportGroupCommandInput['exportConfig']): void {
  if (config?.exportConfigType === 'S3') throw invalidInput('exportConfig S3 is not supported here: NO_EXPORT is');
}

function listReports(
  found: readonly TestReport[],
  { filter, sortOrder, nextToken }: Pick<ListReportsCommandInput, 'filter' | 'sortOrder' | 'nextToken'>,
) {
  const wanted = found.filter(
    (report) => !filter?.status || filter.status === (reportFailed(report) ? 'FAILED' : 'SUCCEEDED'),
  );
  const ordered = sortOrder === 'ASCENDING' ? wanted.toReversed() : wanted;
  const { items, nextToken: next } = page(
    ordered.map(({ arn }) => arn),
    nextToken,
  );
  return { reports: items, nextToken: next };
}
