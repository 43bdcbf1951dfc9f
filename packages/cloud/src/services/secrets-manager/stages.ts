// Staging labels: which version is current, which was, which is to be.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
import { invalidParameter, limitExceeded, notFound } from './errors.ts';
import type { Secret, Version } from './secrets.ts';

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
export const PENDING = 'AWSPENDING';

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const STAGES_LIMIT = 20;
const VERSIONS_LIMIT = 100;

export const versionAt = ({ versions }: Secret, stage: string): Version | undefined =>
  versions.find(({ stages }) => stages.includes(stage));

/** Adds a version with its labels, which others lose; the first version is the current one, whatever was asked. */
export function addVersion(secret: Secret, version: Version, stages: readonly string[] = [CURRENT]): void {
  const wanted = secret.versions.length === 0 && !stages.includes(CURRENT) ? [...stages, CURRENT] : stages;
  if (new Set(wanted).size > STAGES_LIMIT) throw limitExceeded(`A version may have ${STAGES_LIMIT} staging labels.`);
  secret.versions.push(version);
  for (const stage of wanted) moveStage(secret, stage, version);
  forgetDeprecated(secret);
}

/** Gives a label to a version. What was current becomes the previous one. */
export function moveStage(secret: Secret, stage: string, to: Version | undefined): void {
  const from = versionAt(secret, stage);
  if (from === to) return;
  if (from) from.stages = from.stages.filter((name) => name !== stage);
  to?.stages.push(stage);
  if (stage === CURRENT && from) moveStage(secret, PREVIOUS, from);
  if (stage === CURRENT && to) to.stages = to.stages.filter((name) => name !== PREVIOUS);
}

export interface StageMove {
  readonly stage: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Moves or removes a label as UpdateSecretVersionStage does, which wants to be told where it is. */
export function changeStage(secret: Secret, { stage, from, to }: StageMove): void {
  const holder = versionAt(secret, stage);
  const target = to === undefined ? undefined : secret.versions.find(({ id }) => id === to);
  if (to !== undefined && !target) throw notFound(`the specified secret value for VersionId: ${to}`);
  if (target === undefined && from === undefined) {
    throw invalidParameter('MoveToVersionId and RemoveFromVersionId are both missing.');
  }
  if (target === undefined && stage === CURRENT) {
    throw invalidParameter(
      `You can only move staging label ${CURRENT} to a different secret version. It can’t be completely removed.`,
    );
  }
  if (from !== undefined && from !== holder?.id) {
    throw invalidParameter(`Staging label ${stage} is not currently attached to version ${from}.`);
  }
  if (from === undefined && holder && holder !== target) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  moveStage(secret, stage, target);
}

// Deprecated versions go, the oldest first, once there are too many.
function forgetDeprecated(secret: Secret): void {
  let excess = secret.versions.length - VERSIONS_LIMIT;
  secret.versions = secret.versions.filter(({ stages }) => stages.length > 0 || excess-- <= 0);
}
