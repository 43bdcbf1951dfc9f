// The way from a declaration to something that runs: synthesize, bootstrap the state, plan, apply, publish, check health.
import type { HealthContext, StackDefinition } from '@plinth/blocks';
import { synthesize } from '@plinth/blocks/synth';
import { estimateCost, type CostEstimate } from '@plinth/checks';

import { bootstrap, isDeployed } from './bootstrap.ts';
import type { OptionValues } from './command.ts';
import { toolchainFolder, type Context } from './context.ts';
import { findEngine } from './engine/engine.ts';
import { notDeployed } from './errors.ts';
import { publishRoot } from './publish.ts';
import {
  applyPlan,
  backendOf,
  describePlan,
  initialise,
  plan,
  readBack,
  readState,
  rootsFolder,
  type PlanSummary,
  type Root,
} from './root.ts';
import { sdkConfiguration } from './sdk.ts';
import { nameOf, selectSystem, type Selection } from './systems.ts';
import { openTarget, type Target } from './target.ts';
import { writeVariables } from './variables.ts';

export interface PrepareOptions {
  readonly say?: (detail: string) => void;
  /** Values for Terraform's variables, as `name=value`. */
  readonly variables?: readonly string[] | undefined;
}

/** Writes the selection's roots for the target, ready for the engine. */
export async function prepareRoots(
  selection: Selection,
  target: Target,
  context: Context,
  { say = context.progress.note, variables = [] }: PrepareOptions = {},
): Promise<readonly [Root, ...Root[]]> {
  const engine = await findEngine(context.variables, toolchainFolder(context), say);
  const { system, environment } = selection;
  const written = await synthesize(system, environment, rootsFolder(context, target), { engine });
  const folders = new Map(written.map(({ name, dir }) => [name, dir]));
  await writeVariables(selection, [...folders.values()], variables, context);
  const rootOf = (stack: StackDefinition): Root => ({
    stack,
    folder: folders.get(stack.name) ?? '',
    selection,
    target,
    engine,
    signal: context.signal,
  });
  const [first, ...rest] = selection.stacks;
  return [rootOf(first), ...rest.map(rootOf)];
}

/** Initialises a root against its state, which has to be there: the backend's own root is bootstrapped. */
export async function connectRoot(root: Root, say: (detail: string) => void): Promise<void> {
  if (root.stack.backend) await bootstrap(root, say);
  else await initialise(root);
}

export interface HealthReport {
  readonly name: string;
  readonly healthy: boolean;
  readonly detail: string;
}

/** What a system is after a deployment. */
export interface SystemReport {
  readonly system: string;
  readonly environment: string;
  /** How commands name it: with its environment, where that is not the default. */
  readonly called: string;
  readonly target: string;
  readonly state: { readonly bucket: string; readonly table: string; readonly keys: readonly string[] };
  /** Managed resources, counted by type. */
  readonly resources: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** What the resources would cost in AWS. */
  readonly cost: CostEstimate;
  readonly health: readonly HealthReport[];
  /** The names of its smoke tests, which `plinth smoke` runs. */
  readonly smoke: readonly string[];
  /** What this run changed. */
  readonly changes: readonly PlanSummary[];
}

/** Brings a system to where its declaration says, in the order of its stacks, and reports what is. */
export async function deploySystem(
  selection: Selection,
  target: Target,
  context: Context,
  variables?: readonly string[],
): Promise<SystemReport> {
  const { progress } = context;
  const { name } = selection.system;
  const roots = await progress.step('synth', async (say) => {
    const prepared = await prepareRoots(selection, target, context, { say, variables });
    say(`${name} (${selection.environment}): ${prepared.map(({ stack }) => stack.name).join(', ')}`);
    return prepared;
  });
  const changes: PlanSummary[] = [];
  for (const root of roots) changes.push(await progress.step(root.stack.name, (say) => deployRoot(root, say)));
  const recovery = changes.some((summary) => summary.changes) && selection.system.recovery;
  if (recovery) {
    await progress.step('publish', async (say) => {
      await publishRoots(roots);
      say('kept as the last known good');
    });
  }
  return progress.step('health', async (say) => {
    const report = await reportSystem(roots);
    say(`${report.health.filter(({ healthy }) => healthy).length} of ${report.health.length} checks pass`);
    return { ...report, changes };
  });
}

/** The roots of a system that is deployed, connected to their states. */
export async function requireDeployed(
  args: readonly string[],
  options: OptionValues,
  context: Context,
): Promise<readonly [Root, ...Root[]]> {
  const target = await openTarget(options['target'], context);
  const selection = await selectSystem(args, options['env'], context);
  const roots = await prepareRoots(selection, target, context);
  if (!(await isDeployed(roots))) throw notDeployed(selection.system.name, selection.environment);
  for (const root of roots) await initialise(root);
  return roots;
}

/** What is: read from the state and asked of the health checks. */
export async function reportSystem(roots: readonly [Root, ...Root[]]): Promise<SystemReport> {
  const [first] = roots;
  const { selection, target } = first;
  const states = await Promise.all(roots.map(readState));
  const outputs = Object.assign({}, ...states.map((state) => state.outputs)) as Record<string, unknown>;
  const all = states.flatMap((state) => state.resources);
  const resources: Record<string, number> = {};
  for (const { type } of all) resources[type] = (resources[type] ?? 0) + 1;
  const { bucket, table } = backendOf(first);
  return {
    system: selection.system.name,
    environment: selection.environment,
    called: nameOf(selection),
    target: target.endpoint ?? `AWS account ${target.account}`,
    state: { bucket, table, keys: roots.map((root) => backendOf(root).key) },
    resources,
    outputs,
    cost: estimateCost(all),
    health: await checkHealth(selection, target, outputs),
    smoke: selection.system.smoke.map(({ name }) => name),
    changes: [],
  };
}

/** Plans and applies one root; bootstraps it where it is the one that holds the state of all. */
export async function deployRoot(root: Root, say: (detail: string) => void): Promise<PlanSummary> {
  await connectRoot(root, say);
  const summary = await plan(root, { say });
  if (summary.changes) await applyPlan(root, summary, say);
  else await readBack(root);
  say(describePlan(summary));
  return summary;
}

/** Publishes every root as the last known good of its stack. */
export async function publishRoots(roots: readonly Root[]): Promise<void> {
  for (const root of roots) await publishRoot(root);
}

async function checkHealth(
  { system }: Selection,
  target: Target,
  outputs: Readonly<Record<string, unknown>>,
): Promise<HealthReport[]> {
  const context = healthContext(target, outputs);
  return Promise.all(
    system.health.map(async ({ name, check }) =>
      check(context).then(
        (detail) => ({ name, healthy: true, detail }),
        (error: Error) => ({ name, healthy: false, detail: error.message }),
      ),
    ),
  );
}

/** What a system's checks are given: where AWS is, and what the stacks put out. */
export function healthContext(target: Target, outputs: Readonly<Record<string, unknown>>): HealthContext {
  const { region, endpoint, credentials } = {
    credentials: undefined,
    endpoint: undefined,
    ...sdkConfiguration(target),
  };
  return {
    region,
    endpoint,
    ...(credentials && { credentials }),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, String(value)])),
  };
}
