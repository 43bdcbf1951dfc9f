// One Terraform root made ready for a target: synthesized, initialised against its state, planned, applied.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { backendConfig, type BackendConfig, type StackDefinition } from '@plinth/blocks';

import type { Context } from './context.ts';
import { EngineError } from './engine/diagnostics.ts';
import type { Engine } from './engine/engine.ts';
import { runEngine, type EngineEvent, type EngineResult } from './engine/run.ts';
import { StateLocked } from './lock.ts';
import type { Selection } from './systems.ts';
import type { Target } from './target.ts';

export interface Root {
  readonly stack: StackDefinition;
  readonly folder: string;
  readonly selection: Selection;
  readonly target: Target;
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

/** What a plan would do, counted by what happens to a resource. */
export interface PlanSummary {
  readonly stack: string;
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
  /** False where the plan is empty. */
  readonly changes: boolean;
  readonly resources: readonly { readonly address: string; readonly type: string; readonly action: string }[];
}

/** The folder in which a target's roots are prepared. */
export const rootsFolder = (context: Context, target: Target): string => join(context.home, 'roots', target.key);

/** Where the root's state lives. */
export const backendOf = ({ selection, stack, target }: Root): BackendConfig =>
  backendConfig(selection.system, { stack: stack.name, account: target.account, environment: selection.environment });

/** Runs the engine in the root, with the target's variables. Throws {@link StateLocked} where somebody else holds its state. */
export async function runInRoot(
  root: Root,
  args: readonly string[],
  options: {
    accept?: readonly number[];
    onEvent?: (event: EngineEvent) => void;
    variables?: Readonly<Record<string, string>>;
  } = {},
): Promise<EngineResult> {
  const { variables = {}, ...rest } = options;
  try {
    return await root.target.withEngine(root.folder, (environment) =>
      runEngine({
        engine: root.engine,
        folder: root.folder,
        args,
        environment: { ...environment, ...variables },
        signal: root.signal,
        ...rest,
      }),
    );
  } catch (error) {
    if (!(error instanceof EngineError) || !error.lock) throw error;
    const { id } = error.lock;
    const release = () => runInRoot(root, ['force-unlock', '-force', id]);
    throw new StateLocked(root.selection.system.name, root.stack.name, error.lock, release);
  }
}

/** Initialises the root against its state in S3; does nothing where the same initialisation was done before. */
export async function initialise(root: Root, extra: readonly string[] = []): Promise<void> {
  const { bucket } = backendOf(root);
  const stamp = await initialisationStamp(root, bucket);
  const stampFile = join(root.folder, '.terraform', 'plinth-init');
  const done = await readFile(stampFile, 'utf8').catch(() => '');
  if (done === stamp && extra.length === 0) return;
  await removeOverride(root);
  await runInRoot(root, [
    'init',
    '-input=false',
    '-no-color',
    `-backend-config=bucket=${bucket}`,
    ...(extra.length > 0 ? extra : ['-reconfigure']),
  ]);
  await mkdir(join(root.folder, '.terraform'), { recursive: true });
  await writeFile(stampFile, stamp);
}

/** Plans into `plan.bin`; Terraform refreshes what it knows, so drift shows too. */
export async function plan(
  root: Root,
  options: { destroy?: boolean; say?: (detail: string) => void } = {},
): Promise<PlanSummary> {
  const resources: { address: string; type: string; action: string }[] = [];
  const result = await runInRoot(
    root,
    [
      'plan',
      '-json',
      '-input=false',
      '-out=plan.bin',
      '-detailed-exitcode',
      '-lock-timeout=20s',
      ...(options.destroy ? ['-destroy'] : []),
    ],
    {
      accept: [0, 2],
      onEvent: (event) => {
        if (event.type === 'state_lock_acquire') options.say?.('waiting for the lock on the state');
        if (event.type === 'refresh_start') options.say?.(`reading ${event.hook?.resource.addr ?? ''}`);
        if (event.type !== 'planned_change' || !event.change) return;
        const { resource, action } = event.change;
        resources.push({ address: resource.addr, type: resource.resource_type, action });
      },
    },
  );
  const count = (...actions: string[]) => resources.filter(({ action }) => actions.includes(action)).length;
  const summary = {
    stack: root.stack.name,
    add: count('create', 'replace'),
    change: count('update'),
    destroy: count('delete', 'replace'),
    changes: result.code === 2,
    resources,
  };
  await writeFile(join(root.folder, 'plan.json'), JSON.stringify(summary));
  return summary;
}

/** The summary of the saved plan, where there is one. */
export async function savedPlan(folder: string): Promise<PlanSummary | undefined> {
  if (!existsSync(join(folder, 'plan.bin'))) return undefined;
  return JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as PlanSummary;
}

const APPLY_FLAGS = ['-json', '-input=false', '-auto-approve', '-parallelism=30', '-lock-timeout=20s'];

/** Applies `plan.bin`, exactly that, and forgets it. */
export async function applyPlan(root: Root, summary: PlanSummary, say: (detail: string) => void): Promise<void> {
  let done = 0;
  const total = summary.resources.filter(({ action }) => action !== 'noop' && action !== 'read').length;
  const mark = join(root.folder, UNREAD);
  if (summary.add + summary.change > 0) await writeFile(mark, '');
  else await rm(mark, { force: true });
  await runInRoot(root, ['apply', ...APPLY_FLAGS, 'plan.bin'], {
    onEvent: (event) => {
      const address = event.hook?.resource.addr;
      if (event.type === 'apply_start' && address) say(`${done}/${total} ${event.hook?.action} ${address}`);
      if (event.type === 'apply_complete') say(`${++done}/${total} ${address}`);
    },
  });
  await forgetPlan(root.folder);
  await readBack(root);
  say(describePlan(summary));
}

/** There between an apply and the reading of what it made. */
const UNREAD = 'applied-unread';

/**
 * Reads what an apply made into the state, unless that is done: a bucket, say, was read before it had its policy, and would
 * seem to have drifted.
 */
export async function readBack(root: Root): Promise<void> {
  const mark = join(root.folder, UNREAD);
  if (!existsSync(mark)) return;
  await runInRoot(root, ['apply', '-refresh-only', ...APPLY_FLAGS]);
  await rm(mark);
}

export async function forgetPlan(folder: string): Promise<void> {
  await rm(join(folder, 'plan.bin'), { force: true });
  await rm(join(folder, 'plan.json'), { force: true });
}

export const describePlan = ({ add, change, destroy, changes, resources }: PlanSummary): string => {
  if (resources.length === 0) return changes ? 'outputs change' : 'no changes';
  return [add && `${add} to add`, change && `${change} to change`, destroy && `${destroy} to destroy`]
    .filter(Boolean)
    .join(', ');
};

/** What the root's state holds. */
export interface StateContents {
  /** Outputs by name; sensitive ones are left out. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Managed resources. */
  readonly resources: readonly StateResource[];
}

export interface StateResource {
  readonly address: string;
  readonly type: string;
  /** Its attributes, `id` among them. */
  readonly values: { readonly id?: string; readonly [name: string]: unknown };
}

/** Reads the root's state through the engine. */
export async function readState(root: Root): Promise<StateContents> {
  const { output } = await runInRoot(root, ['show', '-json', '-no-color']);
  const { values } = JSON.parse(output || '{}') as {
    values?: {
      outputs?: Record<string, { value: unknown; sensitive: boolean }>;
      root_module?: { resources?: (StateResource & { readonly mode: string })[] };
    };
  };
  const outputs = Object.entries(values?.outputs ?? {}).filter(([, { sensitive }]) => !sensitive);
  return {
    outputs: Object.fromEntries(outputs.map(([name, { value }]) => [name, value])),
    resources: (values?.root_module?.resources ?? []).filter(({ mode }) => mode === 'managed'),
  };
}

const OVERRIDE = 'backend_override.tf.json';

/** Puts the root's state beside it, for as long as the bucket for it does not exist. */
export async function overrideBackend(root: Root): Promise<void> {
  await writeFile(join(root.folder, OVERRIDE), '{"terraform":{"backend":{"local":{}}}}');
  await rm(join(root.folder, '.terraform', 'plinth-init'), { force: true });
  await runInRoot(root, ['init', '-input=false', '-no-color', '-reconfigure']);
}

export async function removeOverride(root: Root): Promise<void> {
  await rm(join(root.folder, OVERRIDE), { force: true });
}

// What decides an initialisation: the engine, the backend and the providers that the root asks for.
async function initialisationStamp(root: Root, bucket: string): Promise<string> {
  const configuration = JSON.parse(await readFile(join(root.folder, 'cdk.tf.json'), 'utf8')) as { terraform: unknown };
  const parts = [root.engine.path, root.engine.version, bucket, configuration.terraform, root.target.endpoint ?? ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
