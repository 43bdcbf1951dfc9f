// From a system's declaration to Terraform roots on disk: the same bytes for the same declaration, on every machine.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { TerraformResource, TerraformDataSource } from 'cdktn';

import { knowsLockfile, stateKey, type Engine } from './backend.ts';
import { addressTaken } from './errors.ts';
import { Stack } from './stack.ts';
import { requireEnvironment, type EnvironmentName, type StackDefinition, type System } from './system.ts';

export interface SynthesizedStack {
  readonly name: string;
  /** The state's key in the state bucket. */
  readonly key: string;
  /** True for the stack that holds the state bucket itself. */
  readonly isBackend: boolean;
  /** The folder of the Terraform root. */
  readonly dir: string;
}

export interface SynthesizeOptions {
  /** The engine that will run the roots; without it the backend uses what every supported engine knows. */
  readonly engine?: Engine | undefined;
}

/** A value as JSON has it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * Writes each stack of a system to `<outDir>/<system>/<environment>/<stack>/` as `cdk.tf.json` and `assets/`, and answers
 * them in the order in which they are applied. What Terraform keeps in those folders stays; assets no longer used go.
 */
export async function synthesize(
  system: System,
  environment: string | undefined,
  outDir: string,
  options: SynthesizeOptions = {},
): Promise<SynthesizedStack[]> {
  const name = requireEnvironment(system, environment);
  const written: SynthesizedStack[] = [];
  for (const definition of system.stacks) {
    const dir = join(outDir, system.name, name, definition.name);
    await writeRoot(dir, await renderStack(system, name, definition, options));
    const key = stateKey(system, definition.name, name);
    written.push({ name: definition.name, key, isBackend: definition.backend ?? false, dir });
  }
  return written;
}

// The state bucket is one for all environments: it is kept as the strictest of them is, whichever is applied.
const backendEnvironment = ({ environments, defaultEnvironment }: System): EnvironmentName =>
  environments.includes('production') ? 'production' : defaultEnvironment;

/** One stack as the files of its Terraform root, by path. */
export async function renderStack(
  system: System,
  environment: EnvironmentName,
  definition: StackDefinition,
  { engine }: SynthesizeOptions = {},
): Promise<Map<string, Uint8Array>> {
  const stack = new Stack({
    system,
    environment: definition.backend ? backendEnvironment(system) : environment,
    name: definition.name,
  });
  await definition.build(stack);
  const configuration = terraformOf(stack);
  const root = {
    ...configuration,
    terraform: {
      ...(configuration['terraform'] as Record<string, Json>),
      backend: {
        s3: {
          key: stateKey(system, definition.name, environment),
          region: system.region,
          encrypt: true,
          dynamodb_table: system.state.table,
          ...(knowsLockfile(engine) && { use_lockfile: true }),
        },
      },
    },
  };
  const files = new Map(stack.assets);
  files.set('cdk.tf.json', Buffer.from(`${JSON.stringify(sorted(root), null, 2)}\n`));
  return files;
}

/** A stack's Terraform configuration, without a backend and without cdktn's notes to itself. */
export function terraformOf(stack: Stack): { readonly [name: string]: Json } {
  refuseSharedAddresses(stack);
  stack.prepareStack();
  stack.runAllValidations();
  const { terraform, ...rest } = withoutComments(stack.toTerraform()) as Record<string, Json>;
  const { backend: _local, ...settings } = terraform as Record<string, Json>;
  return { ...rest, terraform: settings };
}

// cdktn merges what has one address into one resource, silently.
function refuseSharedAddresses(stack: Stack): void {
  const seen = new Map<string, string>();
  for (const { node, address } of stack.node.findAll().flatMap(addressOf)) {
    const other = seen.get(address);
    if (other !== undefined) throw addressTaken(address, [other, node]);
    seen.set(address, node);
  }
}

function addressOf(element: unknown): { node: string; address: string }[] {
  if (element instanceof TerraformResource || element instanceof TerraformDataSource) {
    const kind = element instanceof TerraformDataSource ? 'data.' : '';
    return [
      { node: element.node.path, address: `${kind}${element.terraformResourceType}.${element.friendlyUniqueId}` },
    ];
  }
  return [];
}

function withoutComments(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== '//')
      .map(([name, each]) => [name, withoutComments(each)]),
  );
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}

async function writeRoot(dir: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const stale of await staleAssets(dir, files)) await rm(join(dir, stale), { recursive: true });
  for (const [path, bytes] of files) {
    const file = join(dir, path);
    if (await holds(file, bytes)) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

async function staleAssets(dir: string, files: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const assets = join(dir, 'assets');
  const present = existsSync(assets) ? await readdir(assets) : [];
  return present.map((name) => `assets/${name}`).filter((path) => !files.has(path));
}

const holds = async (file: string, bytes: Uint8Array): Promise<boolean> =>
  existsSync(file) && (await readFile(file)).equals(bytes);
