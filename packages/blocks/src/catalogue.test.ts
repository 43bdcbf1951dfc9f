import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from 'vitest';

test('the catalogue says what the blocks say', () => {
  const script = join(import.meta.dirname, '../scripts/catalogue.ts');

  expect(spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
