// What CodeBuild tells EventBridge of a build: that its state changed, and how each phase ended.
// https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html
import type { ServiceEvent } from '../../kernel/feed.ts';
import type { Kernel } from '../../kernel/service.ts';
import { logDestination, type Build, type BuildPhaseRecord } from './builds.ts';

/** The build was started, or has ended. */
export function publishState({ events, account }: Pick<Kernel, 'events' | 'account'>, build: Build): void {
  if (!events.listened) return;
  events.publish({
    ...common(build),
    detailType: 'CodeBuild Build State Change',
    detail: {
      'build-status': build.status,
      'project-name': build.project,
      'build-id': build.arn,
      'additional-information': information(build, account),
      'current-phase': build.phases.at(-1)?.type,
      'current-phase-context': troubleOf(build),
      version: '1',
    },
  });
}

/** A phase has ended. */
export function publishPhase(
  { events, account }: Pick<Kernel, 'events' | 'account'>,
  build: Build,
  phase: BuildPhaseRecord,
): void {
  if (!events.listened) return;
  events.publish({
    ...common(build),
    detailType: 'CodeBuild Build Phase Change',
    detail: {
      'completed-phase': phase.type,
      'completed-phase-status': phase.status,
      'completed-phase-start': dateText(phase.startedAt),
      'completed-phase-end': dateText(phase.endedAt ?? phase.startedAt),
      'completed-phase-duration-seconds': Math.round(((phase.endedAt ?? phase.startedAt) - phase.startedAt) / 1_000),
      'completed-phase-context': contextOf(phase),
      'project-name': build.project,
      'build-id': build.arn,
      'additional-information': information(build, account),
      version: '1',
    },
  });
}

const common = ({ region, arn }: Build): Pick<ServiceEvent, 'source' | 'region' | 'resources'> => ({
  source: 'aws.codebuild',
  region,
  resources: [arn],
});

const contextOf = (phase: BuildPhaseRecord | undefined): string =>
  `[${phase?.statusCode ?? ''}: ${phase?.message ?? ''}]`;

/** What the last phase says of itself, where it says anything. */
function troubleOf({ phases }: Build): string {
  const last = phases.findLast(({ endedAt }) => endedAt !== undefined);
  return last?.message ? contextOf(last) : '[]';
}

/** `Nov 21, 2026 3:45:01 PM`, in UTC. */
const dateText = (moment: number): string =>
  new Date(moment)
    .toLocaleString('en-US', {
      timeZone: 'UTC',
      month: 'short',
      day: 'numeric',
      year: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      second: '2-digit',
    })
    .replaceAll('\u202f', ' ')
    .replace(/(\d{4}),/, '$1');

/** The sums of a zip stand beside its location. */
const artifactOf = ({ artifacts }: Build) => ({
  location: artifacts?.location ?? '',
  ...(artifacts?.md5sum && { md5sum: artifacts.md5sum, sha256sum: artifacts.sha256sum }),
});

function information(build: Build, account: string) {
  const { settings } = build;
  const log = logDestination(build);
  const { image, type, computeType, privilegedMode, environmentVariables = [] } = settings.environment!;
  return {
    artifact: artifactOf(build),
    environment: {
      image,
      type,
      'compute-type': computeType,
      'privileged-mode': privilegedMode ?? false,
      // A value may be nobody's business but the build's.
      'environment-variables': environmentVariables.map(({ name, type: kind = 'PLAINTEXT' }) => ({ name, type: kind })),
    },
    'timeout-in-minutes': settings.timeoutInMinutes,
    'build-complete': build.status !== 'IN_PROGRESS',
    'build-number': build.number,
    initiator: build.initiator,
    'build-start-time': dateText(build.startedAt),
    source: { type: settings.source!.type, ...(settings.source!.location && { location: settings.source!.location }) },
    ...(log && {
      logs: {
        'group-name': log.group,
        'stream-name': log.stream,
        'deep-link': `arn:aws:logs:${build.region}:${account}:log-group:${log.group}:log-stream:${log.stream}`,
      },
    }),
    phases: build.phases.map(({ type: phase, status, startedAt, endedAt, message, statusCode }) => ({
      'phase-type': phase,
      'start-time': dateText(startedAt),
      ...(endedAt !== undefined && {
        'end-time': dateText(endedAt),
        'duration-in-seconds': Math.round((endedAt - startedAt) / 1_000),
        'phase-status': status,
        'phase-context': [`${statusCode ?? ''}: ${message ?? ''}`],
      }),
    })),
  };
}
