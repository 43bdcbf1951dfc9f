// Runs builds: at most as many of a project at a time as it allows, each within its time, each as its own role.

import type { Clock } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/service.ts';
import { LocalShelf } from './build-cache.ts';
import { publishPhase, publishState } from './build-events.ts';
import type { Build, Builds } from './builds.ts';
import { measureStart } from './measurements.ts';
import type { Projects } from './projects.ts';
import type { Reports } from './reports.ts';
import { BuildRun, type Ending } from './run.ts';

const MINUTE_MILLISECONDS = 60_000;

export class Runner {
  readonly #kernel: Kernel;
  readonly #clock: Clock;
  readonly #projects: Projects;
  readonly #builds: Builds;
  readonly #reports: Reports;
  readonly #local: LocalShelf;
  readonly #running = new Map<string, { build: Build; run: BuildRun; cancel: () => void }>();
  readonly #queued = new Map<string, { build: Build; cancel: () => void }>();
  readonly #ended = new Set<Promise<void>>();

  constructor(kernel: Kernel, projects: Projects, builds: Builds, reports: Reports) {
    this.#kernel = kernel;
    this.#reports = reports;
    this.#clock = kernel.clock;
    this.#projects = projects;
    this.#builds = builds;
    this.#local = new LocalShelf(kernel.store.folder);
  }

  /** Puts a new build in the queue, and starts it at once where the project's limit allows. */
  submit(build: Build): void {
    const queuedMinutes = build.settings.queuedTimeoutInMinutes!;
    const cancel = this.#clock.at(this.#clock.now() + queuedMinutes * MINUTE_MILLISECONDS, () => {
      this.#queued.delete(build.id);
      this.#run(build).endInQueue({
        status: 'TIMED_OUT',
        message: `Build was queued for longer than ${queuedMinutes} minutes.`,
      });
    });
    this.#queued.set(build.id, { build, cancel });
    publishState(this.#kernel, build);
    const [submitted] = build.phases;
    if (submitted) publishPhase(this.#kernel, build, submitted);
    measureStart(this.#kernel, build);
    this.#next();
  }

  /** Stops a build, queued or running; does nothing to one that has ended. */
  stop(build: Build): void {
    this.#end(build.id, { status: 'STOPPED', message: 'Build was stopped.' });
  }

  /** Takes up what a stopped or killed cloud left: what was queued is queued again, what ran has failed. */
  resume(): void {
    for (const build of this.#builds.unfinished()) {
      if (build.phases.at(-1)?.type === 'QUEUED') this.submit(build);
      else {
        this.#run(build).endInQueue({
          status: 'FAULT',
          message: 'The cloud stopped while this build ran; its process ended with it. Start the build again.',
        });
      }
    }
  }

  /** Ends everything that runs; what is queued stays queued for the next start. */
  async shut(): Promise<void> {
    for (const { cancel } of this.#queued.values()) cancel();
    this.#queued.clear();
    for (const id of this.#running.keys()) this.#end(id, { status: 'STOPPED', message: 'The cloud was stopped.' });
    await Promise.all(this.#ended);
  }

  #end(id: string, ending: Ending): void {
    const queued = this.#queued.get(id);
    if (queued) {
      queued.cancel();
      this.#queued.delete(id);
      this.#run(queued.build).endInQueue(ending);
    }
    this.#running.get(id)?.run.end(ending);
  }

  #run(build: Build): BuildRun {
    const generation = this.#projects.find(build.region, build.project)?.cacheGeneration ?? '';
    const parts = { kernel: this.#kernel, builds: this.#builds, reports: this.#reports };
    return new BuildRun({ ...parts, caches: { local: this.#local, generation } }, build);
  }

  #next(): void {
    for (const { build, cancel } of this.#queued.values()) {
      if (!this.#mayStart(build)) continue;
      cancel();
      this.#queued.delete(build.id);
      this.#start(build);
    }
  }

  #mayStart(build: Build): boolean {
    const limit = this.#projects.find(build.region, build.project)?.settings.concurrentBuildLimit;
    if (limit === undefined || limit < 0) return true;
    const running = [...this.#running.values()].filter(
      (other) => other.build.project === build.project && other.build.region === build.region,
    );
    return running.length < limit;
  }

  #start(build: Build): void {
    const run = this.#run(build);
    const minutes = build.settings.timeoutInMinutes!;
    const cancel = this.#clock.at(this.#clock.now() + minutes * MINUTE_MILLISECONDS, () => {
      run.end({ status: 'TIMED_OUT', message: `Build timed out after ${minutes} minutes.` });
    });
    this.#running.set(build.id, { build, run, cancel });
    const ended = run.toEnd().finally(() => {
      cancel();
      this.#running.delete(build.id);
      this.#ended.delete(ended);
      this.#next();
    });
    this.#ended.add(ended);
  }
}
