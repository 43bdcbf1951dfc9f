import { createHash } from 'node:crypto';

import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';

import { readInputs } from './inputs.ts';
import { pointerKey, readPointer, unpackRoot, type LastKnownGood } from './last-known-good.ts';

const inputs = readInputs({
  CORRELATION_ID: 'i-1',
  RESOURCE_TYPE: 'dynamodb',
  TF_STATE_BUCKET: 'states',
  TF_LOCK_TABLE: 'locks',
  PLINTH_ARTIFACTS_BUCKET: 'artifacts',
});

const zipOf = (...paths: string[]): Uint8Array =>
  zipSync(Object.fromEntries(paths.map((path) => [path, Buffer.from(path)])));

const pointerTo = (zip: Uint8Array): LastKnownGood => {
  const digest = createHash('sha256').update(zip).digest('hex');
  return {
    digest,
    key: `roots/aiops/production/global/${digest}.zip`,
    engine: { name: 'terraform', version: '1.11.4' },
    appliedAt: '2026-11-20T12:00:00.000Z',
    backend: { key: 'phase-00-global-infra/terraform.tfstate', region: 'us-east-1' },
  };
};

describe('readPointer', () => {
  const pointer = pointerTo(zipOf('cdk.tf.json'));

  test('finds the root of the stack that the build is about', () => {
    expect(pointerKey(inputs)).toBe('roots/aiops/production/global/current.json');
    expect(readPointer(JSON.stringify(pointer), inputs)).toEqual(pointer);
  });

  test.each([
    ['no JSON', 'x'],
    ['null', 'null'],
    ['no digest', JSON.stringify({ ...pointer, digest: 'abc' })],
    [
      'a key of another stack',
      JSON.stringify({ ...pointer, key: `roots/aiops/production/state/${pointer.digest}.zip` }),
    ],
    ['another program as engine', JSON.stringify({ ...pointer, engine: { name: 'sh', version: '1.0.0' } })],
    ['a date that is none', JSON.stringify({ ...pointer, appliedAt: 'yesterday' })],
    ['a state key with a quote', JSON.stringify({ ...pointer, backend: { ...pointer.backend, key: 'a"b' } })],
  ])('%s is not trusted', (_what, text) => {
    expect(() => readPointer(text, inputs)).toThrow('cannot be trusted: it is not what a publisher writes');
  });
});

describe('unpackRoot', () => {
  test('answers the files of exactly the published bytes', () => {
    const zip = zipOf('cdk.tf.json', 'assets/recovery.zip', '.terraform.lock.hcl');

    expect([...unpackRoot(zip, pointerTo(zip), inputs).keys()].sort()).toEqual([
      '.terraform.lock.hcl',
      'assets/recovery.zip',
      'cdk.tf.json',
    ]);
  });

  test('other bytes than the published ones are not trusted', () => {
    expect(() => unpackRoot(zipOf('other.tf'), pointerTo(zipOf('cdk.tf.json')), inputs)).toThrow('has the digest');
  });

  test.each(['../escape.tf', 'assets/../../x', '/etc/passwd', 'recover.mjs', 'bin/terraform', 'sub/main.tf'])(
    'the path %s is not taken',
    (path) => {
      const zip = zipOf('cdk.tf.json', path);

      expect(() => unpackRoot(zip, pointerTo(zip), inputs)).toThrow('which is no part of a root');
    },
  );
});
