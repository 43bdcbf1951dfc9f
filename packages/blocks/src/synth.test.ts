import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { LogGroup } from './observability/log-group.ts';
import { synthesize } from './synth.ts';
import { defineSystem } from './system.ts';
import { testSystem } from './testing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-synth-'));
});
afterEach(() => rm(folder, { recursive: true }));

const withAsset = (name: string) =>
  defineSystem({
    ...testSystem,
    stacks: [
      ...testSystem.stacks,
      {
        name: 'app',
        key: 'app/terraform.tfstate',
        build: async (stack) => {
          new LogGroup(stack, 'log', { name: '/shop' });
          stack.addAsset(name, await Promise.resolve(Buffer.from('content')));
        },
      },
    ],
  });

test('each stack becomes a root of its own, backend first', async () => {
  const stacks = await synthesize(withAsset('a.txt'), 'dev', folder);

  expect(stacks).toEqual([
    { name: 'state', key: 'bootstrap/terraform.tfstate', isBackend: true, dir: join(folder, 'shop/dev/state') },
    { name: 'app', key: 'dev/app/terraform.tfstate', isBackend: false, dir: join(folder, 'shop/dev/app') },
  ]);
  expect(await readdir(stacks[1]!.dir)).toEqual(['assets', 'cdk.tf.json']);
});

test('the backend is partial: the bucket depends on the account, and is given to init', async () => {
  const [, app] = await synthesize(withAsset('a.txt'), 'dev', folder, { engine: { name: 'tofu', version: '1.10.6' } });

  const { terraform } = JSON.parse(await readFile(join(app!.dir, 'cdk.tf.json'), 'utf8')) as Record<string, object>;
  expect(terraform).toMatchObject({
    backend: {
      s3: {
        key: 'dev/app/terraform.tfstate',
        region: 'us-east-1',
        encrypt: true,
        dynamodb_table: 'shop-terraform-locks',
        use_lockfile: true,
      },
    },
  });
});

test('the same declaration gives the same bytes, without a trace of machine, time or tool', async () => {
  const [, first] = await synthesize(withAsset('a.txt'), 'dev', folder);
  const [, second] = await synthesize(withAsset('a.txt'), 'dev', join(folder, 'elsewhere'));

  const text = await readFile(join(first!.dir, 'cdk.tf.json'), 'utf8');
  expect(await readFile(join(second!.dir, 'cdk.tf.json'), 'utf8')).toBe(text);
  expect(text).not.toContain(folder);
  expect(text).not.toContain('"//"');
});

test('what has not changed is not written again, and what Terraform keeps in a root stays', async () => {
  const [, app] = await synthesize(withAsset('a.txt'), 'dev', folder);
  const file = join(app!.dir, 'cdk.tf.json');
  await writeFile(join(app!.dir, '.terraform.lock.hcl'), 'lock');
  const before = await stat(file);
  await synthesize(withAsset('a.txt'), 'dev', folder);

  expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
  expect(await readFile(join(app!.dir, '.terraform.lock.hcl'), 'utf8')).toBe('lock');
});

test('assets that are no longer used are removed', async () => {
  const [, app] = await synthesize(withAsset('old.txt'), 'dev', folder);
  await synthesize(withAsset('new.txt'), 'dev', folder);

  expect(await readdir(join(app!.dir, 'assets'))).toEqual(['new.txt']);
});

test('an environment that the system does not have is refused', async () => {
  await expect(synthesize(testSystem, 'prod', folder)).rejects.toThrow(
    expect.objectContaining({ code: 'unknown-environment' }),
  );
});
