// plinth up: from nothing to running.
import { command } from '../command.ts';
import { CONFIRM_OPTION, confirmAws } from '../confirm.ts';
import { deploySystem, type SystemReport } from '../deploy.ts';
import { unhealthy } from '../errors.ts';
import { renderReport } from '../report.ts';
import { selectSystem, systemNames } from '../systems.ts';
import { openTarget } from '../target.ts';
import { VARIABLE_OPTION } from '../variables.ts';

export const up = command({
  summary: 'Start the cloud, deploy systems with Terraform, and check that they are healthy.',
  args: '[system...]',
  arity: [0, 9],
  options: { ...CONFIRM_OPTION, ...VARIABLE_OPTION },
  examples: [
    ['plinth up', 'deploy every system to the cloud on this machine'],
    ['plinth up aiops', 'deploy one; run again, it changes nothing'],
    ['plinth up aiops --json', 'the same, with one machine-readable result'],
    ['plinth up fp-calibration --var enable_deletion_protection=true', 'with a variable of its Terraform'],
  ],
  run: async ({ args, options, lists }, context) => {
    const { progress } = context;
    const target = await progress.step('cloud', async (say) => {
      const opened = await openTarget(options['target'], context);
      say(opened.endpoint ?? `AWS account ${opened.account}`);
      return opened;
    });
    await confirmAws(target, options['confirm'], context);
    const systems: SystemReport[] = [];
    for (const name of args.length > 0 ? args : await systemNames(context)) {
      const selection = await selectSystem([name], options['env'], context);
      const report = await deploySystem(selection, target, context, lists?.['var']);
      const problems = report.health.filter(({ healthy }) => !healthy);
      if (problems.length > 0)
        throw unhealthy(
          report.called,
          problems.map((problem) => `${problem.name}: ${problem.detail}`),
        );
      systems.push(report);
    }
    return { target: target.name, systems, steps: progress.steps };
  },
  render: ({ systems, steps, target }) =>
    [
      '',
      ...systems.map((report) => `${renderReport(report)}\n`),
      `Took ${steps.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)} s.`,
      ...(target === 'local' ? ['', 'Try next:', ...nextSteps(systems)] : []),
    ].join('\n'),
});

const nextSteps = (systems: readonly SystemReport[]): string[] => [
  ...systems.flatMap(({ called, smoke }) => [
    ...(smoke.length > 0 ? [`  plinth smoke ${called}`] : []),
    `  plinth status ${called}`,
    `  plinth drift ${called}`,
    `  plinth output ${called} --json`,
  ]),
  '  plinth aws s3 ls',
  '  plinth down              (everything is kept)',
];
