// The end of a root: what would be lost, and the destruction itself; the backend's root takes its state out first.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { moveStateHome } from './bootstrap.ts';
import { deletionProtected } from './errors.ts';
import { applyPlan, backendOf, initialise, plan, readState, type PlanSummary, type Root } from './root.ts';
import { sdkConfiguration } from './sdk.ts';
import type { Target } from './target.ts';

export interface DestroyPlan {
  readonly addresses: readonly string[];
  /** One sentence for each thing whose contents go with it. */
  readonly losses: readonly string[];
  /** Buckets that AWS would not delete before they are empty. */
  readonly buckets: readonly string[];
  readonly summary: PlanSummary;
}

/** What holds data that nothing brings back. */
const STATEFUL: Readonly<Record<string, string>> = {
  aws_s3_bucket: 'with every object and version in it',
  aws_dynamodb_table: 'with every item in it',
  aws_cloudwatch_log_group: 'with its log events',
};

export async function planDestroy(root: Root, say: (detail: string) => void): Promise<DestroyPlan> {
  if (root.stack.backend) {
    say('taking the state out of the bucket that goes');
    await moveStateHome(root);
  } else {
    await initialise(root);
  }
  const summary = await plan(root, { destroy: true, say });
  const { resources } = await readState(root);
  const losses = resources.flatMap(({ address, type, values: { id = '' } }) =>
    STATEFUL[type] ? [`${address} (${id}) goes, ${STATEFUL[type]}`] : [],
  );
  say(`${summary.destroy} to destroy`);
  return {
    addresses: summary.resources.map(({ address }) => address),
    losses,
    buckets: resources.flatMap(({ type, values: { id = '' } }) => (type === 'aws_s3_bucket' ? [id] : [])),
    summary,
  };
}

/** Refuses to begin where AWS would refuse in the middle, when half of the system is gone: at tables that are protected. */
export async function requireUnprotected(roots: readonly Root[]): Promise<void> {
  for (const root of roots) {
    await initialise(root);
    const { resources } = await readState(root);
    const kept = resources.filter(
      ({ type, values }) => type === TABLE && values['deletion_protection_enabled'] === true,
    );
    const [first] = kept;
    if (!first) continue;
    const { system, environment } = root.selection;
    const tables = kept.map(({ address, values: { id = address } }) => id);
    throw deletionProtected(
      { system: system.name, environment },
      { tables, variable: await protectingVariable(root, first.address) },
    );
  }
}

const TABLE = 'aws_dynamodb_table';

async function protectingVariable(root: Root, address: string): Promise<string | undefined> {
  const { resource } = JSON.parse(await readFile(join(root.folder, 'cdk.tf.json'), 'utf8')) as {
    resource?: Record<string, Record<string, { deletion_protection_enabled?: unknown }>>;
  };
  const value = resource?.[TABLE]?.[address.slice(TABLE.length + 1)]?.deletion_protection_enabled;
  return /^\$\{var\.([\w-]+)\}$/.exec(String(value))?.[1];
}

/** Empties the buckets, applies the plan, and forgets the state. Whoever calls this has asked before, and named the losses. */
export async function destroyRoot(
  root: Root,
  { summary, buckets }: DestroyPlan,
  say: (detail: string) => void,
): Promise<void> {
  for (const bucket of buckets) {
    say(`emptying ${bucket}`);
    await emptyBucket(root.target, bucket);
  }
  await applyPlan(root, summary, say);
  if (!root.stack.backend) await forgetState(root);
}

// An empty state would say that the environment is still there. The bucket keeps its earlier versions.
async function forgetState(root: Root): Promise<void> {
  const { bucket, key, table } = backendOf(root);
  const { DeleteObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { DeleteItemCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const s3 = new S3Client(sdkConfiguration(root.target));
  const dynamodb = new DynamoDBClient(sdkConfiguration(root.target));
  try {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    // Terraform's digest of the state: it would refuse to go on without the state that it speaks of.
    const digest = { LockID: { S: `${bucket}/${key}-md5` } };
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: digest }));
  } finally {
    s3.destroy();
    dynamodb.destroy();
  }
}

async function emptyBucket(target: Target, bucket: string): Promise<void> {
  const { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client(sdkConfiguration(target));
  try {
    // Each page that is deleted makes the next one the first.
    for (;;) {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
      const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      if (found.length === 0) return;
      const Objects = found.map(({ Key, VersionId }) => ({ Key, VersionId }));
      const { Errors } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors ?? [];
      if (first) throw new Error(`${bucket}/${first.Key}: ${first.Code} ${first.Message}`);
    }
  } finally {
    client.destroy();
  }
}
