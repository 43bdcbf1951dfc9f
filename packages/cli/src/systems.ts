// The systems beside this command: one folder each under `systems/`, declared in its `system.ts`.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { EnvironmentName, StackDefinition, System } from '@plinth/blocks';

import type { Context } from './context.ts';
import { whichSystem, unknownEnvironment, unknownStack, unknownSystem } from './errors.ts';

export interface Selection {
  readonly system: System;
  readonly environment: EnvironmentName;
  /** The stacks that the command is about, in the order in which they are applied. */
  readonly stacks: readonly [StackDefinition, ...StackDefinition[]];
}

/** The names of all systems, without loading one. */
export async function systemNames({ root }: Context): Promise<string[]> {
  const entries = await readdir(join(root, 'systems'), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'systems', entry.name, 'system.ts')))
    .map((entry) => entry.name)
    .toSorted();
}

/** What `<system> [stack]` and `--env` name; throws an error that lists what there is. */
export async function selectSystem(
  args: readonly string[],
  env: string | boolean | undefined,
  context: Context,
): Promise<Selection> {
  const names = await systemNames(context);
  const [name = names.length === 1 ? names[0] : undefined, stackName] = args;
  if (name === undefined) throw whichSystem(names);
  if (!names.includes(name)) throw unknownSystem(name, names);
  const module = (await import(pathToFileURL(join(context.root, 'systems', name, 'system.ts')).href)) as {
    system: System;
  };
  const { system } = module;
  const environment = system.environments.find((known) => known === (env ?? system.defaultEnvironment));
  if (!environment) throw unknownEnvironment(name, String(env), system.environments);
  const [first, ...rest] = system.stacks.filter((stack) => stackName === undefined || stack.name === stackName);
  if (!first)
    throw unknownStack(
      name,
      stackName ?? '',
      system.stacks.map((stack) => stack.name),
    );
  return { system, environment, stacks: [first, ...rest] };
}

/** How the command line names a selection: with its environment, where that is not the default. */
export const nameOf = ({ system, environment }: Selection): string =>
  environment === system.defaultEnvironment ? system.name : `${system.name} --env ${environment}`;
