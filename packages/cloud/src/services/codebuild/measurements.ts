// What CodeBuild tells CloudWatch of builds.
// https://docs.aws.amazon.com/codebuild/latest/userguide/monitoring-metrics.html
import type { Kernel } from '../../kernel/service.ts';
import type { Build } from './builds.ts';

type Measurer = Pick<Kernel, 'measurements'>;

/** A build was started. */
export const measureStart = (kernel: Measurer, build: Build): void => measure(kernel, build, 'Builds', 1);

/** A build has ended, well or not; one that was stopped counts for neither. */
export function measureEnd(kernel: Measurer, build: Build): void {
  const seconds = ((build.endedAt ?? build.startedAt) - build.startedAt) / 1_000;
  measure(kernel, build, 'Duration', seconds, 'Seconds');
  if (build.status === 'SUCCEEDED') measure(kernel, build, 'SucceededBuilds', 1);
  else if (build.status !== 'STOPPED') measure(kernel, build, 'FailedBuilds', 1);
}

function measure({ measurements }: Measurer, { region, project }: Build, name: string, value: number, unit = 'Count') {
  for (const dimensions of [{}, { ProjectName: project }]) {
    measurements.publish({ namespace: 'AWS/CodeBuild', name, region, dimensions, value, unit });
  }
}
