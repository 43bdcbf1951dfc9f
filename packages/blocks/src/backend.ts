// Where a stack's state lives, said for whoever has to tell Terraform: the CLI, another phase's `backend.tf`.
import { requireEnvironment, withAccount, type System } from './system.ts';

export interface BackendConfig {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  /** The lock table. */
  readonly table: string;
}

/** Which engine runs the root; decides what its backend understands. */
export interface Engine {
  readonly name: 'terraform' | 'tofu';
  readonly version: string;
}

export interface BackendRequest {
  /** A stack of the system, or any other phase that keeps its state there, e.g. `phase-6-multi-agent`. */
  readonly stack: string;
  readonly account: string;
  /** @default the system's default environment */
  readonly environment?: string;
}

/** The S3 backend of a stack, with the account's real bucket name. */
export function backendConfig(system: System, { stack, account, environment }: BackendRequest): BackendConfig {
  return {
    bucket: withAccount(system.state.bucket, account),
    key: stateKey(system, stack, environment),
    region: system.region,
    table: system.state.table,
  };
}

/**
 * A stack's key in the state bucket. Environments share the bucket, so each but an only one has its own prefix; the
 * bucket's own state is there once, for all of them.
 */
export function stateKey(system: System, stack: string, environment?: string): string {
  const known = system.stacks.find((definition) => definition.name === stack);
  const key = known?.key ?? `${stack}/terraform.tfstate`;
  return system.environments.length === 1 || known?.backend === true
    ? key
    : `${requireEnvironment(system, environment)}/${key}`;
}

/**
 * Whether the engine's S3 backend knows `use_lockfile`, which Terraform and OpenTofu have since 1.10.
 * https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
 */
export function knowsLockfile(engine: Engine | undefined): boolean {
  const [major = 0, minor = 0] = (engine?.version ?? '').split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 10);
}

/** The text of a `backend.tf` that keeps another Terraform root's state beside the system's own. */
export function backendFile(config: BackendConfig, engine?: Engine): string {
  const settings: readonly [string, string][] = [
    ['bucket', JSON.stringify(config.bucket)],
    ['key', JSON.stringify(config.key)],
    ['region', JSON.stringify(config.region)],
    ['dynamodb_table', JSON.stringify(config.table)],
    ['encrypt', 'true'],
    ...(knowsLockfile(engine) ? [['use_lockfile', 'true'] as [string, string]] : []),
  ];
  const width = Math.max(...settings.map(([name]) => name.length));
  const lines = settings.map(([name, value]) => `    ${name.padEnd(width)} = ${value}`);
  return ['terraform {', '  backend "s3" {', ...lines, '  }', '}', ''].join('\n');
}
