// Object lock: versions that may not be deleted before a date, or while they are held.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
import type { Bucket } from './buckets.ts';
import { accessDenied, invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import type { Entry, Retention } from './objects.ts';

const DAY = 86_400_000;

/** What a request that writes an object may say of its lock. */
export interface LockInput {
  ObjectLockMode?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
}

export interface Lock {
  readonly retention?: Retention;
  readonly legalHold?: boolean;
}

/** The lock of an object about to be written: what the request says, else the bucket's default. */
export function lockFor(input: LockInput, { settings }: Bucket, now: number): Lock {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = input;
  const given = mode !== undefined || until !== undefined || hold !== undefined;
  if (!settings.objectLock) {
    if (given) throw invalidRequest('Bucket is missing Object Lock Configuration');
    return {};
  }
  if ((mode === undefined) !== (until === undefined)) {
    throw invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
      mode === undefined ? 'x-amz-object-lock-mode' : 'x-amz-object-lock-retain-until-date',
    );
  }
  const retention = mode === undefined ? defaultRetention(settings.objectLock, now) : parseRetention(mode, until, now);
  return { ...(retention && { retention }), ...(hold !== undefined && { legalHold: parseHold(hold) }) };
}

export function parseRetention(mode: string | undefined, until: Date | undefined, now: number): Retention {
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || !until) throw malformedXml();
  if (until.getTime() <= now) {
    throw invalidArgument('The retain until date must be in the future!', 'RetainUntilDate', until.toISOString());
  }
  return { mode, until: until.getTime() };
}

export function parseHold(status: string | undefined): boolean {
  if (status !== 'ON' && status !== 'OFF') throw malformedXml();
  return status === 'ON';
}

/** Refuses to delete a version that is still locked. Governance may be bypassed by who is allowed to, compliance by nobody. */
export function requireUnlocked({ about }: Entry, bypass: boolean, now: number): void {
  const { retention, legalHold } = about;
  const retained = retention && retention.until > now && !(retention.mode === 'GOVERNANCE' && bypass);
  if (legalHold || retained) throw accessDenied('Access Denied because object protected by object lock.');
}

/** Refuses a change that would let go of a version before its time. */
export function requireRetentionChangeable(
  { about }: Entry,
  wanted: Retention | undefined,
  bypass: boolean,
  now: number,
): void {
  const { retention } = about;
  if (!retention || retention.until <= now) return;
  const stricter =
    wanted && wanted.until >= retention.until && (wanted.mode === retention.mode || wanted.mode === 'COMPLIANCE');
  if (stricter || (retention.mode === 'GOVERNANCE' && bypass)) return;
  throw accessDenied('Access Denied because object protected by object lock.');
}

export const requireLockableBucket = ({ settings }: Bucket): void => {
  if (!settings.objectLock) throw invalidRequest('Bucket is missing Object Lock Configuration');
};

function defaultRetention(
  configuration: NonNullable<Bucket['settings']['objectLock']>,
  now: number,
): Retention | undefined {
  const { Mode: mode, Days: days, Years: years } = configuration.Rule?.DefaultRetention ?? {};
  if (!mode) return undefined;
  return { mode, until: now + (days ?? (years ?? 0) * 365) * DAY };
}
