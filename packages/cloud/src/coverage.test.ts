// The page that says what the cloud answers, held against the cloud.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from 'vitest';

test('the coverage page says what the services declare', () => {
  const script = join(import.meta.dirname, '../scripts/coverage.ts');
  const flags = ['--disable-warning=ExperimentalWarning'];

  expect(spawnSync(process.execPath, [...flags, script, '--check'], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
