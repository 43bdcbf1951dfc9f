// One build from its first phase to its last: as its role, in its own process, every line in its log.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BuildPhaseType, StatusType } from '@aws-sdk/client-codebuild';

import type { Kernel, SessionCredentials } from '../../kernel/service.ts';
import { BuildspecError } from '../../runtime/build/buildspec-values.ts';
import { parseBuildspec, type Buildspec, type BuildspecPhase } from '../../runtime/build/buildspec.ts';
import { LogWriter } from '../../runtime/build/log-writer.ts';
import { runBuildProcess } from '../../runtime/build/process.ts';
import type { Mark } from '../../runtime/build/script.ts';
import { uploadArtifacts, uploadLog } from './artifact-upload.ts';
import { BuildCache, expandKeys, type CacheParts } from './build-cache.ts';
import { buildEnvironment } from './build-environment.ts';
import { publishPhase, publishState } from './build-events.ts';
import { BuildS3 } from './build-s3.ts';
import { currentPhase, logDestination, type Build, type Builds } from './builds.ts';
import { measureEnd } from './measurements.ts';
import { uploadReport } from './report-upload.ts';
import type { Reports } from './reports.ts';
import { downloadSecondarySources, downloadSource, sourceFolder } from './source-download.ts';

/** How a build ends where nothing in it decides. */
export interface Ending {
  readonly status: StatusType;
  readonly message: string;
}

/** What a build is run with. */
export interface BuildParts {
  readonly kernel: Kernel;
  readonly builds: Builds;
  readonly reports: Reports;
  readonly caches: Pick<CacheParts, 'local' | 'generation'>;
}

const SCRIPT_PHASES: Readonly<Record<string, BuildPhaseType>> = {
  install: 'INSTALL',
  pre_build: 'PRE_BUILD',
  build: 'BUILD',
  post_build: 'POST_BUILD',
};

export class BuildRun {
  readonly #kernel: Kernel;
  readonly #builds: Builds;
  readonly #reports: Reports;
  readonly #build: Build;
  readonly #caches: Pick<CacheParts, 'local' | 'generation'>;
  readonly #abort = new AbortController();
  #ending: Ending | undefined;
  #log: LogWriter | undefined;
  #session: SessionCredentials | undefined;
  #cache: BuildCache | undefined;
  /** Every line, where the project wants its log in S3. */
  readonly #lines: string[] = [];
  /** What its log may not show. */
  #secrets: readonly string[] = [];
  /** Why the first command of the current phase failed. */
  #failure: string | undefined;
  /** What the current phase has said in its current attempt, where it may have others, and how many there were before. */
  #attempt: { lines: string[]; before: number } | undefined;
  /** What the names of artifacts came to, by their identifiers. */
  readonly #artifactNames = new Map<string, string>();

  constructor({ kernel, builds, reports, caches }: BuildParts, build: Build) {
    this.#kernel = kernel;
    this.#reports = reports;
    this.#builds = builds;
    this.#build = build;
    this.#caches = caches;
  }

  /** Ends the build from outside: its process is told to end, and its record says why. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#abort.abort();
  }

  /** Ends a build that never came to run. */
  endInQueue(ending: Ending): void {
    this.#closePhase(ending.status, ending.message);
    this.#complete(ending.status);
  }

