// Builds: their records, the phases they went through, and the queue in front of each project.
// https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
import type {
  Build as BuildShape,
  BuildArtifacts,
  BuildPhaseType,
  LogsLocation,
  StatusType,
} from '@aws-sdk/client-codebuild';

import { Feed } from '../../kernel/feed.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { AutoRetry } from './auto-retry.ts';
import type { ProjectSettings } from './projects.ts';

export interface PhaseRecord<Type> {
  readonly type: Type;
  readonly startedAt: number;
  endedAt?: number;
  status?: StatusType;
  /** Why it failed. */
  message?: string;
  statusCode?: string;
}

export type BuildPhaseRecord = PhaseRecord<BuildPhaseType>;

export interface Build {
  /** `<project>:<uuid>`. */
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly region: string;
  readonly project: string;
  /** The project's settings with what StartBuild overrode. */
  readonly settings: ProjectSettings;
  readonly initiator: string;
  readonly sourceVersion?: string | undefined;
  readonly startedAt: number;
  readonly idempotencyToken?: string | undefined;
  readonly autoRetry?: AutoRetry;
  /** The ARN of the batch that started it. */
  readonly batch?: string | undefined;
  status: StatusType;
  phases: BuildPhaseRecord[];
  endedAt?: number;
  exported: { name: string; value: string }[];
  artifacts?: BuildArtifacts;
  secondaryArtifacts?: readonly BuildArtifacts[];
  /** ARNs of the reports that it left. */
  reports?: readonly string[];
}

export class Builds {
  /** Builds as they end. */
  readonly ended = new Feed<Build>();
  readonly #builds: Collection<Build>;

  constructor(store: Store) {
    this.#builds = store.collection<Build>('codebuild.builds');
  }

  find(id: string): Build | undefined {
    return this.#builds.get(id.startsWith('arn:') ? id.slice(id.indexOf(':build/') + ':build/'.length) : id);
  }

  save(build: Build): void {
    this.#builds.put(build.id, build);
  }

  delete(id: string): boolean {
    return this.#builds.delete(id);
  }

  /** Newest first. */
  list(region: string, project?: string): Build[] {
    return this.#builds
      .list(project === undefined ? {} : { prefix: `${project}:` })
      .map(({ value }) => value)
      .filter((build) => build.region === region)
      .toSorted((a, b) => b.startedAt - a.startedAt || b.number - a.number);
  }

  /** Builds that have not ended, oldest first, in every region. */
  unfinished(): Build[] {
    return this.#builds
      .list()
      .map(({ value }) => value)
      .filter((build) => build.status === 'IN_PROGRESS')
      .toSorted((a, b) => a.startedAt - b.startedAt || a.number - b.number);
  }
}

/** The phase that a build is in. */
export const currentPhase = (build: Build): BuildPhaseType => build.phases.at(-1)?.type ?? 'SUBMITTED';

/** Where a build's lines go; undefined where its project writes none. */
export function logDestination(build: Build): { group: string; stream: string } | undefined {
  const { cloudWatchLogs } = build.settings.logsConfig ?? {};
  if (cloudWatchLogs?.status === 'DISABLED') return undefined;
  const uuid = build.id.split(':')[1]!;
  return {
    group: cloudWatchLogs?.groupName ?? `/aws/codebuild/${build.project}`,
    stream: cloudWatchLogs?.streamName ? `${cloudWatchLogs.streamName}/${uuid}` : uuid,
  };
}

/** The object that gets the whole log; undefined where the project wants none. */
export function logObject({ id, settings }: Build): { bucket: string; key: string } | undefined {
  const { status, location = '' } = settings.logsConfig?.s3Logs ?? {};
  if (status !== 'ENABLED') return undefined;
  const [bucket = '', ...path] = location.replace(/^arn:aws:s3:::/, '').split('/');
  return { bucket, key: [...path, `${id.split(':')[1]}.gz`].join('/') };
}

export function buildShape(build: Build, account: string): BuildShape {
  const { settings } = build;
  return {
    id: build.id,
    arn: build.arn,
    buildNumber: build.number,
    startTime: new Date(build.startedAt),
    ...(build.endedAt !== undefined && { endTime: new Date(build.endedAt) }),
    currentPhase: currentPhase(build),
    buildStatus: build.status,
    buildComplete: build.status !== 'IN_PROGRESS',
    ...(build.sourceVersion && { sourceVersion: build.sourceVersion }),
    projectName: build.project,
    phases: build.phases.map(phaseShape),
    source: settings.source,
    secondarySources: settings.secondarySources ?? [],
    secondarySourceVersions: settings.secondarySourceVersions ?? [],
    artifacts: build.artifacts ?? { location: '' },
    secondaryArtifacts: [...(build.secondaryArtifacts ?? [])],
    cache: settings.cache,
    environment: settings.environment,
    serviceRole: settings.serviceRole,
    logs: logsShape(build, account),
    timeoutInMinutes: settings.timeoutInMinutes,
    queuedTimeoutInMinutes: settings.queuedTimeoutInMinutes,
    initiator: build.initiator,
    ...((settings.autoRetryLimit ?? 0) > 0 && {
      autoRetryConfig: {
        autoRetryLimit: settings.autoRetryLimit,
        autoRetryNumber: build.autoRetry?.number ?? 0,
        nextAutoRetry: build.autoRetry?.next,
        previousAutoRetry: build.autoRetry?.previous,
      },
    }),
    ...(build.batch && { buildBatchArn: build.batch }),
    encryptionKey: settings.encryptionKey,
    reportArns: [...(build.reports ?? [])],
    exportedEnvironmentVariables: build.exported,
  };
}

/** The links are those of AWS's own consoles, as AWS makes them. */
function logsShape(build: Build, account: string): LogsLocation {
  const { cloudWatchLogs, s3Logs } = build.settings.logsConfig ?? {};
  const log = logDestination(build);
  const object = logObject(build);
  return {
    cloudWatchLogs: cloudWatchLogs ?? { status: 'ENABLED' },
    s3Logs: s3Logs ?? { status: 'DISABLED' },
    ...(log && {
      groupName: log.group,
      streamName: log.stream,
      deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=${build.region}#logEvent:group=${log.group};stream=${log.stream}`,
      cloudWatchLogsArn: `arn:aws:logs:${build.region}:${account}:log-group:${log.group}:log-stream:${log.stream}`,
    }),
    ...(object && {
      s3DeepLink: `https://s3.console.aws.amazon.com/s3/object/${object.bucket}/${object.key}?region=${build.region}`,
      s3LogsArn: `arn:aws:s3:::${object.bucket}/${object.key}`,
    }),
  };
}

/** A phase of a build or of a batch, as the API tells it. */
export const phaseShape = <Type>(phase: PhaseRecord<Type>) => ({
  phaseType: phase.type,
  startTime: new Date(phase.startedAt),
  ...(phase.endedAt !== undefined && {
    phaseStatus: phase.status,
    endTime: new Date(phase.endedAt),
    durationInSeconds: Math.round((phase.endedAt - phase.startedAt) / 1000),
    contexts: [{ statusCode: phase.statusCode ?? '', message: phase.message ?? '' }],
  }),
});
