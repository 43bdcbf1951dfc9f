// A system's units: its functions, its builds and its log groups, by the short names that they have in their stacks.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Context } from './context.ts';
import type { StateResource } from './root.ts';

export type UnitKind = 'function' | 'build' | 'log group';

export interface Unit {
  /** Its name in the stack, e.g. `ingest`; its own one where two units would have the same. */
  readonly name: string;
  readonly kind: UnitKind;
  /** Its name in AWS. */
  readonly fullName: string;
  /** The log group that it writes to. */
  readonly logGroup: string;
}

const KINDS: Readonly<Record<string, UnitKind>> = {
  aws_lambda_function: 'function',
  aws_codebuild_project: 'build',
  aws_cloudwatch_log_group: 'log group',
};

/** What runs, and then the log groups that none of it writes to. */
export function unitsOf(resources: readonly StateResource[]): Unit[] {
  const all = Object.entries(KINDS).flatMap(([type, kind]) =>
    resources
      .filter((resource) => resource.type === type)
      .map(({ address, values }) => unitOf(kind, shortName(address), values)),
  );
  const written = new Set(all.flatMap(({ kind, logGroup }) => (kind === 'log group' ? [] : [logGroup])));
  const units = all.filter(({ kind, logGroup }) => kind !== 'log group' || !written.has(logGroup));
  return units.map((unit, index) =>
    units.slice(0, index).some(({ name }) => name === unit.name) ? { ...unit, name: unit.fullName } : unit,
  );
}

/** The unit with that name, short or full. Terraform writes `rotate_salt` where the code says `rotate-salt`. */
export const findUnit = (units: readonly Unit[], name: string): Unit | undefined =>
  units.find((unit) => unit.name === name) ??
  units.find((unit) => unit.name === name.replaceAll('-', '_')) ??
  units.find(({ fullName, logGroup }) => [fullName, logGroup].includes(name));

/**
 * Short names of the units of the roots that were last written for a system, on whatever target: a guess that is quick
 * enough for a shell's completion, without asking the engine.
 */
export async function writtenUnitNames(
  { home }: Context,
  system: string,
  kinds: readonly UnitKind[],
): Promise<string[]> {
  const folder = join(home, 'roots');
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const names = new Set<string>();
  for (const file of files) {
    const [, ofSystem, , , name] = file.split('/');
    if (ofSystem !== system || name !== 'cdk.tf.json') continue;
    const { resource = {} } = JSON.parse(withGroupNames(await readFile(join(folder, file), 'utf8'))) as Configuration;
    const resources = Object.entries(resource).flatMap(([type, bodies]) =>
      Object.entries(bodies).map(([label, values]) => ({ type, address: `${type}.${label}`, values })),
    );
    for (const unit of unitsOf(resources)) if (kinds.includes(unit.kind)) names.add(unit.name);
  }
  return [...names].toSorted();
}

interface Configuration {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, StateResource['values']>>>>;
}

/** A configuration with the names of log groups where it refers to them. */
function withGroupNames(text: string): string {
  const groups = (JSON.parse(text) as Configuration).resource?.['aws_cloudwatch_log_group'] ?? {};
  return Object.entries(groups).reduce(
    (filled, [label, { name }]) => filled.replaceAll(`\${aws_cloudwatch_log_group.${label}.name}`, String(name)),
    text,
  );
}

function unitOf(kind: UnitKind, name: string, values: StateResource['values']): Unit {
  switch (kind) {
    case 'function': {
      const fullName = String(values['function_name']);
      const [logging] = blocks<{ log_group?: string }>(values['logging_config']);
      return { name, kind, fullName, logGroup: logging?.log_group || `/aws/lambda/${fullName}` };
    }
    case 'build': {
      const fullName = String(values['name']);
      const [logs] = blocks<{ cloudwatch_logs?: unknown }>(values['logs_config']);
      const [group] = blocks<{ group_name?: string }>(logs?.cloudwatch_logs);
      return { name, kind, fullName, logGroup: group?.group_name || `/aws/codebuild/${fullName}` };
    }
    case 'log group': {
      const fullName = String(values['name']);
      return { name, kind, fullName, logGroup: fullName };
    }
  }
}

/** A block as a state has it, in a list, or as a configuration may write it, by itself. */
const blocks = <T>(value: unknown): T[] => [value ?? []].flat() as T[];

/** `aws_lambda_function.ingest["eu"]` → `ingest["eu"]`. */
const shortName = (address: string): string => address.slice(address.indexOf('.') + 1);
