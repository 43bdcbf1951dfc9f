// What one deployment decides: Terraform's variables, from the environment's file beside the system and from `--var`.
import { existsSync } from 'node:fs';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { OptionSpec } from './command.ts';
import type { Context } from './context.ts';
import { badVariable, unknownVariable } from './errors.ts';
import type { Selection } from './systems.ts';

export const VARIABLE_OPTION = {
  var: {
    type: 'string',
    value: 'NAME=VALUE',
    summary: "a Terraform variable for this run; what lasts is in the system's <environment>.tfvars",
    multiple: true,
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/**
 * Lays variables into the roots' folders, where Terraform finds them by itself: `systems/<system>/<environment>.tfvars`, and
 * after it the values given on the command line. Throws a `UserError` for a variable that no root declares.
 */
export async function writeVariables(
  { system, environment }: Selection,
  folders: readonly string[],
  given: readonly string[],
  { root }: Context,
): Promise<void> {
  const values = given.map(parseVariable);
  const file = join(root, 'systems', system.name, `${environment}.tfvars`);
  const declared = new Map<string, ReadonlySet<string>>();
  for (const folder of folders) declared.set(folder, await declaredIn(folder));
  const known = [...new Set([...declared.values()].flatMap((names) => [...names]))];
  const unknown = values.find(([name]) => !known.includes(name));
  if (unknown) throw unknownVariable(system.name, unknown[0], known);
  for (const [folder, names] of declared) {
    const lasting = join(folder, 'terraform.tfvars');
    if (names.size > 0 && existsSync(file)) await copyFile(file, lasting);
    else await rm(lasting, { force: true });
    const once = join(folder, 'given.auto.tfvars.json');
    const own = values.filter(([name]) => names.has(name));
    if (own.length > 0) await writeFile(once, JSON.stringify(Object.fromEntries(own)));
    else await rm(once, { force: true });
  }
}

async function declaredIn(folder: string): Promise<ReadonlySet<string>> {
  const { variable = {} } = JSON.parse(await readFile(join(folder, 'cdk.tf.json'), 'utf8')) as { variable?: object };
  return new Set(Object.keys(variable));
}

// Lists and maps are written in JSON; of what is left, Terraform makes the variable's type itself.
function parseVariable(text: string): [name: string, value: unknown] {
  const [, name, value] = /^([a-z][\w-]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw badVariable(text);
  if (!/^\s*[[{]/.test(value)) return [name, value];
  try {
    return [name, JSON.parse(value)];
  } catch {
    throw badVariable(text);
  }
}
