// plinth test: what CI runs. Formats, lint, types, generated pages, then every test; the last line counts them.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { checkFailed } from '../errors.ts';

interface TestAnswer {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const CHECKS: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['formats', ['oxfmt', '--check']],
  ['lint', ['oxlint', '--type-aware', '--deny-warnings']],
  ['types', ['tsc', '--noEmit']],
];

export const test = command<TestAnswer>({
  summary: 'Check formats, lint, types and generated pages, and run every test.',
  args: '[file...]',
  arity: [0, 99],
  examples: [
    ['plinth test', 'everything, as CI does'],
    ['plinth test packages/cloud/src/services/s3', 'the tests of one folder'],
  ],
  run: async ({ args }, context) => {
    if (args.length === 0) {
      for (const [name, words] of CHECKS) {
        if ((await runTool(words, context)) !== 0) throw checkFailed(name, words.join(' '));
      }
    }
    const folder = await mkdtemp(join(tmpdir(), 'plinth-test-'));
    try {
      const report = join(folder, 'report.json');
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      const code = await runTool(['vitest', 'run', ...reporters, ...args], context);
      const counts = JSON.parse(await readFile(report, 'utf8')) as {
        numPassedTests: number;
        numFailedTests: number;
        numPendingTests: number;
      };
      // A file that cannot even be loaded fails without a test of its own.
      const failed = counts.numFailedTests === 0 && code !== 0 ? 1 : counts.numFailedTests;
      return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  render: ({ passed, failed, skipped }) =>
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  exitCode: ({ failed }) => (failed === 0 ? 0 : 1),
});

function runTool([tool = '', ...words]: readonly string[], { root, variables, home }: Context): Promise<number> {
  const path = `${join(home, 'toolchain', 'bin')}:${variables['PATH'] ?? ''}`;
  const child = spawn(join(root, 'node_modules', '.bin', tool), words, {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...variables, PATH: path },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
