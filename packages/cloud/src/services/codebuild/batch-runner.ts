// Runs batches: reads which builds there are, starts each in its turn as the batch's role, and sums up how they ended.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BuildBatchPhaseType, StartBuildCommandInput, StatusType } from '@aws-sdk/client-codebuild';

import type { Kernel, SessionCredentials } from '../../kernel/service.ts';
import { parseBatchspec, type BatchedBuild } from '../../runtime/build/batchspec.ts';
import type { Batch, Batches, BatchGroup } from './batches.ts';
import { overridesOf } from './build-overrides.ts';
import { BuildS3 } from './build-s3.ts';
import type { Build, Builds } from './builds.ts';
import { downloadSource } from './source-download.ts';

const MINUTE_MILLISECONDS = 60_000;

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectBuildBatchConfig.html */
const TIMEOUT_MINUTES = 480;

export class BatchRunner {
  readonly #kernel: Kernel;
  readonly #batches: Batches;
  readonly #builds: Builds;
  readonly #timers = new Map<string, () => void>();
  /** What is done for each batch, one step after the other: two at once would start a build twice. */
  readonly #working = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(kernel: Kernel, batches: Batches, builds: Builds) {
    this.#kernel = kernel;
    this.#batches = batches;
    this.#builds = builds;
    builds.ended.subscribe(({ batch }) => {
      const found = batch === undefined ? undefined : this.#batches.find(batch);
      if (found?.status === 'IN_PROGRESS' && !this.#stopped) this.#do(found.id, () => this.#goOn(found.id));
    });
  }

