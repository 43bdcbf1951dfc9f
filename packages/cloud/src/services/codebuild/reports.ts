// Report groups, and the results of tests that builds leave in them for thirty days.
// https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
import type {
  CodeCoverage as CodeCoverageShape,
  Report as ReportShape,
  ReportGroup as ReportGroupShape,
  ReportType,
  Tag,
  TestCase as TestCaseShape,
} from '@aws-sdk/client-codebuild';

import type { Clock } from '../../kernel/clock.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { FileCoverage } from '../../runtime/build/coverage-results.ts';
import type { TestResult } from '../../runtime/build/test-result.ts';
import { invalidInput, reportGroupExists, reportGroupNotFound, reportNotFound } from './errors.ts';

export interface ReportGroup {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly type: ReportType;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly tags: readonly Tag[];
}

/** A test, and the path in the source of the file that tells of it. */
export type ReportedTest = TestResult & { readonly file?: string };

/** What a report is about: how tests ended, or what they reached. */
export type ReportContent =
  | { readonly results: readonly ReportedTest[]; readonly coverage?: never }
  | { readonly coverage: readonly FileCoverage[]; readonly results?: never };

export type Report = ReportContent & {
  readonly arn: string;
  readonly name: string;
  readonly group: string;
  /** The build's ARN. */
  readonly execution: string;
  readonly createdAt: number;
};

const LIFE_MILLISECONDS = 30 * 86_400_000;

export class Reports {
  readonly #clock: Clock;
  readonly #groups: Collection<ReportGroup>;
  readonly #reports: Collection<Report>;

  constructor(store: Store, clock: Clock) {
    this.#clock = clock;
    this.#groups = store.collection<ReportGroup>('codebuild.report-groups');
    this.#reports = store.collection<Report>('codebuild.reports');
  }

  findGroup(arn: string): ReportGroup | undefined {
    return this.#groups.get(arn);
  }

  requireGroup(arn: string): ReportGroup {
    const group = this.findGroup(arn);
    if (!group) throw reportGroupNotFound(arn);
    return group;
  }

  createGroup(group: ReportGroup): void {
    if (!/^[\w.-]{2,128}$/.test(group.name)) throw invalidInput(`Invalid report group name: ${group.name}`);
    if (this.findGroup(group.arn)) throw reportGroupExists(group.arn);
    this.saveGroup(group);
  }

  saveGroup(group: ReportGroup): void {
    this.#groups.put(group.arn, group);
  }

  /** Deletes a group; with reports in it only where they may go along. */
  deleteGroup(arn: string, withReports: boolean): void {
    const reports = this.reportsOf(arn);
    if (reports.length > 0 && !withReports) {
      throw invalidInput('Report group is not empty: set deleteReports to delete its reports along with it');
    }
    for (const report of reports) this.#reports.delete(report.arn);
    this.#groups.delete(arn);
  }

  groups(region: string): ReportGroup[] {
    return this.#groups
      .list()
      .map(({ value }) => value)
      .filter((group) => group.region === region);
  }

  add(group: ReportGroup, execution: string, content: ReportContent): Report {
    const name = uuid();
    const arn = `${group.arn.replace(':report-group/', ':report/')}:${name}`;
    const report: Report = { arn, name, group: group.arn, execution, createdAt: this.#clock.now(), ...content };
    this.#reports.put(arn, report);
    return report;
  }

  find(arn: string): Report | undefined {
    const report = this.#reports.get(arn);
    return report && this.#clock.now() < expiry(report) ? report : undefined;
  }

  require(arn: string): Report {
    const report = this.find(arn);
    if (!report) throw reportNotFound(arn);
    return report;
  }

  delete(arn: string): void {
    this.#reports.delete(arn);
  }

  /** Newest first. */
  reportsOf(groupArn: string): Report[] {
    return this.#living(`${groupArn.replace(':report-group/', ':report/')}:`);
  }

  reports(region: string): Report[] {
    return this.#living(`arn:aws:codebuild:${region}:`);
  }

  #living(prefix: string): Report[] {
    return this.#reports
      .list({ prefix })
      .map(({ value }) => value)
      .filter((report) => this.#clock.now() < expiry(report))
      .toSorted((a, b) => b.createdAt - a.createdAt);
  }
}

const expiry = ({ createdAt }: Report): number => createdAt + LIFE_MILLISECONDS;

const typeOf = ({ coverage }: Report): ReportType => (coverage ? 'CODE_COVERAGE' : 'TEST');

const FAILED = new Set(['FAILED', 'ERROR']);

export const reportFailed = ({ results = [] }: Report): boolean => results.some(({ status }) => FAILED.has(status));

export const groupShape = (group: ReportGroup): ReportGroupShape => ({
  arn: group.arn,
  name: group.name,
  type: group.type,
  exportConfig: { exportConfigType: 'NO_EXPORT' },
  created: new Date(group.createdAt),
  lastModified: new Date(group.modifiedAt),
  tags: [...group.tags],
  status: 'ACTIVE',
});

export function reportShape(report: Report): ReportShape {
  return {
    arn: report.arn,
    name: report.name,
    type: typeOf(report),
    reportGroupArn: report.group,
    executionId: report.execution,
    status: reportFailed(report) ? 'FAILED' : 'SUCCEEDED',
    created: new Date(report.createdAt),
    expired: new Date(expiry(report)),
    exportConfig: { exportConfigType: 'NO_EXPORT' },
    truncated: false,
    ...(report.coverage
      ? { codeCoverageSummary: coverageOf(report.coverage) }
      : { testSummary: summaryOf(report.results) }),
  };
}

export function summaryOf(results: readonly TestResult[]) {
  const statusCounts: Record<string, number> = { SUCCEEDED: 0, FAILED: 0, ERROR: 0, SKIPPED: 0, UNKNOWN: 0 };
  for (const { status } of results) statusCounts[status] = (statusCounts[status] ?? 0) + 1;
  return {
    total: results.length,
    statusCounts,
    durationInNanoSeconds: results.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0),
  };
}

/** What is covered of several files together. */
export function coverageOf(files: readonly FileCoverage[]) {
  const sum = (count: (file: FileCoverage) => number) => files.reduce((total, file) => total + count(file), 0);
  const [linesCovered, linesMissed] = [sum((file) => file.linesCovered), sum((file) => file.linesMissed)];
  const [branchesCovered, branchesMissed] = [sum((file) => file.branchesCovered), sum((file) => file.branchesMissed)];
  return {
    lineCoveragePercentage: percentage(linesCovered, linesMissed),
    linesCovered,
    linesMissed,
    branchCoveragePercentage: percentage(branchesCovered, branchesMissed),
    branchesCovered,
    branchesMissed,
  };
}

const percentage = (covered: number, missed: number): number =>
  covered + missed === 0 ? 0 : Math.round((covered / (covered + missed)) * 10_000) / 100;

/** A file's coverage as the API tells it; `index` is its place in the report. */
export const fileCoverageShape = (report: Report, file: FileCoverage, index: number): CodeCoverageShape => ({
  id: `${report.name}:${index}`,
  reportARN: report.arn,
  filePath: file.path,
  ...coverageOf([file]),
  expired: new Date(expiry(report)),
});

export const caseShape = (report: Report, result: ReportedTest): TestCaseShape => ({
  reportArn: report.arn,
  testRawDataPath: result.file,
  prefix: result.prefix,
  name: result.name,
  status: result.status,
  durationInNanoSeconds: result.nanoseconds,
  message: result.message,
  testSuiteName: result.suite,
  expired: new Date(expiry(report)),
});
