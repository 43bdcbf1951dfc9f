import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { packRoot } from './pack-root.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-pack-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (path: string, content = path): Promise<void> => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
};

test('a root is packed with its assets and provider locks, and without state, plans, plugins and overrides', async () => {
  const kept = ['.terraform.lock.hcl', 'assets/kit/a.zip', 'cdk.tf.json', 'extra.tf'];
  const left = [
    '.terraform/providers/aws',
    'backend_override.tf.json',
    'override.tf',
    'plan.bin',
    'terraform.tfstate',
    'x/y.tf',
  ];
  await Promise.all([...kept, ...left].map((path) => write(path)));

  const { zip } = await packRoot(folder);
  expect(Object.keys(unzipSync(zip))).toEqual(kept);
});

test('the same content gives the same digest, whenever it was written', async () => {
  await write('cdk.tf.json');
  const before = await packRoot(folder);
  await utimes(join(folder, 'cdk.tf.json'), new Date(0), new Date(86_400_000));
  expect((await packRoot(folder)).digest).toBe(before.digest);

  await write('cdk.tf.json', 'changed');
  expect((await packRoot(folder)).digest).not.toBe(before.digest);
});

test('a folder without configuration is no root', async () => {
  await write('assets/a.zip');

  await expect(packRoot(folder)).rejects.toThrow(expect.objectContaining({ code: 'empty-root' }));
});
