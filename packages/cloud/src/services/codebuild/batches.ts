// Batches: several builds of one project, started together or one after another.
// https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html
import type {
  BuildArtifacts,
  BuildBatch,
  BuildBatchPhaseType,
  ProjectArtifacts,
  ResolvedArtifact,
  StatusType,
} from '@aws-sdk/client-codebuild';

import type { Collection, Store } from '../../kernel/store.ts';
import type { BatchedBuild } from '../../runtime/build/batchspec.ts';
import { phaseShape, type Build, type Builds, type PhaseRecord } from './builds.ts';
import type { ProjectSettings } from './projects.ts';

/** A build of a batch, and those that were tried before it. */
export interface BatchGroup extends BatchedBuild {
  /** Undefined until its turn comes. */
  build?: string | undefined;
  earlier: string[];
}

export type BatchPhaseRecord = PhaseRecord<BuildBatchPhaseType>;

export interface Batch {
  /** `<project>:<uuid>`. */
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly region: string;
  readonly project: string;
  /** The project's settings with what StartBuildBatch overrode. */
  readonly settings: ProjectSettings;
  readonly initiator: string;
  readonly sourceVersion?: string | undefined;
  readonly startedAt: number;
  readonly idempotencyToken?: string | undefined;
  /** Of the request that tried it again. */
  readonly retryToken?: string | undefined;
  status: StatusType;
  phases: BatchPhaseRecord[];
  groups: BatchGroup[];
  fastFail: boolean;
  endedAt?: number;
}

export class Batches {
  readonly #batches: Collection<Batch>;

  constructor(store: Store) {
    this.#batches = store.collection<Batch>('codebuild.batches');
  }

  find(id: string): Batch | undefined {
    return this.#batches.get(id.replace(/^arn:.*:build-batch\//, ''));
  }

  save(batch: Batch): void {
    this.#batches.put(batch.id, batch);
  }

  delete(id: string): void {
    this.#batches.delete(id);
  }

  /** Newest first. */
  list(region: string, project?: string): Batch[] {
    return this.#all(project === undefined ? '' : `${project}:`)
      .filter((batch) => batch.region === region)
      .toSorted((a, b) => b.startedAt - a.startedAt || b.number - a.number);
  }

  /** Batches that have not ended. */
  unfinished(): Batch[] {
    return this.#all('').filter(({ status }) => status === 'IN_PROGRESS');
  }

  #all(prefix: string): Batch[] {
    return this.#batches.list({ prefix }).map(({ value }) => value);
  }
}

export function batchShape(batch: Batch, builds: Builds): BuildBatch {
  const { settings } = batch;
  const summary = (id: string) => {
    const build: Build | undefined = builds.find(id);
    return (
      build && {
        arn: build.arn,
        requestedOn: new Date(build.startedAt),
        buildStatus: build.status,
        primaryArtifact: artifactOf(build.settings.artifacts, build.artifacts),
        secondaryArtifacts: (build.secondaryArtifacts ?? []).map((artifact) =>
          artifactOf(
            build.settings.secondaryArtifacts?.find(
              ({ artifactIdentifier: name }) => name === artifact.artifactIdentifier,
            ),
            artifact,
          ),
        ),
      }
    );
  };
  return {
    id: batch.id,
    arn: batch.arn,
    buildBatchNumber: batch.number,
    startTime: new Date(batch.startedAt),
    ...(batch.endedAt !== undefined && { endTime: new Date(batch.endedAt) }),
    currentPhase: batch.phases.at(-1)?.type,
    buildBatchStatus: batch.status,
    complete: batch.status !== 'IN_PROGRESS',
    ...(batch.sourceVersion && { sourceVersion: batch.sourceVersion }),
    projectName: batch.project,
    phases: batch.phases.map(phaseShape),
    source: settings.source,
    secondarySources: settings.secondarySources ?? [],
    secondarySourceVersions: settings.secondarySourceVersions ?? [],
    artifacts: { location: '' },
    secondaryArtifacts: [],
    debugSessionEnabled: false,
    cache: settings.cache,
    environment: settings.environment,
    serviceRole: settings.buildBatchConfig?.serviceRole,
    logConfig: settings.logsConfig,
    buildTimeoutInMinutes: settings.timeoutInMinutes,
    queuedTimeoutInMinutes: settings.queuedTimeoutInMinutes,
    initiator: batch.initiator,
    encryptionKey: settings.encryptionKey,
    buildBatchConfig: settings.buildBatchConfig,
    reportArns: batch.groups.flatMap(({ build }) => (build === undefined ? [] : (builds.find(build)?.reports ?? []))),
    buildGroups: batch.groups.map(({ identifier, dependsOn, ignoreFailure, build, earlier }) => ({
      identifier,
      dependsOn: [...dependsOn],
      ignoreFailure,
      ...(build !== undefined && { currentBuildSummary: summary(build) }),
      priorBuildSummaryList: earlier.flatMap((id) => summary(id) ?? []),
    })),
  };
}

const artifactOf = (place: ProjectArtifacts | undefined, left: BuildArtifacts | undefined): ResolvedArtifact => ({
  type: place?.type,
  ...(left?.location && { location: left.location }),
  ...(place?.artifactIdentifier !== undefined && { identifier: place.artifactIdentifier }),
});
