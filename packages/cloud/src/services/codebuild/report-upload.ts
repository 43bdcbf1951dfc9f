// What a build says of its tests: read from its files, and kept in report groups as its role.
import { readFile, stat } from 'node:fs/promises';
import { join, normalize, relative } from 'node:path';

import type { ReportType } from '@aws-sdk/client-codebuild';

import type { Call, Kernel, SessionCredentials } from '../../kernel/service.ts';
import type { BuildspecReport } from '../../runtime/build/buildspec-outputs.ts';
import { COVERAGE_FORMATS, readCoverage, type CoverageFormat } from '../../runtime/build/coverage-results.ts';
import { matchPaths } from '../../runtime/build/paths.ts';
import { readResults, ResultsError, type ReportFormat } from '../../runtime/build/test-results.ts';
import type { Build } from './builds.ts';
import type { Report, ReportContent, Reports } from './reports.ts';

/** Keeps the results that the buildspec names; a group that is not there is made, as CodeBuild makes it. */
export async function uploadReport(
  kernel: Kernel,
  reports: Reports,
  build: Build,
  session: SessionCredentials,
  report: BuildspecReport,
  source: string,
): Promise<Report> {
  const content = await readContent(report, source);
  const { region } = build;
  const arn = report.group.startsWith('arn:')
    ? report.group
    : `arn:aws:codebuild:${region}:${kernel.account}:report-group/${build.project}-${report.group}`;
  const { principal } = session;
  const type: ReportType = content.coverage ? 'CODE_COVERAGE' : 'TEST';
  if (!reports.findGroup(arn)) {
    const name = arn.slice(arn.indexOf(':report-group/') + ':report-group/'.length);
    const input = { name, type, exportConfig: { exportConfigType: 'NO_EXPORT' } };
    await kernel.invoke('codebuild', 'CreateReportGroup', input, { principal, region });
  }
  const put = type === 'TEST' ? 'BatchPutTestCases' : 'BatchPutCodeCoverages';
  const call: Call = {
    service: 'codebuild',
    operation: put,
    region,
    account: kernel.account,
    principal,
    requestId: build.id,
    now: kernel.clock.now(),
    endpoint: kernel.endpoint(),
    headers: {},
  };
  const actions = ['codebuild:CreateReport', 'codebuild:UpdateReport', `codebuild:${put}`];
  kernel.identity.authorize(
    actions.map((action) => ({ action, resource: arn })),
    call,
  );
  const group = reports.requireGroup(arn);
  if (group.type !== type) throw new ResultsError(`${report.format} is not for a report group of type ${group.type}`);
  return reports.add(group, build.arn, content);
}

async function readContent(
  { group, files, baseDirectory, format }: BuildspecReport,
  source: string,
): Promise<ReportContent> {
  const base = normalize(join(source, baseDirectory ?? '.'));
  if (!base.startsWith(normalize(source))) throw new ResultsError(`${baseDirectory} is outside of the source`);
  const texts: { path: string; file: string; text: string }[] = [];
  for (const pattern of files) {
    for await (const path of matchPaths(pattern, base)) {
      if ((await stat(join(base, path))).isFile()) {
        const file = relative(source, join(base, path));
        texts.push({ path, file, text: await readFile(join(base, path), 'utf8') });
      }
    }
  }
  const read = <T>(reader: (text: string, file: string) => T[]): T[] =>
    texts.flatMap(({ path, file, text }) => {
      try {
        return reader(text, file);
      } catch (error) {
        throw new ResultsError(`${path} ${(error as Error).message}`);
      }
    });
  const content: ReportContent = isCoverage(format)
    ? { coverage: read((text) => readCoverage(format, text)) }
    : { results: read((text, file) => readResults(format, text).map((result) => ({ ...result, file }))) };
  if ((content.coverage ?? content.results).length === 0) {
    throw new ResultsError(`no results found for ${group} in ${files.join(', ')}`);
  }
  return content;
}

const isCoverage = (format: ReportFormat | CoverageFormat): format is CoverageFormat =>
  COVERAGE_FORMATS.some((known) => known === format);
