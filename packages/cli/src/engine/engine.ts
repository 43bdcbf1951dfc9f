// Which Terraform (or OpenTofu) runs, and the environment it gets: ours, whole.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { brokenEngine, oldEngine } from '../errors.ts';
import { fetchOpentofu, opentofuFolder } from './opentofu.ts';

export interface Engine {
  readonly path: string;
  readonly name: 'terraform' | 'tofu';
  /** E.g. `1.11.4`. */
  readonly version: string;
}

/** Minor versions of 1 from which on each engine can do what Plinth asks of it. */
const OLDEST = { terraform: 5, tofu: 6 };

/** PLINTH_ENGINE, or terraform or tofu on PATH, or else an OpenTofu that is fetched into `toolchain`; with its version. */
export async function findEngine(
  variables: Readonly<Record<string, string | undefined>>,
  toolchain: string,
  say: (detail: string) => void,
): Promise<Engine> {
  let path = variables['PLINTH_ENGINE'] ?? (await findOnPath(['terraform', 'tofu'], variables['PATH'] ?? ''));
  if (!path) {
    say('no terraform or tofu on PATH: fetching OpenTofu');
    path = await fetchOpentofu(toolchain, variables);
  }
  const env = engineEnvironment(variables, {});
  const { stdout } = await promisify(execFile)(path, ['version'], { env }).catch((error: NodeJS.ErrnoException) => {
    throw brokenEngine(path, error.code === 'ENOENT' ? 'there is no such file' : error.message.trim());
  });
  const [, brand, version = ''] = /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+)/m.exec(stdout) ?? [];
  const name = brand === 'OpenTofu' ? 'tofu' : 'terraform';
  if (!atLeast(version, OLDEST[name])) throw oldEngine(path, version || stdout.split('\n')[0] || 'unknown');
  return { path, name, version };
}

/** A PATH on which `terraform` or `tofu` is the engine that {@link findEngine} finds, fetched by now or later. */
export function enginePath(variables: Readonly<Record<string, string | undefined>>, toolchain: string): string {
  const { PLINTH_ENGINE: chosen, PATH: path } = variables;
  return [chosen && dirname(chosen), path, opentofuFolder(toolchain)].filter(Boolean).join(delimiter);
}

/**
 * The environment for the engine: the user's without any `TF_…` variable, because a stray TF_CLI_ARGS, TF_DATA_DIR or
 * TF_CLI_CONFIG_FILE would change what a command means, and with what this run needs.
 */
export function engineEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  own: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const kept = Object.entries(variables).filter(([name]) => !name.startsWith('TF_') || KEPT.has(name));
  return {
    ...Object.fromEntries(kept),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    // Terraform reads ~/.terraformrc where nothing is named: an empty file is what keeps a run the same everywhere.
    TF_CLI_CONFIG_FILE: '/dev/null',
    ...own,
  };
}

// What a person debugging Terraform sets on purpose.
const KEPT = new Set(['TF_LOG', 'TF_LOG_PATH', 'TF_LOG_CORE', 'TF_LOG_PROVIDER']);

async function findOnPath(names: readonly string[], path: string): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of path.split(delimiter).filter((part) => part !== '')) {
      const candidate = join(folder, name);
      const runs = await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return candidate;
    }
  }
  return undefined;
}

function atLeast(version: string, oldestMinor: number): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || (major === 1 && minor >= oldestMinor);
}
