// One configuration for every test: domain rules share a worker, what starts a cloud or Terraform has its own.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Deployments, kills, floods and whole provider runs: each takes half a minute or more. */
const LONG = /systems\/[^/]+\/[^/]+\.test|cli\.test|durability\.test|malformed-flood\.test|terraform\/lifecycle\.test/;

/** The longest files first, so that at the end no worker waits for one. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(LONG.test(b.moduleId)) - Number(LONG.test(a.moduleId)));
  }
}

export default defineConfig({
  test: {
    reporters: ['default'],
    sequence: { sequencer: LongestFirst },
    setupFiles: [join(import.meta.dirname, 'vitest.setup.ts')],
    expect: { poll: { timeout: 30_000, interval: 20 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Half of a test that starts processes is waiting for them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // As the launcher has it: each process that a test starts finds its code compiled.
    env: {
      NODE_COMPILE_CACHE:
        process.env['NODE_COMPILE_CACHE'] ?? join(import.meta.dirname, 'node_modules', '.cache', 'plinth'),
    },
    projects: [
      { extends: true, test: { name: 'systems', include: ['{packages/cli/src,systems}/**/*.test.ts'] } },
      { extends: true, test: { name: 'cloud', include: ['packages/cloud/src/**/*.test.ts'] } },
      { extends: true, test: { name: 'unit', include: ['packages/{blocks,checks}/src/**/*.test.ts'], isolate: false } },
    ],
  },
});
