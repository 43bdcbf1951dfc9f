// How a value went from report to report of a group.
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_GetReportGroupTrend.html
import type { ReportGroupTrendFieldType } from '@aws-sdk/client-codebuild';

import { requireOneOf } from '../../kernel/constraint.ts';
import { invalidInput } from './errors.ts';
import { coverageOf, summaryOf, type Report } from './reports.ts';

const FIELDS: Readonly<Record<ReportGroupTrendFieldType, (report: Report) => number>> = {
  PASS_RATE: ({ results = [] }) => {
    const passed = results.filter(({ status }) => status === 'SUCCEEDED').length;
    return results.length === 0 ? 0 : (passed / results.length) * 100;
  },
  DURATION: ({ results = [] }) => summaryOf(results).durationInNanoSeconds,
  TOTAL: ({ results = [] }) => results.length,
  LINE_COVERAGE: ({ coverage = [] }) => coverageOf(coverage).lineCoveragePercentage,
  LINES_COVERED: ({ coverage = [] }) => coverageOf(coverage).linesCovered,
  LINES_MISSED: ({ coverage = [] }) => coverageOf(coverage).linesMissed,
  BRANCH_COVERAGE: ({ coverage = [] }) => coverageOf(coverage).branchCoveragePercentage,
  BRANCHES_COVERED: ({ coverage = [] }) => coverageOf(coverage).branchesCovered,
  BRANCHES_MISSED: ({ coverage = [] }) => coverageOf(coverage).branchesMissed,
};

/** The newest report first. */
export function trendOf(reports: readonly Report[], field: ReportGroupTrendFieldType) {
  requireOneOf(field, 'trendField', Object.keys(FIELDS), invalidInput);
  const values = reports.map(FIELDS[field]);
  const total = values.reduce((sum, value) => sum + value, 0);
  return {
    rawData: reports.map(({ arn }, index) => ({ reportArn: arn, data: String(values[index]) })),
    ...(values.length > 0 && {
      stats: {
        average: String(total / values.length),
        max: String(Math.max(...values)),
        min: String(Math.min(...values)),
      },
    }),
  };
}
