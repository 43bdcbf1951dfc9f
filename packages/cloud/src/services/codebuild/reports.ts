// Report groups, and the results of tests that builds leave in them for thirty days.
// https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
import type {
  Report as ReportShape,
  ReportGroup as ReportGroupShape,
  Tag,
  TestCase as TestCaseShape,
} from '@aws-sdk/client-codebuild';

import type { Clock } from '../../kernel/clock.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { TestResult } from '../../runtime/build/test-results.ts';
import { invalidInput, reportGroupExists, reportGroupNotFound, reportNotFound } from './errors.ts';

export interface ReportGroup {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly tags: readonly Tag[];
}

export interface TestReport {
  readonly arn: string;
  readonly name: string;
  readonly group: string;
  /** The build's ARN. */
  readonly execution: string;
  readonly createdAt: number;
  readonly results: readonly TestResult[];
}

const LIFE_MILLISECONDS = 30 * 86_400_000;

export class Reports {
  readonly #clock: Clock;
  readonly #groups: Collection<ReportGroup>;
  readonly #reports: Collection<TestReport>;

  constructor(store: Store, clock: Clock) {
    this.#clock = clock;
    this.#groups = store.collection<ReportGroup>('codebuild.report-groups');
    this.#reports = store.collection<TestReport>('codebuild.reports');
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

  add(group: ReportGroup, execution: string, results: readonly TestResult[]): TestReport {
    const name = uuid();
    const arn = `${group.arn.replace(':report-group/', ':report/')}:${name}`;
    const report = { arn, name, group: group.arn, execution, createdAt: this.#clock.now(), results };
    this.#reports.put(arn, report);
    return report;
  }

  find(arn: string): TestReport | undefined {
    const report = this.#reports.get(arn);
    return report && this.#clock.now() < expiry(report) ? report : undefined;
  }

  require(arn: string): TestReport {
    const report = this.find(arn);
    if (!report) throw reportNotFound(arn);
    return report;
  }

  delete(arn: string): void {
    this.#reports.delete(arn);
  }

  /** Newest first. */
  reportsOf(groupArn: string): TestReport[] {
    return this.#living(`${groupArn.replace(':report-group/', ':report/')}:`);
  }

  reports(region: string): TestReport[] {
    return this.#living(`arn:aws:codebuild:${region}:`);
  }

  #living(prefix: string): TestReport[] {
    return this.#reports
      .list({ prefix })
      .map(({ value }) => value)
      .filter((report) => this.#clock.now() < expiry(report))
      .toSorted((a, b) => b.createdAt - a.createdAt);
  }
}

const expiry = ({ createdAt }: TestReport): number => createdAt + LIFE_MILLISECONDS;

const FAILED = new Set(['FAILED', 'ERROR']);

export const reportFailed = ({ results }: TestReport): boolean => results.some(({ status }) => FAILED.has(status));

export const groupShape = (group: ReportGroup): ReportGroupShape => ({
  arn: group.arn,
  name: group.name,
  type: 'TEST',
  exportConfig: { exportConfigType: 'NO_EXPORT' },
  created: new Date(group.createdAt),
  lastModified: new Date(group.modifiedAt),
  tags: [...group.tags],
  status: 'ACTIVE',
});

export function reportShape(report: TestReport): ReportShape {
  const statusCounts: Record<string, number> = { SUCCEEDED: 0, FAILED: 0, ERROR: 0, SKIPPED: 0, UNKNOWN: 0 };
  for (const { status } of report.results) statusCounts[status] = (statusCounts[status] ?? 0) + 1;
  return {
    arn: report.arn,
    name: report.name,
    type: 'TEST',
    reportGroupArn: report.group,
    executionId: report.execution,
    status: reportFailed(report) ? 'FAILED' : 'SUCCEEDED',
    created: new Date(report.createdAt),
    expired: new Date(expiry(report)),
    exportConfig: { exportConfigType: 'NO_EXPORT' },
    truncated: false,
    testSummary: {
      total: report.results.length,
      statusCounts,
      durationInNanoSeconds: report.results.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0),
    },
  };
}

export const caseShape = (report: TestReport, result: TestResult): TestCaseShape => ({
  reportArn: report.arn,
  prefix: result.prefix,
  name: result.name,
  status: result.status,
  durationInNanoSeconds: result.nanoseconds,
  message: result.message,
  testSuiteName: result.suite,
  expired: new Date(expiry(report)),
});
