// Archived objects: those that have to be restored before they can be read.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
import { AwsError } from '../../kernel/errors.ts';
import type { Entry } from './objects.ts';

export const ARCHIVE_CLASSES: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

const HOUR = 3_600_000;

/** How long a restore takes by class and tier: the upper end of what AWS gives. */
const RESTORE_TIMES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  GLACIER: { Expedited: HOUR / 12, Standard: 5 * HOUR, Bulk: 12 * HOUR },
  DEEP_ARCHIVE: { Standard: 12 * HOUR, Bulk: 48 * HOUR },
};

export const isArchived = ({ about }: Entry): boolean => ARCHIVE_CLASSES.includes(about.storageClass ?? '');

/** How long a restore takes, in milliseconds; undefined for a tier that the class does not have. */
export const restoreTime = ({ about }: Entry, tier: string): number | undefined =>
  RESTORE_TIMES[about.storageClass ?? '']?.[tier];

/** Refuses an archived object of which no restored copy is there now. */
export function requireReadable(entry: Entry, now: number): void {
  if (!isArchived(entry)) return;
  const { restore } = entry.about;
  if (restore && restore.from <= now && now < restore.until) return;
  throw new AwsError('InvalidObjectState', "The operation is not valid for the object's storage class", {
    status: 403,
    members: { StorageClass: entry.about.storageClass },
  });
}

/** The `x-amz-restore` header. */
export function restoreHeader({ about }: Entry, now: number): string | undefined {
  const { restore } = about;
  if (!restore || now >= restore.until) return undefined;
  if (now < restore.from) return 'ongoing-request="true"';
  return `ongoing-request="false", expiry-date="${new Date(restore.until).toUTCString()}"`;
}
