// AWS CodeBuild.
//
// Answers: projects, and builds that really run: the buildspec's phases in a process group of their own, as the project's
// role, with sources and artifacts in S3, lines in CloudWatch Logs, timeouts, a queue and a limit for each project; batches
// as lists, graphs and matrices; reports of tests and of coverage in all of CodeBuild's formats, and how they went.
// Gaps: Git sources, Windows and Lambda environments, the export of reports, combined artifacts of batches, webhooks,
// badges, fleets, VPCs, debug sessions, `run-as` of another user (refused by name).
// By design: the build image is this machine: the tools on its PATH, and the cloud's own Node. Containers keep nothing
// apart here; a build can do what you can do. Sizes of containers, privileged mode, modes of a local cache for Docker and
// Git, and a bucket owner's access (there is one account) are kept and shown, and change nothing.
// Client quirks: none.
import type { Kernel, Service } from '../../kernel/service.ts';
import { Guard } from './access.ts';
import { startAutoRetry } from './auto-retry.ts';
import { batchOperations } from './batch-operations.ts';
import { BatchRunner } from './batch-runner.ts';
import { Batches } from './batches.ts';
import { Builds } from './builds.ts';
import { codebuildOperations } from './operations.ts';
import { Projects } from './projects.ts';
import { reportOperations } from './report-operations.ts';
import { reportGroup } from './report-resource.ts';
import { Reports } from './reports.ts';
import { codebuildResources } from './resources.ts';
import { Runner } from './runner.ts';
import { UNSUPPORTED } from './unsupported.ts';

export function codebuild(kernel: Kernel): Service {
  const projects = new Projects(kernel.store);
  const builds = new Builds(kernel.store);
  const reports = new Reports(kernel.store, kernel.clock);
  const guard = new Guard(projects, reports);
  const runner = new Runner(kernel, projects, builds, reports);
  const batches = new Batches(kernel.store);
  const batchRunner = new BatchRunner(kernel, batches, builds);
  let stopRetrying = () => {};
  return {
    name: 'codebuild',
    client: 'codebuild',
    operations: {
      ...codebuildOperations(guard, projects, builds, runner, kernel.account),
      ...batchOperations(guard, projects, builds, batches, batchRunner, kernel.account),
      ...reportOperations(guard, reports, kernel.account),
    },
    unsupported: UNSUPPORTED,
    resources: [...codebuildResources, reportGroup],
    describeResource: (arn) => guard.describe(arn),
    start: () => {
      stopRetrying = startAutoRetry(kernel, builds);
      runner.resume();
      batchRunner.resume();
    },
    stop: async () => {
      stopRetrying();
      await batchRunner.shut();
      await runner.shut();
    },
  };
}
