// plinth status: what runs, where, and how it is.
import { isDeployed } from '../bootstrap.ts';
import { findCloud } from '../cloud-process.ts';
import { command } from '../command.ts';
import { prepareRoots, reportSystem, type SystemReport } from '../deploy.ts';
import { cloudNotRunning } from '../errors.ts';
import { renderReport } from '../report.ts';
import { initialise } from '../root.ts';
import { selectSystem, systemNames } from '../systems.ts';
import { openTarget } from '../target.ts';

interface StatusAnswer {
  readonly deployed: readonly SystemReport[];
  readonly absent: readonly string[];
}

export const status = command<StatusAnswer>({
  summary: 'Show what is deployed, where its state is, and whether it is healthy. Changes nothing.',
  args: '[system...]',
  arity: [0, 9],
  examples: [
    ['plinth status', 'every environment of every system'],
    ['plinth status aiops --json', 'one system, as data'],
  ],
  run: async ({ args, options }, context) => {
    const local = (options['target'] ?? 'local') === 'local';
    if (local && !(await findCloud(context))) throw cloudNotRunning();
    const target = await openTarget(options['target'], context);
    const deployed: SystemReport[] = [];
    const absent: string[] = [];
    for (const name of args.length > 0 ? args : await systemNames(context)) {
      const { system } = await selectSystem([name], options['env'], context);
      const reports: SystemReport[] = [];
      for (const environment of options['env'] === undefined ? system.environments : [options['env']]) {
        const roots = await prepareRoots(await selectSystem([name], environment, context), target, context);
        if (!(await isDeployed(roots))) continue;
        for (const root of roots) await initialise(root);
        reports.push(await reportSystem(roots));
      }
      if (reports.length === 0) absent.push(name);
      deployed.push(...reports);
    }
    return { deployed, absent };
  },
  render: ({ deployed, absent }) =>
    [
      ...deployed.map(renderReport),
      ...absent.map((name) => `${name} is not deployed here. Deploy it: plinth up ${name}`),
    ].join('\n\n'),
  exitCode: ({ deployed }) => (deployed.every(({ health }) => health.every(({ healthy }) => healthy)) ? 0 : 1),
});