  /** Begins a batch: its source is fetched, its builds are read and the first ones started. */
  submit(batch: Batch): void {
    this.#armTimeout(batch);
    this.#do(batch.id, async () => {
      if (await this.#readBuilds(batch.id)) await this.#goOn(batch.id);
    });
  }

  /** Goes on with a batch that had ended, where its builds were taken back. */
  retry(id: string): void {
    const batch = this.#batches.find(id)!;
    if (batch.groups.length === 0) this.submit(batch);
    else {
      this.#armTimeout(batch);
      this.#do(id, () => this.#goOn(id));
    }
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    for (const batch of this.#batches.unfinished()) {
      if (batch.phases.at(-1)?.type === 'IN_PROGRESS') {
        this.#armTimeout(batch);
        this.#do(batch.id, () => this.#goOn(batch.id));
      } else this.submit(batch);
    }
  }

  /** Stops a batch and its builds; does nothing to one that has ended. */
  async stop(id: string): Promise<void> {
    const batch = this.#batches.find(id);
    if (batch?.status === 'IN_PROGRESS') await this.#end(batch, 'STOPPED', 'The batch was stopped.');
  }

  async shut(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    await Promise.all(this.#working.values());
  }

  #do(id: string, work: () => Promise<void>): void {
    const before = this.#working.get(id) ?? Promise.resolve();
    const done = before
      .then(work)
      .catch((error: Error) => this.#kernel.log('batch failed', { batch: id, error: error.message }))
      .finally(() => {
        if (this.#working.get(id) === done) this.#working.delete(id);
      });
    this.#working.set(id, done);
  }

  #armTimeout({ id, startedAt, settings }: Batch): void {
    const minutes = settings.buildBatchConfig?.timeoutInMins ?? TIMEOUT_MINUTES;
    const end = async () => {
      const batch = this.#batches.find(id);
      if (batch?.status === 'IN_PROGRESS')
        await this.#end(batch, 'TIMED_OUT', `The batch took longer than ${minutes} minutes.`);
    };
    this.#timers.set(id, this.#kernel.clock.at(startedAt + minutes * MINUTE_MILLISECONDS, end));
  }

  #session(batch: Batch): SessionCredentials {
    return this.#kernel.sessions.assumeForService(
      'codebuild.amazonaws.com',
      batch.settings.buildBatchConfig!.serviceRole!,
      `AWSCodeBuildBatch-${batch.id.split(':')[1]}`,
      `arn:aws:codebuild:${batch.region}:${this.#kernel.account}:project/${batch.project}`,
    );
  }

  // False where the batch has failed over it.
  async #readBuilds(id: string): Promise<boolean> {
    const batch = this.#batches.find(id)!;
    this.#enter(batch, 'DOWNLOAD_BATCHSPEC');
    const folder = await mkdtemp(join(tmpdir(), 'plinth-batch-'));
    try {
      const s3 = new BuildS3(this.#kernel, batch, this.#session(batch));
      const spec = parseBatchspec(await downloadSource(s3, batch, folder));
      refuseRestricted(batch, spec.builds);
      const current = this.#batches.find(id)!;
      if (current.status !== 'IN_PROGRESS') return false;
      current.groups = spec.builds.map((build): BatchGroup => ({ ...build, earlier: [] }));
      current.fastFail = spec.fastFail;
      this.#enter(current, 'IN_PROGRESS');
      return true;
    } catch (error) {
      await this.#end(this.#batches.find(id)!, 'FAILED', (error as Error).message);
      return false;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  // Starts what may start now, and ends the batch where nothing is left to wait for.
  async #goOn(id: string): Promise<void> {
    const batch = this.#batches.find(id);
    if (batch?.status !== 'IN_PROGRESS') return;
    const statusOf = ({ build }: BatchGroup): StatusType | undefined =>
      build === undefined ? undefined : (this.#builds.find(build)?.status ?? 'FAULT');
    const failed = (group: BatchGroup): boolean => {
      const status = statusOf(group);
      return status !== undefined && status !== 'IN_PROGRESS' && status !== 'SUCCEEDED' && !group.ignoreFailure;
    };
    if (batch.fastFail && batch.groups.some(failed)) {
      await this.#end(batch, 'FAILED', 'A build failed, and the batch is to fail fast.');
      return;
    }
    const done = new Set(
      batch.groups
        .filter((group) => statusOf(group) === 'SUCCEEDED' || (group.ignoreFailure && isOver(statusOf(group))))
        .map(({ identifier }) => identifier),
    );
    const ready = batch.groups.filter(
      (group) => group.build === undefined && group.dependsOn.every((name) => done.has(name)),
    );
    for (const group of ready) {
      try {
        await this.#start(batch, group);
      } catch (error) {
        await this.#end(batch, 'FAILED', `${group.identifier} was not started: ${(error as Error).message}`);
        return;
      }
    }
    if (batch.groups.some((group) => statusOf(group) === 'IN_PROGRESS')) return;
    const unhappy = batch.groups.filter((group) => failed(group) || group.build === undefined);
    if (unhappy.length === 0) await this.#end(batch, 'SUCCEEDED', '');
    else await this.#end(batch, 'FAILED', `Not succeeded: ${unhappy.map(({ identifier }) => identifier).join(', ')}`);
  }

  async #start(batch: Batch, group: BatchGroup): Promise<void> {
    const variables = { ...group.variables, CODEBUILD_BATCH_BUILD_IDENTIFIER: group.identifier };
    const input: StartBuildCommandInput = {
      ...overridesOf(batch.settings),
      projectName: batch.project,
      sourceVersion: batch.sourceVersion,
      ...(group.buildspec !== undefined && { buildspecOverride: group.buildspec }),
      ...(group.image !== undefined && { imageOverride: group.image }),
      ...(group.environmentType !== undefined && {
        environmentTypeOverride: group.environmentType as NonNullable<
          StartBuildCommandInput['environmentTypeOverride']
        >,
      }),
      ...(group.computeType !== undefined && {
        computeTypeOverride: group.computeType as NonNullable<StartBuildCommandInput['computeTypeOverride']>,
      }),
      ...(group.privileged !== undefined && { privilegedModeOverride: group.privileged }),
      environmentVariablesOverride: [
        ...(batch.settings.environment?.environmentVariables ?? []),
        ...Object.entries(variables).map(([name, value]) => ({ name, value })),
      ],
    };
    const { build } = await this.#kernel.invoke<StartBuildCommandInput, { build: { id: string } }>(
      'codebuild',
      'StartBuild',
      input,
      { principal: this.#session(batch).principal, region: batch.region, sourceArn: batch.arn },
    );
    group.build = build.id;
    this.#batches.save(batch);
  }

  async #end(batch: Batch, status: StatusType, message: string): Promise<void> {
    this.#timers.get(batch.id)?.();
    this.#timers.delete(batch.id);
    const now = this.#kernel.clock.now();
    this.#leave(batch, status, message);
    batch.status = status;
    batch.endedAt = now;
    batch.phases.push({ type: status as BuildBatchPhaseType, startedAt: now, endedAt: now, status });
    this.#batches.save(batch);
    for (const { build } of batch.groups) {
      const running: Build | undefined = build === undefined ? undefined : this.#builds.find(build);
      if (running?.status !== 'IN_PROGRESS') continue;
      await this.#kernel.invoke(
        'codebuild',
        'StopBuild',
        { id: running.id },
        {
          principal: this.#session(batch).principal,
          region: batch.region,
        },
      );
    }
  }

  #enter(batch: Batch, type: BuildBatchPhaseType): void {
    this.#leave(batch, 'SUCCEEDED');
    batch.phases.push({ type, startedAt: this.#kernel.clock.now() });
    this.#batches.save(batch);
  }

  #leave(batch: Batch, status: StatusType, message = ''): void {
    const phase = batch.phases.at(-1);
    if (!phase || phase.endedAt !== undefined) return;
    Object.assign(phase, { endedAt: this.#kernel.clock.now(), status, message });
  }
}

const isOver = (status: StatusType | undefined): boolean => status !== undefined && status !== 'IN_PROGRESS';

function refuseRestricted({ settings }: Batch, builds: readonly BatchedBuild[]): void {
  const { maximumBuildsAllowed: most, computeTypesAllowed: allowed } = settings.buildBatchConfig?.restrictions ?? {};
  if (most !== undefined && builds.length > most) {
    throw new Error(`The batch has ${builds.length} builds; the project allows ${most}.`);
  }
  // A build that names none has its project's.
  const typeOf = ({ computeType = settings.environment?.computeType }: BatchedBuild): string => computeType ?? '';
  const wrong = builds.find((build) => allowed?.length && !allowed.includes(typeOf(build)));
  if (wrong) throw new Error(`The project does not allow ${typeOf(wrong)}, which ${wrong.identifier} asks for.`);
}
