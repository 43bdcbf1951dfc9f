// Point-in-time recovery: since when a table has it, and to which moments it could be restored.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
import type {
  ContinuousBackupsDescription,
  PointInTimeRecoverySpecification,
  RestoreTableToPointInTimeInput,
} from '@aws-sdk/client-dynamodb';

import { invalidExportTime, invalidRestoreTime, recoveryUnavailable, validation } from './errors.ts';

export interface Recovery {
  /** Milliseconds. */
  readonly since: number;
  readonly days: number;
}

const DAY_MILLISECONDS = 86_400_000;

const LONGEST_DAYS = 35;

/** The latest restorable moment lies this far back. */
const LAG_MILLISECONDS = 5 * 60_000;

/** What the specification leads to, given what is; undefined where recovery is off. */
export function readRecovery(
  specification: PointInTimeRecoverySpecification,
  before: Recovery | undefined,
  now: number,
): Recovery | undefined {
  const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: given } = specification;
  if (given !== undefined && (!Number.isInteger(given) || given < 1 || given > LONGEST_DAYS)) {
    throw validation(`RecoveryPeriodInDays must be between 1 and ${LONGEST_DAYS}`);
  }
  if (!enabled) return undefined;
  return { since: before?.since ?? now, days: given ?? before?.days ?? LONGEST_DAYS };
}

export function describeRecovery(recovery: Recovery | undefined, now: number): ContinuousBackupsDescription {
  if (!recovery) {
    return {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    };
  }
  const { earliest, latest } = windowOf(recovery, now);
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: recovery.days,
      EarliestRestorableDateTime: new Date(earliest),
      LatestRestorableDateTime: new Date(latest),
    },
  };
}

/** The moment to which a table is to be restored, in milliseconds. Throws where it cannot be. */
export function requireMoment(
  table: string,
  recovery: Recovery | undefined,
  { RestoreDateTime: given, UseLatestRestorableTime: useLatest = false }: RestoreTableToPointInTimeInput,
  now: number,
): number {
  if (useLatest === (given !== undefined)) {
    throw validation('One of RestoreDateTime and UseLatestRestorableTime has to be given');
  }
  if (!recovery) throw recoveryUnavailable(table);
  const { earliest, latest } = windowOf(recovery, now);
  const at = given?.getTime() ?? latest;
  // What is told of the window has no milliseconds in every client.
  if (at < Math.floor(earliest / 1000) * 1000 || at > latest) throw invalidRestoreTime(given!, earliest, latest);
  return Math.max(at, earliest);
}

/** The moment that an export is of, in milliseconds; unlike a restored table's it may be just now. */
export function requireExportTime(
  table: string,
  recovery: Recovery | undefined,
  given: Date | undefined,
  now: number,
): number {
  if (!recovery) throw recoveryUnavailable(table);
  const { earliest } = windowOf(recovery, now);
  const at = given?.getTime() ?? now;
  if (at < Math.floor(earliest / 1000) * 1000 || at > now) throw invalidExportTime(given!, earliest, now);
  return Math.max(at, earliest);
}

function windowOf({ since, days }: Recovery, now: number): { earliest: number; latest: number } {
  const earliest = Math.max(since, now - days * DAY_MILLISECONDS);
  return { earliest, latest: Math.max(earliest, now - LAG_MILLISECONDS) };
}
