import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { SALT } from '../../contract.ts';
import { readSalt } from './anonymize.ts';
import {
  retire,
  rotate,
  ROTATION_STEPS,
  type LabelledSecret,
  type RotationStep,
  type SecretVersions,
} from './rotation.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');

class MemorySecret implements SecretVersions, LabelledSecret {
  readonly values = new Map<string, string>();
  readonly made = new Map<string, number>();
  labels = new Map<string, string[]>();
  puts = 0;

  value(_: string, version: { id: string } | { stage: string }): Promise<string | undefined> {
    if ('id' in version) return Promise.resolve(this.values.get(version.id));
    const [id = ''] = [...this.labels].find(([, labels]) => labels.includes(version.stage)) ?? [];
    return Promise.resolve(this.values.get(id));
  }

  stages(): Promise<ReadonlyMap<string, readonly string[]>> {
    return Promise.resolve(this.labels);
  }

  put(_: string, token: string, value: string): Promise<void> {
    this.puts++;
    this.values.set(token, value);
    this.made.set(token, NOW);
    this.labels.set(token, ['AWSPENDING']);
    return Promise.resolve();
  }

  makeCurrent(_: string, token: string, instead: string | undefined): Promise<void> {
    if (instead !== undefined) this.labels.set(instead, ['AWSPREVIOUS']);
    this.labels.set(token, ['AWSCURRENT']);
    return Promise.resolve();
  }

  versions(): Promise<{ id: string; stages: readonly string[]; createdAt: number }[]> {
    return Promise.resolve([...this.labels].map(([id, stages]) => ({ id, stages, createdAt: this.made.get(id) ?? 0 })));
  }

  forget(_: string, id: string): Promise<void> {
    this.labels.delete(id);
    return Promise.resolve();
  }
}

const step = (secret: MemorySecret, name: RotationStep, token = 'token-1') =>
  rotate(secret, { step: name, secretId: 'salt', token, now: NOW, randomBytes });

async function rotated(secret: MemorySecret, token = 'token-1'): Promise<string> {
  for (const name of ROTATION_STEPS) await step(secret, name, token);
  return (await secret.value('salt', { stage: 'AWSCURRENT' })) ?? '';
}

test('✗ the first salt is made by the rotation: 64 digits, an epoch, and when', async () => {
  const value = await rotated(new MemorySecret());
  expect(JSON.parse(value)).toEqual({
    salt: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    epoch: expect.stringMatching(/^2026-11-20-[0-9a-f]{8}$/) as string,
    rotatedAt: '2026-11-20T12:00:00.000Z',
  });
  expect(() => readSalt(value)).not.toThrow();
});

test('the same token twice is one rotation', async () => {
  const secret = new MemorySecret();
  const first = await rotated(secret);
  expect(await rotated(secret)).toBe(first);
  expect(secret.puts).toBe(1);
});

test('a step that comes twice before the end finds its work done', async () => {
  const secret = new MemorySecret();
  await step(secret, 'createSecret');
  const made = secret.values.get('token-1');
  await step(secret, 'createSecret');
  expect(secret.values.get('token-1')).toBe(made);
  await step(secret, 'testSecret');
  expect([await step(secret, 'finishSecret'), await step(secret, 'finishSecret')]).toEqual([true, false]);
});

test('another rotation: another salt, another epoch, and the old one is the previous', async () => {
  const secret = new MemorySecret();
  const [first, second] = [await rotated(secret), await rotated(secret, 'token-2')];
  expect(readSalt(second).epoch).not.toBe(readSalt(first).epoch);
  expect(await secret.value('salt', { stage: 'AWSPREVIOUS' })).toBe(first);
});

test('a new value that is no salt, or the old one again, does not become current', async () => {
  const secret = new MemorySecret();
  const first = await rotated(secret);
  await secret.put('salt', 'token-2', 'p@ssword');
  await expect(step(secret, 'testSecret', 'token-2')).rejects.toThrow('not a salt');
  await secret.put('salt', 'token-3', first);
  await expect(step(secret, 'testSecret', 'token-3')).rejects.toThrow('the old one');
});

test('a broken current value does not stop the rotation that mends it', async () => {
  const secret = new MemorySecret();
  await secret.put('salt', 'broken', 'p@ssword');
  await secret.makeCurrent('salt', 'broken', undefined);
  expect(() => readSalt('p@ssword')).toThrow('not a salt');
  expect(readSalt(await rotated(secret, 'token-2')).epoch).toMatch(/^2026-11-20/);
});

test('the previous salt goes once no duplicate can be known by it and no cache holds it', async () => {
  const secret = new MemorySecret();
  await rotated(secret);
  await rotated(secret, 'token-2');
  const due = NOW + SALT.previousSeconds * 1_000;
  expect(await retire(secret, 'salt', due - 1)).toMatchObject({ retired: false });
  expect(await retire(secret, 'salt', due)).toMatchObject({ retired: true, ageHours: SALT.previousSeconds / 3_600 });
  expect(await secret.value('salt', { stage: 'AWSPREVIOUS' })).toBeUndefined();
  expect(await retire(secret, 'salt', due)).toMatchObject({ retired: false });
});
