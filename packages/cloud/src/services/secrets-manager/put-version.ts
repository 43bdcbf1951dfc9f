// A value put into a secret as a version: under KMS, once for each token, and with its labels.
import type { Call } from '../../kernel/service.ts';
import { alreadyExists } from './errors.ts';
import type { Secret } from './secrets.ts';
import type { SecretsManager } from './service.ts';
import { addVersion, moveStage } from './stages.ts';
import { openValue, sealValue, type Value } from './values.ts';

export interface NewVersion {
  readonly id: string;
  readonly value: Value;
  readonly stages?: readonly string[] | undefined;
}

/** Stores the version and answers its labels. The same value under the same token is the version that there is. */
export async function putVersion(
  { kernel, secrets }: Pick<SecretsManager, 'kernel' | 'secrets'>,
  call: Call,
  before: Secret,
  { id, value, stages }: NewVersion,
): Promise<string[]> {
  const known = before.versions.find((version) => version.id === id);
  if (known?.value) {
    const bytes = await openValue(kernel, call, before, id, known.value);
    if (known.value.form === value.form && bytes.equals(value.bytes)) return known.stages;
    throw inUse(before, id);
  }
  const sealed = await sealValue(kernel, call, before, id, value);
  const secret = secrets.requireLive(call, before.arn);
  const version = secret.versions.find((each) => each.id === id);
  if (version?.value) throw inUse(before, id);
  if (version) {
    version.value = sealed;
    for (const stage of stages ?? []) moveStage(secret, stage, version);
  } else {
    addVersion(secret, { id, createdAt: call.now, value: sealed, stages: [] }, stages);
  }
  secret.changedAt = call.now;
  secrets.save(secret);
  return secret.versions.find((each) => each.id === id)!.stages;
}

const inUse = ({ arn }: Secret, id: string) =>
  alreadyExists(
    `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${arn}.`,
  );
