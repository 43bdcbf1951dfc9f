// Builds that failed are tried again by themselves, as often as their project says: as the project's role, like anybody who
// calls RetryBuild. https://docs.aws.amazon.com/codebuild/latest/userguide/auto-retry-build.html
import type { Kernel } from '../../kernel/service.ts';
import type { Build, Builds } from './builds.ts';

/** Where a build stands among those that were tried for it. */
export interface AutoRetry {
  readonly number: number;
  /** ARNs. */
  readonly previous?: string;
  readonly next?: string;
}

/** Begins to watch for builds that fail; the answer ends it. */
export function startAutoRetry(kernel: Kernel, builds: Builds): () => void {
  return builds.ended.subscribe((build) => {
    const { autoRetryLimit = 0 } = build.settings;
    if (build.status !== 'FAILED' && build.status !== 'FAULT') return;
    if ((build.autoRetry?.number ?? 0) >= autoRetryLimit) return;
    const retried = retry(kernel, build).catch((error: Error) => {
      kernel.log('build not retried', { build: build.id, error: error.message });
    });
    kernel.clock.hold(retried);
  });
}

async function retry({ account, invoke, sessions }: Kernel, build: Build): Promise<void> {
  const { region, settings, arn, id } = build;
  const project = `arn:aws:codebuild:${region}:${account}:project/${build.project}`;
  const { principal } = sessions.assumeForService(
    'codebuild.amazonaws.com',
    settings.serviceRole!,
    `AWSCodeBuild-${id.split(':')[1]}`,
    project,
  );
  await invoke('codebuild', 'RetryBuild', { id }, { principal, region, sourceArn: arn });
}
