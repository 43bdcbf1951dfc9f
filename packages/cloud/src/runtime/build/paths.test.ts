import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { matchPaths } from './paths.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-paths-'));
  for (const path of [
    '.env',
    'a.jar',
    'b+c.jar',
    'src/.bin/tool',
    'src/one.ts',
    'src/deep/two.ts',
    'src/deep/two.js',
  ]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
  await symlink('..', join(folder, 'src', 'loop'));
});
afterAll(() => rm(folder, { recursive: true }));

async function found(pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of matchPaths(pattern, folder)) paths.push(path);
  return paths;
}

test.for([
  ['a.jar', ['a.jar']],
  ['./a.jar', ['a.jar']],
  ['none.jar', []],
  ['*.jar', ['a.jar', 'b+c.jar']],
  ['b+c.*', ['b+c.jar']],
  ['?.jar', ['a.jar']],
  ['[!b]*.jar', ['a.jar']],
  ['{a,b+c}.jar', ['a.jar', 'b+c.jar']],
  ['src/*', ['src/.bin', 'src/deep', 'src/loop', 'src/one.ts']],
  ['src/**/*.ts', ['src/deep/two.ts', 'src/one.ts']],
  ['src/deep/**', ['src/deep/two.js', 'src/deep/two.ts']],
  ['**/tool', ['src/.bin/tool']],
  ['.*', ['.env']],
] as const)('%s', async ([pattern, expected]) => {
  expect(await found(pattern)).toEqual(expected);
});

test('two asterisks name everything, what begins with a dot included', async () => {
  const paths = await found('**/*');
  expect(paths).toEqual(expect.arrayContaining(['.env', 'src/.bin/tool', 'src/deep/two.js']));
  expect(paths).toHaveLength(11);
});