  /** Runs the build to its end; never rejects, because every failure is part of the build's record. */
  async toEnd(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-build-'));
    let status: StatusType;
    try {
      this.#closePhase('SUCCEEDED');
      status = await this.#phases(folder);
    } catch (error) {
      this.#fail(error as Error);
      status = this.#ending?.status ?? 'FAILED';
    }
    this.#openPhase('FINALIZING');
    await this.#endLog().catch((error: Error) => this.#fail(error));
    if (currentPhase(this.#build) === 'FINALIZING') this.#closePhase('SUCCEEDED');
    await rm(folder, { recursive: true, force: true });
    this.#complete(status);
  }

  async #phases(folder: string): Promise<StatusType> {
    const session = await this.#within('PROVISIONING', () => this.#provision());
    const source = sourceFolder(folder, '');
    const s3 = new BuildS3(this.#kernel, this.#build, session);
    const { buildspec, environment } = await this.#within('DOWNLOAD_SOURCE', async () => {
      await mkdir(source);
      const text = await downloadSource(s3, this.#build, source);
      await downloadSecondarySources(s3, this.#build, folder);
      const parsed = parseBuildspec(text);
      requireExportable(parsed, this.#build);
      const { variables, secrets } = await buildEnvironment(this.#kernel, this.#build, session, parsed, folder);
      this.#secrets = secrets;
      if (parsed.cache) {
        const keys = await expandKeys(parsed.cache, variables, source);
        const parts = { ...this.#caches, s3, folder, say: (line: string) => this.#say(line) };
        this.#cache = new BuildCache(this.#build, parsed.cache, keys, parts);
        await this.#cache.restore();
      }
      return { buildspec: parsed, environment: variables };
    });
    const door = await this.#kernel.openDoor({ principal: session.principal, folder: source });
    try {
      if (buildspec.runtimes.length > 0) {
        this.#say(`Runtimes are this machine's own; the buildspec names ${buildspec.runtimes.join(', ')}`);
      }
      const status = await this.#runScript(folder, buildspec, { ...environment, TF_REATTACH_PROVIDERS: door.reattach });
      if (!this.#ending) await this.#report(buildspec, session, source);
      if (this.#ending || !this.#mayUpload(buildspec)) return status;
      if (status === 'SUCCEEDED') await this.#cache?.save();
      await this.#within('UPLOAD_ARTIFACTS', async () => {
        const built = { declared: buildspec.artifacts, names: this.#artifactNames, source };
        const { primary, secondary } = await uploadArtifacts(s3, this.#build, built);
        Object.assign(this.#build, { artifacts: primary, secondaryArtifacts: secondary });
      });
      return status;
    } finally {
      await door.close();
    }
  }

  // Artifacts are what a failed build is understood by: they are left once BUILD was reached, unless a phase has aborted.
  // https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
  #mayUpload({ phases }: Buildspec): boolean {
    return this.#build.phases.every(({ type, status }) => {
      const phase = phases.find(({ name }) => SCRIPT_PHASES[name] === type);
      if (!phase || status === 'SUCCEEDED' || phase.onFailure === 'CONTINUE') return true;
      return phase.onFailure === undefined && (type === 'BUILD' || type === 'POST_BUILD');
    });
  }

  // The role's session, and its first use: the log stream that CodeBuild makes with it.
  async #provision(): Promise<SessionCredentials> {
    const uuid = this.#build.id.split(':')[1]!;
    const session = this.#kernel.sessions.assumeForService(
      'codebuild.amazonaws.com',
      this.#build.settings.serviceRole!,
      `AWSCodeBuild-${uuid}`,
      `arn:aws:codebuild:${this.#build.region}:${this.#kernel.account}:project/${this.#build.project}`,
    );
    this.#session = session;
    const destination = logDestination(this.#build);
    if (!destination) return session;
    const { group, stream } = destination;
    const as = { principal: session.principal, region: this.#build.region };
    const logs = (operation: string, input: object) => this.#kernel.invoke('logs', operation, input, as);
    const stay = (error: Error) => {
      if (error.name !== 'ResourceAlreadyExistsException') throw error;
    };
    try {
      await logs('CreateLogStream', { logGroupName: group, logStreamName: stream });
    } catch (error) {
      if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      await logs('CreateLogGroup', { logGroupName: group }).catch(stay);
      await logs('CreateLogStream', { logGroupName: group, logStreamName: stream });
    }
    this.#log = new LogWriter(this.#kernel.clock, (logEvents) =>
      logs('PutLogEvents', { logGroupName: group, logStreamName: stream, logEvents }),
    );
    return session;
  }

  // The lines are in CloudWatch Logs already; S3 gets them whole, at the end.
  async #endLog(): Promise<void> {
    await this.#log?.end();
    if (!this.#session) return;
    await uploadLog(new BuildS3(this.#kernel, this.#build, this.#session), this.#build, this.#lines);
  }

  async #runScript(
    folder: string,
    buildspec: Buildspec,
    environment: Readonly<Record<string, string>>,
  ): Promise<StatusType> {
    let failed = false;
    let running = false;
    const onMark = (mark: Mark, command: string | undefined) => {
      if (mark.kind === 'phase') {
        this.#openPhase(SCRIPT_PHASES[mark.phase]!);
        running = true;
        const { retry } = buildspec.phases.find(({ name }) => name === mark.phase)!;
        this.#attempt = retry && { lines: [], before: 0 };
      } else if (mark.kind === 'command') {
        this.#say(`Running command ${command}`);
      } else if (mark.kind === 'failed') {
        this.#say(`Command did not exit successfully ${command} exit status ${mark.code}`);
        this.#failure ??= `Error while executing command: ${command}. Reason: exit status ${mark.code}`;
      } else if (mark.kind === 'done') {
        running = false;
        failed ||= !mark.ok;
        this.#closePhase(
          mark.ok ? 'SUCCEEDED' : 'FAILED',
          mark.ok ? '' : (this.#failure ?? ''),
          mark.ok ? '' : 'COMMAND_EXECUTION_ERROR',
        );
        this.#failure = undefined;
      } else if (mark.kind === 'artifact') {
        this.#artifactNames.set(mark.name, mark.value);
      } else if (mark.kind === 'export') {
        this.#build.exported.push({ name: mark.name, value: mark.value });
      }
    };
    const onLine = (line: string) => {
      this.#attempt?.lines.push(line);
      this.#write(line);
    };
    const onAgain = (name: string) => this.#again(buildspec.phases.find((phase) => phase.name === name)!);
    const { signal } = this.#abort;
    const code = await runBuildProcess({ buildspec, folder, environment, onLine, onMark, onAgain, signal });
    if (this.#ending) {
      this.#say(this.#ending.message);
      if (running) this.#closePhase(this.#ending.status, this.#ending.message);
      return this.#ending.status;
    }
    // A command that left the shell ended the build there.
    if (running)
      this.#closePhase(
        code === 0 ? 'SUCCEEDED' : 'FAILED',
        code === 0 ? '' : `The shell exited with ${code}`,
        code === 0 ? '' : 'COMMAND_EXECUTION_ERROR',
      );
    return failed || code !== 0 ? 'FAILED' : 'SUCCEEDED';
  }

  // A phase that has failed is tried again as often as it says, if a line of what it printed is one that it names.
  #again({ name, retry }: BuildspecPhase): boolean {
    const { lines, before } = this.#attempt ?? { lines: [], before: 0 };
    const said = [this.#failure ?? '', ...lines];
    if (!retry || before >= retry.count || !said.some((line) => retry.expression.test(line))) return false;
    this.#attempt = { lines: [], before: before + 1 };
    this.#say(`Retrying phase ${SCRIPT_PHASES[name]}, attempt ${before + 1}`);
    this.#failure = undefined;
    return true;
  }

  // Tests that failed are told as well; a report that cannot be made is no failure of the build.
  async #report(buildspec: Buildspec, session: SessionCredentials, source: string): Promise<void> {
    for (const report of buildspec.reports) {
      try {
        const { arn } = await uploadReport(this.#kernel, this.#reports, this.#build, session, report, source);
        this.#build.reports = [...(this.#build.reports ?? []), arn];
        this.#say(`Test report ${arn}`);
      } catch (error) {
        this.#say(`Error processing test report ${report.group}: ${(error as Error).message}`);
      }
    }
  }

  async #within<T>(phase: BuildPhaseType, work: () => Promise<T>): Promise<T> {
    this.#requireGoingOn();
    this.#openPhase(phase);
    const result = await work();
    this.#requireGoingOn();
    this.#closePhase('SUCCEEDED');
    return result;
  }

  #requireGoingOn(): void {
    if (this.#ending) throw new Error(this.#ending.message);
  }

  #fail(error: Error): void {
    this.#say(`${currentPhase(this.#build)} failed: ${error.message}`);
    const status = this.#ending?.status ?? 'FAILED';
    this.#closePhase(status, error.message, status === 'FAILED' ? codeOf(error) : '');
    if (!('code' in error) && !this.#ending)
      this.#kernel.log('build failed', { build: this.#build.id, error: error.message });
  }

  #openPhase(type: BuildPhaseType): void {
    this.#build.phases.push({ type, startedAt: this.#kernel.clock.now() });
    this.#say(`Entering phase ${type}`);
    this.#builds.save(this.#build);
  }

  #closePhase(status: StatusType, message = '', statusCode = ''): void {
    const phase = this.#build.phases.at(-1);
    if (!phase || phase.endedAt !== undefined) return;
    Object.assign(phase, { endedAt: this.#kernel.clock.now(), status, message, statusCode });
    this.#say(`Phase complete: ${phase.type} State: ${status}`);
    this.#say(`Phase context status code: ${statusCode} Message: ${message}`);
    this.#builds.save(this.#build);
    publishPhase(this.#kernel, this.#build, phase);
  }

  #complete(status: StatusType): void {
    const now = this.#kernel.clock.now();
    this.#build.status = status;
    this.#build.endedAt = now;
    this.#build.phases.push({ type: 'COMPLETED', startedAt: now });
    this.#builds.save(this.#build);
    publishState(this.#kernel, this.#build);
    measureEnd(this.#kernel, this.#build);
    this.#builds.ended.publish(this.#build);
    this.#kernel.log('build ended', { build: this.#build.id, status });
  }

  // CodeBuild's own lines: `[Container] 2026/11/20 22:51:04.123456 Entering phase BUILD`.
  #say(text: string): void {
    const [day, time] = new Date(this.#kernel.clock.now()).toISOString().replace('Z', '').split('T');
    this.#write(`[Container] ${day!.replaceAll('-', '/')} ${time}000 ${text}`);
  }

  #write(text: string): void {
    const line = this.#secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
    this.#log?.write(line);
    if (this.#build.settings.logsConfig?.s3Logs?.status === 'ENABLED') this.#lines.push(line);
  }
}

// What a project has from a store stays with its builds.
function requireExportable({ exportedVariables }: Buildspec, { settings }: Build): void {
  const kept = (settings.environment?.environmentVariables ?? []).find(
    ({ name, type }) => exportedVariables.includes(name!) && (type === 'PARAMETER_STORE' || type === 'SECRETS_MANAGER'),
  );
  if (kept) throw new BuildspecError(`env.exported-variables: ${kept.name} cannot be exported`);
}

// AWS names what went wrong by kind; what has no kind of its own is the client's.
function codeOf(error: Error): string {
  if (error instanceof BuildspecError) return 'YAML_FILE_ERROR';
  if (/AccessDenied/.test(error.name)) return 'ACCESS_DENIED';
  return 'CLIENT_ERROR';
}
