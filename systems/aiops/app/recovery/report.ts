// What the log says of a decision, for people who read it in the middle of an incident.
import type { Loss } from './backups.ts';
import type { Decision, Envelope, PlannedChange } from './guard.ts';
import { COMES_BACK_EMPTY } from './resource-types.ts';

const SIGNS: Readonly<Record<string, string>> = { create: '+', update: '~' };

/** The guard's decision, what it covers, and what will be missing afterwards. */
export function describeDecision(decision: Decision, losses: readonly Loss[], envelope: Envelope): string[] {
  const { verdict, changes, refusals, digest } = decision;
  const lines = [`Plan ${digest.slice(0, 12)}: ${changes.length === 0 ? 'no changes' : `${changes.length} to change`}`];
  lines.push(...changes.map(describeChange));
  if (verdict === 'refused') {
    lines.push('Guard: REFUSED, nothing was changed.');
    lines.push(...refusals.flatMap(({ rule, reason, wayOn }) => [`  ${rule}: ${reason}.`, `    ${wayOn}`]));
    return lines;
  }
  if (verdict === 'nothing-to-do') return [...lines, 'Guard: nothing to restore, everything is as it was applied.'];
  const { resourceType, maxChanges } = envelope;
  lines.push(`Guard: restoring (only ${resourceType}, at most ${maxChanges} changes, no deletes, no replacements).`);
  return [...lines, ...describeLosses(losses)];
}

/** What came back without its content, and where that content is. */
export const describeLosses = (losses: readonly Loss[]): string[] => losses.flatMap(describeLoss);

function describeChange({ address, action, attributes }: PlannedChange): string {
  const detail = attributes.length > 0 ? ` (${attributes.join(', ')})` : '';
  return `  ${SIGNS[action] ?? '!'} ${address}: ${action}${detail}`;
}

function describeLoss({ address, type, name, backup, unknown }: Loss): string[] {
  const { kind = 'resource', lost = '' } = COMES_BACK_EMPTY[type] ?? {};
  const lines = [`EMPTY: ${address} is created anew: the ${kind} ${name} comes back empty, ${lost}.`];
  if (type !== 'aws_dynamodb_table') return lines;
  if (unknown !== undefined) return [...lines, `  Whether there is a backup could not be asked: ${unknown}`];
  if (!backup) return [...lines, '  DynamoDB lists no backup of it.'];
  return [
    ...lines,
    `  What was in it is in the backup ${backup.name} of ${backup.takenAt}.`,
    '  To have it back, restore it into a table of its own, and copy from there what is wanted:',
    `    aws dynamodb restore-table-from-backup --target-table-name ${name}-restored --backup-arn '${backup.arn}'`,
  ];
}
