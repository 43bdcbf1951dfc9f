import { createHmac } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LIMITS } from '../../contract.ts';
import { hashFinding, hashOrganization, keptWeek, readSalt, UnusableSalt } from './anonymize.ts';
import { closingOf, weekOf } from './iso-week.ts';
import { organizationId } from './organization.ts';
import { saltText } from './testing.ts';

const salt = readSalt(saltText('a'));
const organization = fc
  .string({ minLength: 1, maxLength: 255, unit: 'grapheme' })
  .filter((id) => organizationId(id) !== undefined);

test('a hash is HMAC-SHA256 of the trimmed id, in hexadecimal', () => {
  const key = '0b'.repeat(32);
  const known = readSalt(JSON.stringify({ salt: key, epoch: 'e1', rotatedAt: '' }));
  const expected = createHmac('sha256', Buffer.from(key, 'hex')).update('acme').digest('hex');
  expect(hashOrganization(known, '  acme\n')).toBe(expected);
});

test('the same organization has one hash in an epoch, and another one in each', () => {
  fc.assert(
    fc.property(organization, fc.stringMatching(/^[a-z]{1,9}$/), (id, name) => {
      const hash = hashOrganization(salt, id);
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      expect(hashOrganization(salt, ` ${id}\t`)).toBe(hash);
      expect(hashOrganization(readSalt(saltText(`b${name}`)), id)).not.toBe(hash);
    }),
  );
});

test('different organizations have different hashes', () => {
  fc.assert(
    fc.property(organization, organization, (a, b) => {
      fc.pre(a.trim() !== b.trim());
      expect(hashOrganization(salt, a)).not.toBe(hashOrganization(salt, b));
    }),
  );
});

test('findings do not run into each other, nor into an organization', () => {
  expect(hashFinding(salt, 'acme', 'R-1', 'x')).not.toBe(hashFinding(salt, 'acme', 'R-1x', ''));
  expect(hashFinding(salt, 'acme', 'R-1', 'x')).toBe(hashFinding(salt, ' acme', 'R-1', 'x'));
});

test.each([0, 256])('an id of %i characters is none', (length) => {
  expect(() => hashOrganization(salt, 'x'.repeat(length))).toThrow(RangeError);
  expect(() => hashOrganization(salt, ` ${'x'.repeat(length)} `)).toThrow(RangeError);
});

test.each([
  ['✗ a password of 32 characters with specials, as Terraform wrote it', 'p@ssW0rd!{}[]<>:?p@ssW0rd!{}[]<>'],
  [
    'a password in a salt’s place',
    JSON.stringify({ salt: 'p@ssW0rd!{}[]<>:?p@ssW0rd!{}[]<>', epoch: 'e', rotatedAt: '' }),
  ],
  ['63 digits', JSON.stringify({ salt: 'a'.repeat(63), epoch: 'e', rotatedAt: '' })],
  ['no epoch', JSON.stringify({ salt: 'a'.repeat(64), rotatedAt: '' })],
  ['nothing', undefined],
])('no salt: %s', (_, value) => {
  expect(() => readSalt(value)).toThrow(UnusableSalt);
});

test('what is refused as a salt is not told', () => {
  const secret = 'a'.repeat(63);
  expect(() => readSalt(JSON.stringify({ salt: secret, epoch: 'e' }))).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining(secret) as string }) as Error,
  );
});

test('another salt under the same epoch’s name is another epoch: nobody counts twice in one', () => {
  const forged = saltText('b').replace('"epoch":"b"', '"epoch":"a"');
  expect(readSalt(forged).epoch).not.toBe(salt.epoch);
  expect(readSalt(saltText('a')).epoch).toBe(salt.epoch);
});

test('an event’s week is that of a moment up to an hour later, never an earlier one', () => {
  const time = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
  fc.assert(
    fc.property(time, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (at, random) => {
      const week = keptWeek(at, random);
      expect([weekOf(at), weekOf(at + LIMITS.shiftSeconds * 1_000)]).toContain(week);
      expect(closingOf(week) >= closingOf(weekOf(at))).toBe(true);
    }),
  );
});
