// What a build says of its tests: read from its files, and kept in report groups as its role.
import { glob, readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';

import type { Call, Kernel, SessionCredentials } from '../../kernel/service.ts';
import type { BuildspecReport } from '../../runtime/build/buildspec.ts';
import { readResults, ResultsError, type TestResult } from '../../runtime/build/test-results.ts';
import type { Build } from './builds.ts';
import type { Reports, TestReport } from './reports.ts';

/** Keeps the results that the buildspec names; a group that is not there is made, as CodeBuild makes it. */
export async function uploadReport(
  kernel: Kernel,
  reports: Reports,
  build: Build,
  session: SessionCredentials,
  { group, files, baseDirectory, format }: BuildspecReport,
  source: string,
): Promise<TestReport> {
  const results: TestResult[] = [];
  const base = normalize(join(source, baseDirectory ?? '.'));
  if (!base.startsWith(normalize(source))) throw new ResultsError(`${baseDirectory} is outside of the source`);
  for (const pattern of files) {
    for await (const path of glob(pattern, { cwd: base })) {
      if (!(await stat(join(base, path))).isFile()) continue;
      try {
        results.push(...readResults(format, await readFile(join(base, path), 'utf8')));
      } catch (error) {
        throw new ResultsError(`${path} ${(error as Error).message}`);
      }
    }
  }
  if (results.length === 0) throw new ResultsError(`no results found for ${group} in ${files.join(', ')}`);
  const { region } = build;
  const arn = group.startsWith('arn:')
    ? group
    : `arn:aws:codebuild:${region}:${kernel.account}:report-group/${build.project}-${group}`;
  const { principal } = session;
  if (!reports.findGroup(arn)) {
    const name = arn.slice(arn.indexOf(':report-group/') + ':report-group/'.length);
    const input = { name, type: 'TEST', exportConfig: { exportConfigType: 'NO_EXPORT' } };
    await kernel.invoke('codebuild', 'CreateReportGroup', input, { principal, region });
  }
  const call: Call = {
    service: 'codebuild',
    operation: 'BatchPutTestCases',
    region,
    account: kernel.account,
    principal,
    requestId: build.id,
    now: kernel.clock.now(),
    endpoint: kernel.endpoint(),
    headers: {},
  };
  const actions = ['codebuild:CreateReport', 'codebuild:UpdateReport', 'codebuild:BatchPutTestCases'];
  kernel.identity.authorize(
    actions.map((action) => ({ action, resource: arn })),
    call,
  );
  return reports.add(reports.requireGroup(arn), build.arn, results);
}
