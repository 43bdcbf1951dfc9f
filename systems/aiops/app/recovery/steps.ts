// The steps of a recovery build. Each observes, says what it saw, and leaves what the next one needs in the build's folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { findLosses, type Loss } from './backups.ts';
import { ENGINE, ensureEngine } from './engine.ts';
import { Failure } from './failure.ts';
import { guard, type Decision } from './guard.ts';
import type { Inputs } from './inputs.ts';
import { folderOf, pointerKey, readPointer, unpackRoot, type LastKnownGood } from './last-known-good.ts';
import { describeLock, findLock } from './lock.ts';
import type { Plan } from './plan.ts';
import { describeDecision, describeLosses } from './report.ts';

/** What one step leaves for the next. */
const FILES = {
  root: 'recovery-root.json',
  backend: 'recovery.s3.tfbackend',
  plan: 'plan.json',
  decision: 'decision.json',
};

/** install: finds the root to restore, and the engine that applied it. */
export async function engine(inputs: Inputs): Promise<void> {
  const root = await findRoot(inputs);
  say(
    `Restoring ${inputs.system}/${inputs.environment}/${inputs.stack} to the root ${root.digest.slice(0, 12)},`,
    `applied ${root.appliedAt} by ${root.engine.name} ${root.engine.version}.`,
  );
  const from = await ensureEngine(root.engine.name, process.env['PATH'] ?? '');
  say(`Engine: ${root.engine.name} from ${from}`);
  writeJson(FILES.root, root);
}

/** pre_build: unpacks that root here, and writes the backend's settings for this build. */
export async function fetchRoot(inputs: Inputs): Promise<void> {
  const root = readJson<LastKnownGood>(FILES.root);
  const files = unpackRoot(await readObject(inputs, root.key), root, inputs);
  for (const [path, bytes] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const { stateBucket, lockTable, endpoint } = inputs;
  const settings = [`bucket = "${stateBucket}"`, `dynamodb_table = "${lockTable}"`];
  // Another endpoint than AWS's seldom has a host name for each bucket.
  if (endpoint !== undefined) settings.push('use_path_style = true');
  writeFileSync(FILES.backend, `${settings.join('\n')}\n`);
  say(
    `Fetched ${files.size} files, SHA-256 ${root.digest}.`,
    `State: s3://${stateBucket}/${root.backend.key}, locked in ${lockTable}.`,
  );
}

/** build: says who holds the state's lock before Terraform starts to wait for it. */
export async function reportLock(inputs: Inputs): Promise<void> {
  const { backend } = readJson<LastKnownGood>(FILES.root);
  const { lockTable: table, stateBucket: bucket, lockTimeout } = inputs;
  say(...describeLock(await findLock({ table, bucket, key: backend.key }, dynamodb()), lockTimeout));
}

/** build: decides whether the plan may be applied, and says what it will bring back and what not. */
export async function guardPlan(inputs: Inputs): Promise<void> {
  const plan = readJson<Plan>(FILES.plan);
  // A plan's JSON carries sensitive values in clear.
  rmSync(FILES.plan);
  const { resourceType, maxChanges, stateBucket, lockTable, artifactsBucket } = inputs;
  const envelope = { resourceType, maxChanges, plane: [stateBucket, lockTable, artifactsBucket] };
  const decision = guard(plan, envelope);
  const losses = decision.verdict === 'restore' ? await findLosses(decision.emptied, dynamodb()) : [];
  say(...describeDecision(decision, losses, envelope));
  writeJson(FILES.decision, { decision, losses });
  if (decision.verdict === 'refused') {
    throw new Failure(`the plan for ${resourceType} is outside of what recovery may do`, 'See the reasons above.');
  }
}

/** post_build: the next plan has to be empty; anything else is no recovery. Keeps a record either way. */
export async function verify(inputs: Inputs): Promise<void> {
  const known = existsSync(FILES.decision)
    ? readJson<{ decision: Decision; losses: Loss[] }>(FILES.decision)
    : undefined;
  const built = process.env['CODEBUILD_BUILD_SUCCEEDING'] !== '0' && known !== undefined;
  const agrees = built && planIsEmpty(inputs);
  const outcome = agrees ? 'restored' : built ? 'not-verified' : 'failed';
  await keepRecord(inputs, { outcome, ...known });
  if (!built) throw new Failure('the build failed before anything could be verified', 'See the errors above.');
  if (!agrees) throw new Failure('the infrastructure still differs from its root', 'See the plan above.');
  say(
    `Recovery complete: ${known.decision.changes.length} restored, and the next plan is empty.`,
    ...describeLosses(known.losses),
  );
}

function planIsEmpty({ lockTimeout }: Inputs): boolean {
  const args = ['plan', '-no-color', '-detailed-exitcode', `-lock-timeout=${lockTimeout}`];
  say(`Verifying: terraform ${args.join(' ')}`);
  const { status, error } = spawnSync(ENGINE, args, { stdio: 'inherit' });
  if (error) throw error;
  return status === 0;
}

async function findRoot(inputs: Inputs): Promise<LastKnownGood> {
  const key = pointerKey(inputs);
  const text = await readObject(inputs, key).catch((error: unknown) => {
    if (!(error instanceof NoSuchKey)) throw error;
    throw new Failure(
      `there is no last known good root: s3://${inputs.artifactsBucket}/${key} does not exist`,
      `Apply the stack once: plinth apply ${inputs.system} --env ${inputs.environment}.`,
    );
  });
  return readPointer(Buffer.from(text).toString('utf8'), inputs);
}

async function keepRecord(inputs: Inputs, result: object): Promise<void> {
  const { artifactsBucket: bucket, correlationId, resourceType, buildId } = inputs;
  const key = `${folderOf(inputs).replace(/^roots/, 'records')}/${correlationId}/${buildId.replaceAll(':', '-')}.json`;
  const root = existsSync(FILES.root) ? readJson<LastKnownGood>(FILES.root).digest : undefined;
  const record = { correlationId, resourceType, buildId, root, at: new Date().toISOString(), ...result };
  const body = `${JSON.stringify(record, null, 2)}\n`;
  await s3(inputs).send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }),
  );
  say(`Record: s3://${bucket}/${key}`);
}

async function readObject(inputs: Inputs, key: string): Promise<Uint8Array> {
  const { Body } = await s3(inputs).send(new GetObjectCommand({ Bucket: inputs.artifactsBucket, Key: key }));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

const s3 = ({ endpoint }: Inputs): S3Client => new S3Client({ forcePathStyle: endpoint !== undefined });

const dynamodb = (): DynamoDBClient => new DynamoDBClient();

const say = (...lines: readonly string[]): void => lines.forEach((line) => console.log(line));

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

const writeJson = (file: string, value: object): void => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
