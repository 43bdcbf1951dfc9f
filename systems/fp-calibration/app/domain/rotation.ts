// The four steps in which Secrets Manager has a new salt made, and how the salt before it goes.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
import { createHash } from 'node:crypto';

import { SALT, type SaltValue } from '../../contract.ts';
import { hashOrganization, readSalt } from './anonymize.ts';

export const ROTATION_STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export type RotationStep = (typeof ROTATION_STEPS)[number];

export interface SecretVersions {
  /** The value of a version, where it has one yet. */
  value(secretId: string, version: { readonly id: string } | { readonly stage: string }): Promise<string | undefined>;
  /** Labels by version. */
  stages(secretId: string): Promise<ReadonlyMap<string, readonly string[]>>;
  put(secretId: string, token: string, value: string): Promise<void>;
  makeCurrent(secretId: string, token: string, instead: string | undefined): Promise<void>;
}

export interface RotationCall {
  readonly step: RotationStep;
  readonly secretId: string;
  /** The new version's id. */
  readonly token: string;
  readonly now: number;
  /** As many bytes as asked for. */
  readonly randomBytes: (count: number) => Buffer;
}

/** One step. Each may come again with the same token: it then finds its work done. True where the salt became current by it. */
export async function rotate(versions: SecretVersions, call: RotationCall): Promise<boolean> {
  const stages = await versions.stages(call.secretId);
  if (stages.get(call.token)?.includes('AWSCURRENT')) return false;
  switch (call.step) {
    case 'createSecret':
      await create(versions, call);
      return false;
    case 'setSecret':
      // Nothing but this secret knows the salt.
      return false;
    case 'testSecret':
      await test(versions, call);
      return false;
    case 'finishSecret': {
      const [current] = [...stages].find(([, labels]) => labels.includes('AWSCURRENT')) ?? [];
      await versions.makeCurrent(call.secretId, call.token, current);
      return true;
    }
  }
}

async function create(versions: SecretVersions, { secretId, token, now, randomBytes }: RotationCall): Promise<void> {
  if ((await versions.value(secretId, { id: token })) !== undefined) return;
  const rotatedAt = new Date(now).toISOString();
  // The day for people; the token, which no other rotation has, so that no two salts share an epoch.
  const epoch = `${rotatedAt.slice(0, 10)}-${createHash('sha256').update(token).digest('hex').slice(0, 8)}`;
  const value: SaltValue = { salt: randomBytes(SALT.hexDigits / 2).toString('hex'), epoch, rotatedAt };
  await versions.put(secretId, token, JSON.stringify(value));
}

/** What the test hashes; no organization. */
const FIXTURE = 'fixture of the rotation';

async function test(versions: SecretVersions, { secretId, token }: RotationCall): Promise<void> {
  const salt = readSalt(await versions.value(secretId, { id: token }));
  const hash = hashOrganization(salt, FIXTURE);
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('The new salt does not hash');
  const current = await versions.value(secretId, { stage: 'AWSCURRENT' });
  if (current === undefined) return;
  if (hash === hashUnder(current)) throw new Error('The new salt is the old one');
}

// A current value that is no salt is what the rotation is to end.
function hashUnder(value: string): string | undefined {
  try {
    return hashOrganization(readSalt(value), FIXTURE);
  } catch {
    return undefined;
  }
}

export interface LabelledSecret {
  /** Versions with their labels and when they were made, in milliseconds. */
  versions(secretId: string): Promise<readonly { id: string; stages: readonly string[]; createdAt: number }[]>;
  /** Takes a version its last label: then no role of this system can read it any more. */
  forget(secretId: string, versionId: string): Promise<void>;
}

/** Takes the previous salt away once the current one has served long enough. How old that is, and whether one went. */
export async function retire(
  secret: LabelledSecret,
  secretId: string,
  now: number,
): Promise<{ readonly ageHours: number | undefined; readonly retired: boolean }> {
  const versions = await secret.versions(secretId);
  const current = versions.find(({ stages }) => stages.includes('AWSCURRENT'));
  const previous = versions.find(({ stages }) => stages.includes('AWSPREVIOUS'));
  if (!current) return { ageHours: undefined, retired: false };
  const age = now - current.createdAt;
  const retired = previous !== undefined && age >= SALT.previousSeconds * 1_000;
  if (retired) await secret.forget(secretId, previous.id);
  return { ageHours: age / 3_600_000, retired };
}
