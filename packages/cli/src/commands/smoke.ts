// plinth smoke: whether a deployed system does what it is for, asked from outside.
import { command } from '../command.ts';
import { healthContext, requireDeployed } from '../deploy.ts';
import { noSmokeTests } from '../errors.ts';
import { readState } from '../root.ts';

interface SmokeAnswer {
  readonly system: string;
  readonly environment: string;
  readonly tests: readonly { readonly name: string; readonly passed: boolean; readonly detail: string }[];
}

export const smoke = command<SmokeAnswer>({
  summary: "Run a system's smoke tests against where it is deployed. Leaves with 1 where one fails.",
  args: '[system]',
  arity: [0, 1],
  examples: [
    ['plinth smoke fp-calibration', 'the deployment on this machine'],
    ['plinth smoke fp-calibration --env production --target aws', 'after a deployment to AWS'],
  ],
  run: async ({ args, options }, context) => {
    const roots = await requireDeployed(args, options, context);
    const { system, environment } = roots[0].selection;
    if (system.smoke.length === 0) throw noSmokeTests(system.name);
    const states = await Promise.all(roots.map(readState));
    const outputs = Object.assign({}, ...states.map((state) => state.outputs)) as Record<string, unknown>;
    const given = healthContext(roots[0].target, outputs);
    const tests: { name: string; passed: boolean; detail: string }[] = [];
    // One after the other: a test may count on what the one before it has written.
    for (const { name, check } of system.smoke) {
      const test = context.progress.step(name, async (say) => {
        const detail = await check(given);
        say(detail);
        return detail;
      });
      tests.push(
        await test.then(
          (detail) => ({ name, passed: true, detail }),
          (error: Error) => ({ name, passed: false, detail: error.message }),
        ),
      );
    }
    return { system: system.name, environment, tests };
  },
  render: ({ system, environment, tests }) => {
    const failed = tests.filter(({ passed }) => !passed);
    return [
      ...failed.map(({ name, detail }) => `✗ ${name}: ${detail}`),
      `${system} (${environment}): ${tests.length - failed.length} of ${tests.length} smoke tests pass`,
    ].join('\n');
  },
  exitCode: ({ tests }) => (tests.every(({ passed }) => passed) ? 0 : 1),
});
