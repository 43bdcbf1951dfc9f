// AWS CodeBuild.
//
// Answers: projects, and builds that really run: the buildspec's phases in a process group of their own, as the project's
// role, with sources and artifacts in S3, lines in CloudWatch Logs, timeouts, a queue and a limit for each project.
// Gaps: Git sources, Windows and Lambda environments, batches, reports, webhooks, fleets, VPCs (refused by name).
// By design: the build image is this machine: the tools on its PATH, and the cloud's own Node. Containers keep nothing
// apart here; a build can do what you can do.
// Client quirks: none.
import type { Kernel, Service } from '../../kernel/service.ts';
import { Builds } from './builds.ts';
import { codebuildOperations } from './operations.ts';
import { Projects } from './projects.ts';
import { codebuildResources } from './resources.ts';
import { Runner } from './runner.ts';

export function codebuild(kernel: Kernel): Service {
  const projects = new Projects(kernel.store);
  const builds = new Builds(kernel.store);
  const runner = new Runner(kernel, projects, builds);
  return {
    name: 'codebuild',
    client: 'codebuild',
    operations: codebuildOperations(projects, builds, runner, kernel.account),
    resources: codebuildResources,
    start: () => runner.resume(),
    stop: () => runner.shut(),
  };
}
