import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { unzipSync } from 'fflate';
import { expect, onTestFinished, test } from 'vitest';

import { bundleNode } from './bundle.ts';

const program = async (): Promise<{ folder: string; entry: URL }> => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth bundle-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'greet.ts'), 'export const greet = (name: string): string => `hello ${name}`;');
  await writeFile(
    join(folder, 'main.ts'),
    "import { greet } from './greet.ts';\nconsole.log(greet(process.argv[2] ?? ''));",
  );
  return { folder, entry: pathToFileURL(join(folder, 'main.ts')) };
};

test('a bundle is one program that runs on its own', async () => {
  const { folder, entry } = await program();
  const { zip } = await bundleNode({ entry, file: 'greet.mjs' });
  const files = unzipSync(zip);

  expect(Object.keys(files)).toEqual(['greet.mjs']);
  const file = join(folder, 'alone.mjs');
  await writeFile(file, files['greet.mjs']!);
  expect(spawnSync(process.execPath, [file, 'world'], { encoding: 'utf8' }).stdout).toBe('hello world\n');
});

test('the same source in another folder gives the same bytes', async () => {
  const [first, second] = [await program(), await program()];

  expect((await bundleNode({ entry: first.entry, file: 'greet.mjs' })).digest).toBe(
    (await bundleNode({ entry: second.entry, file: 'greet.mjs' })).digest,
  );
});

test('a program that does not compile is an error that says where', async () => {
  const { folder } = await program();
  await writeFile(join(folder, 'broken.ts'), "import { missing } from './nowhere.ts';\nmissing();");

  await expect(bundleNode({ entry: pathToFileURL(join(folder, 'broken.ts')), file: 'x.mjs' })).rejects.toThrow(
    'Could not resolve "./nowhere.ts"',
  );
});

test('a program that uses HTTP pays for nothing else at its start', async () => {
  const { folder } = await program();
  const source = `import { createServer } from 'node:http';
    import * as https from 'https';
    console.log(typeof createServer, typeof https.request, process.moduleLoadList.some((each) => each.includes('undici/')));`;
  await writeFile(join(folder, 'http.ts'), source);
  const { zip } = await bundleNode({ entry: pathToFileURL(join(folder, 'http.ts')), file: 'http.mjs' });
  await writeFile(join(folder, 'http.mjs'), unzipSync(zip)['http.mjs']!);
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'http.mjs')], { encoding: 'utf8' });
  expect(stderr + stdout).toBe('function function false\n');
});
