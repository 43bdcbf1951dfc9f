// The chicken and the egg: the bucket and table for Terraform's state are made by Terraform, which keeps its state beside
// the root until the bucket is there, and then moves it in. Interrupted anywhere, it finishes when it is run again.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { EnvironmentName } from '@plinth/blocks';

import {
  applyPlan,
  backendOf,
  initialise,
  overrideBackend,
  plan,
  removeOverride,
  runInRoot,
  readState,
  type Root,
} from './root.ts';
import { sdkConfiguration } from './sdk.ts';
import type { Target } from './target.ts';

export interface BootstrapAnswer {
  readonly bucket: string;
  readonly table: string;
  readonly key: string;
  /** False where everything was there already. */
  readonly created: boolean;
}

/** Makes sure that the state bucket and lock table exist and keep their own state, and initialises the root there. */
export async function bootstrap(root: Root, say: (detail: string) => void): Promise<BootstrapAnswer> {
  const { target } = root;
  const where = backendOf(root);
  const answer = { bucket: where.bucket, table: where.table, key: where.key };
  const localState = join(root.folder, 'terraform.tfstate');
  if (await objectExists(target, where.bucket, where.key)) {
    await initialise(root);
    await rm(localState, { force: true });
    return { ...answer, created: false };
  }
  say('the state of the state: beside its root, for now');
  await overrideBackend(root);
  await adopt(root, where, say);
  const summary = await plan(root, { say });
  await applyPlan(root, summary, say);
  say(`moving the state to s3://${where.bucket}/${where.key}`);
  await removeOverride(root);
  await initialise(root, ['-migrate-state', '-force-copy']);
  await rm(localState, { force: true });
  await rm(`${localState}.backup`, { force: true });
  return { ...answer, created: true };
}

/** True where the root's state is in its bucket. */
export function stateExists(root: Root): Promise<boolean> {
  const { bucket, key } = backendOf(root);
  return objectExists(root.target, bucket, key);
}

/** True where any of the roots has a state; the bucket's own, which environments share, tells only of itself. */
export async function isDeployed(roots: readonly Root[]): Promise<boolean> {
  const own = roots.filter(({ stack, selection: { system } }) => !stack.backend || system.environments.length === 1);
  const states = await Promise.all((own.length > 0 ? own : roots).map(stateExists));
  return states.includes(true);
}

/** The environments, besides the root's own, that keep a state in its bucket. */
export async function otherEnvironments(root: Root): Promise<EnvironmentName[]> {
  const { system, environment } = root.selection;
  const found: EnvironmentName[] = [];
  for (const other of system.environments.filter((each) => each !== environment)) {
    const selection = { ...root.selection, environment: other };
    const roots = system.stacks.filter((stack) => !stack.backend).map((stack) => ({ ...root, stack, selection }));
    if (await isDeployed(roots)) found.push(other);
  }
  return found;
}

/** The way back, before the bucket itself is destroyed: the state comes to lie beside its root. */
export async function moveStateHome(root: Root): Promise<void> {
  await initialise(root);
  const { output } = await runInRoot(root, ['state', 'pull']);
  await writeFile(join(root.folder, 'terraform.tfstate'), output, { mode: 0o600 });
  await overrideBackend(root);
}

// What an interrupted run made before Terraform wrote it down is imported: nothing is left behind, nothing made twice.
async function adopt(
  root: Root,
  where: { bucket: string; table: string },
  say: (detail: string) => void,
): Promise<void> {
  const known = (await readState(root)).resources.map(({ address }) => address);
  const configuration = JSON.parse(await readFile(join(root.folder, 'cdk.tf.json'), 'utf8')) as {
    resource: Record<string, Record<string, unknown>>;
  };
  const made = [
    { type: 'aws_s3_bucket', id: where.bucket, exists: () => bucketExists(root.target, where.bucket) },
    { type: 'aws_dynamodb_table', id: where.table, exists: () => tableExists(root.target, where.table) },
  ];
  for (const { type, id, exists } of made) {
    for (const name of Object.keys(configuration.resource[type] ?? {})) {
      const address = `${type}.${name}`;
      if (known.includes(address) || !(await exists())) continue;
      say(`adopting ${id}, which an earlier run made`);
      await runInRoot(root, ['import', '-input=false', '-no-color', address, id]);
    }
  }
}

async function objectExists(target: Target, bucket: string, key: string): Promise<boolean> {
  const { HeadObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client(sdkConfiguration(target));
  return found(client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).finally(() => client.destroy());
}

async function bucketExists(target: Target, bucket: string): Promise<boolean> {
  const { HeadBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client(sdkConfiguration(target));
  return found(client.send(new HeadBucketCommand({ Bucket: bucket }))).finally(() => client.destroy());
}

async function tableExists(target: Target, table: string): Promise<boolean> {
  const { DescribeTableCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const client = new DynamoDBClient(sdkConfiguration(target));
  return found(client.send(new DescribeTableCommand({ TableName: table }))).finally(() => client.destroy());
}

const MISSING = new Set(['NotFound', 'NoSuchKey', 'NoSuchBucket', 'ResourceNotFoundException']);

const found = (answer: Promise<unknown>): Promise<boolean> =>
  answer.then(
    () => true,
    (error: Error) => {
      if (MISSING.has(error.name)) return false;
      throw error;
    },
  );
