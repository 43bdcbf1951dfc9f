// The program that docs/cloud.md shows, run as it stands there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

test('a cloud in a program of one’s own', () => {
  const [, program] = /```ts\n([^]*?startCloud[^]*?)```/.exec(readFileSync(join(root, 'docs/cloud.md'), 'utf8')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'plinth-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'program.mts'), program!);
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, 'program.mts')], { encoding: 'utf8' });
  expect(stderr.replaceAll(/^.*(ExperimentalWarning|--trace-warnings).*$\n/gm, '')).toBe('');
  expect({ stdout, status }).toEqual({ stdout: 'hello\n', status: 0 });
});
