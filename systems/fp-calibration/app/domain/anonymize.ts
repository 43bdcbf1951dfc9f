// From an organization's report to a row that does not tell whose it is.
import { createHmac } from 'node:crypto';

import { LIMITS, SALT, type SaltValue } from '../../contract.ts';
import { weekOf, type Week } from './iso-week.ts';
import { organizationId } from './organization.ts';

export interface Salt {
  readonly key: Buffer;
  /**
   * Names the time in which an organization has one hash: the epoch as the rotator wrote it and a mark of the salt itself.
   * Whoever puts another salt under an old epoch's name begins an epoch nevertheless; nobody is ever counted twice in one.
   */
  readonly epoch: string;
}

export interface Salts {
  readonly current: Salt;
  /** The one before, for a day after a rotation. */
  readonly previous?: Salt | undefined;
}

/** A secret's value that is no salt. What it is must not be said: this may be a real salt with one digit missing. */
export class UnusableSalt extends Error {
  constructor(reason: string) {
    super(`The secret's value is not a salt: ${reason}`);
    this.name = 'UnusableSalt';
  }
}

export function readSalt(text: string | undefined): Salt {
  const value = parse(text ?? '');
  if (typeof value !== 'object' || value === null) throw new UnusableSalt('it is no JSON object');
  const { salt, epoch } = value as Partial<SaltValue>;
  if (typeof salt !== 'string' || !/^[0-9a-f]{64}$/i.test(salt)) {
    throw new UnusableSalt(`'salt' has to be ${SALT.hexDigits} hexadecimal digits`);
  }
  if (typeof epoch !== 'string' || !/^[\w-]{1,40}$/.test(epoch)) throw new UnusableSalt("'epoch' is missing");
  const key = Buffer.from(salt, 'hex');
  return { key, epoch: `${epoch}.${hmac(key, 'epoch').slice(0, 8)}` };
}

/** HMAC-SHA256 of the trimmed id, in hexadecimal. */
export function hashOrganization(salt: Salt, organization: string): string {
  const id = organizationId(organization);
  if (id === undefined) throw new RangeError('An organization has 1 to 255 characters');
  return hmac(salt.key, id);
}

/** One organization's finding of one rule, under one salt. Apart from the organization's hash: it begins otherwise. */
export const hashFinding = (salt: Salt, organization: string, ruleId: string, finding: string): string =>
  hmac(salt.key, `finding ${JSON.stringify([organizationId(organization), ruleId, finding])}`);

/**
 * All that is kept of an event's time: the week of a moment up to an hour later. Only forward, so that no event lands in a
 * week that is closed.
 */
export const keptWeek = (timestamp: number, random: number): Week =>
  weekOf(timestamp + Math.floor(random * LIMITS.shiftSeconds * 1_000));

const hmac = (key: Buffer, text: string): string => createHmac('sha256', key).update(text).digest('hex');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnusableSalt('it is no JSON');
  }
}
