// Reports in the CodeBuild API. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateReportGroup.html
import type {
  BatchGetReportGroupsCommandInput,
  BatchGetReportsCommandInput,
  CreateReportGroupCommandInput,
  DeleteReportCommandInput,
  DeleteReportGroupCommandInput,
  DescribeCodeCoveragesCommandInput,
  DescribeTestCasesCommandInput,
  GetReportGroupTrendCommandInput,
  ListReportGroupsCommandInput,
  ListReportsCommandInput,
  ListReportsForReportGroupCommandInput,
  Tag,
  UpdateReportGroupCommandInput,
} from '@aws-sdk/client-codebuild';

import { requireOneOf } from '../../kernel/constraint.ts';
import { notSupported } from '../../kernel/errors.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { tagContext, type Guard } from './access.ts';
import { invalidInput } from './errors.ts';
import { listByTime, listSorted, page } from './page.ts';
import { trendOf } from './report-trend.ts';
import {
  caseShape,
  fileCoverageShape,
  groupShape,
  reportFailed,
  reportShape,
  type Report,
  type Reports,
} from './reports.ts';

const REPORT_STATES = ['GENERATING', 'SUCCEEDED', 'FAILED', 'INCOMPLETE', 'DELETING'];

/** Reports that a trend looks at. */
const MOST_IN_TREND = 100;

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
        if (type !== 'TEST' && type !== 'CODE_COVERAGE') throw invalidInput(`Invalid report group type: ${type}`);
        refuseExport(exportConfig);
        const arn = groupArn(region, name);
        reports.createGroup({
          arn,
          name,
          region,
          type,
          createdAt: now,
          modifiedAt: now,
          tags: (tags ?? []).map(tagOf),
        });
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
      run: (input: ListReportGroupsCommandInput, { region }: Call) => {
        const { items, nextToken } = listSorted(reports.groups(region), input);
        return { reportGroups: items.map(({ arn }) => arn), nextToken };
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
      run: ({ reportArn = '', nextToken, maxResults, filter }: DescribeTestCasesCommandInput) => {
        const report = reports.require(reportArn);
        const found = (report.results ?? []).filter(
          ({ status, name, prefix }) =>
            (!filter?.status || status === filter.status) &&
            (!filter?.keyword || `${prefix} ${name}`.includes(filter.keyword)),
        );
        const { items, nextToken: next } = page(found, nextToken, maxResults);
        return { testCases: items.map((result) => caseShape(report, result)), nextToken: next };
      },
    },
    DescribeCodeCoverages: {
      access: on('DescribeCodeCoverages', ({ reportArn }: DescribeCodeCoveragesCommandInput) => [reportArn]),
      run: ({ reportArn = '', nextToken, maxResults, ...wanted }: DescribeCodeCoveragesCommandInput) => {
        const report = reports.require(reportArn);
        requireOneOf(wanted.sortBy, 'sortBy', ['LINE_COVERAGE_PERCENTAGE', 'FILE_PATH'], invalidInput);
        requireOneOf(wanted.sortOrder, 'sortOrder', ['ASCENDING', 'DESCENDING'], invalidInput);
        const { minLineCoveragePercentage: least = 0, maxLineCoveragePercentage: most = 100 } = wanted;
        const files = (report.coverage ?? [])
          .map((file, index) => fileCoverageShape(report, file, index))
          .filter(({ lineCoveragePercentage: lines = 0 }) => lines >= least && lines <= most);
        const sorted = files.toSorted((a, b) =>
          wanted.sortBy === 'LINE_COVERAGE_PERCENTAGE'
            ? a.lineCoveragePercentage! - b.lineCoveragePercentage!
            : a.filePath! < b.filePath!
              ? -1
              : 1,
        );
        const ordered = wanted.sortOrder === 'DESCENDING' ? sorted.toReversed() : sorted;
        const { items, nextToken: next } = page(ordered, nextToken, maxResults);
        return { codeCoverages: items, nextToken: next };
      },
    },
    GetReportGroupTrend: {
      access: on('GetReportGroupTrend', ({ reportGroupArn }: GetReportGroupTrendCommandInput) => [reportGroupArn]),
      run: ({ reportGroupArn = '', numOfReports = MOST_IN_TREND, trendField }: GetReportGroupTrendCommandInput) => {
        if (!(numOfReports >= 1 && numOfReports <= MOST_IN_TREND)) {
          throw invalidInput(`Invalid numOfReports: ${numOfReports}. It must be between 1 and ${MOST_IN_TREND}`);
        }
        const { arn } = reports.requireGroup(reportGroupArn);
        return trendOf(reports.reportsOf(arn).slice(0, numOfReports), trendField!);
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
  requireOneOf(config?.exportConfigType, 'exportConfig.exportConfigType', ['S3', 'NO_EXPORT'], invalidInput);
  if (config?.exportConfigType === 'S3') throw notSupported('exportConfig S3 is not supported here: NO_EXPORT is.');
}

function listReports(
  found: readonly Report[],
  { filter, ...input }: Pick<ListReportsCommandInput, 'filter' | 'sortOrder' | 'nextToken' | 'maxResults'>,
) {
  requireOneOf(filter?.status, 'filter.status', REPORT_STATES, invalidInput);
  const wanted = found.filter(
    (report) => !filter?.status || filter.status === (reportFailed(report) ? 'FAILED' : 'SUCCEEDED'),
  );
  const timeOf = ({ createdAt }: Report) => createdAt;
  const { items, nextToken } = listByTime(wanted, { timeOf, nameOf: ({ arn }) => arn }, input);
  return { reports: items.map(({ arn }) => arn), nextToken };
}
