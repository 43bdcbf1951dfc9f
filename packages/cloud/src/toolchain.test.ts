// Which dynoxide the cloud runs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { dynoxidePath } from './toolchain.ts';

test('the one that is named, else the one in this home, else the project’s', () => {
  const home = mkdtempSync(join(tmpdir(), 'plinth-toolchain-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const project = dynoxidePath({});
  expect(project).toMatch(/\.plinth\/toolchain\/.*\/dynoxide$/);
  expect(dynoxidePath({ PLINTH_DIR: home })).toBe(project);
  const own = join(home, project.slice(project.indexOf('toolchain')));
  mkdirSync(dirname(own), { recursive: true });
  writeFileSync(own, '');
  expect(dynoxidePath({ PLINTH_DIR: home })).toBe(own);
  expect(dynoxidePath({ PLINTH_DIR: home, PLINTH_DYNOXIDE: '/other' })).toBe('/other');
});
