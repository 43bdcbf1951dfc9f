// One configuration for every test: domain rules share a worker, what starts a cloud or Terraform has its own.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['packages/{blocks,checks}/src/**/*.test.ts'], isolate: false } },
      { extends: true, test: { name: 'cloud', include: ['packages/cloud/src/**/*.test.ts'] } },
      { extends: true, test: { name: 'systems', include: ['{packages/cli/src,systems}/**/*.test.ts'] } },
    ],
  },
});
