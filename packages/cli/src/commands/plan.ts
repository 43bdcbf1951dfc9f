// plinth plan: what an apply would change, saved so that exactly that can be applied.
import { command } from '../command.ts';
import { connectRoot, prepareRoots } from '../deploy.ts';
import { describePlan, plan, type PlanSummary } from '../root.ts';
import { nameOf, selectSystem } from '../systems.ts';
import { openTarget } from '../target.ts';
import { VARIABLE_OPTION } from '../variables.ts';

export const planCommand = command({
  summary: 'Show what an apply would change, and save it for plinth apply.',
  args: '[system] [stack]',
  arity: [0, 2],
  options: VARIABLE_OPTION,
  examples: [
    ['plinth plan aiops', 'every stack of a system'],
    ['plinth plan aiops global --json', 'one stack, as data'],
  ],
  run: async ({ args, options, lists }, context) => {
    const target = await openTarget(options['target'], context);
    const selection = await selectSystem(args, options['env'], context);
    const roots = await prepareRoots(selection, target, context, { variables: lists?.['var'] });
    const plans: PlanSummary[] = [];
    for (const root of roots) {
      const summary = await context.progress.step(root.stack.name, async (say) => {
        await connectRoot(root, say);
        const made = await plan(root, { say });
        say(describePlan(made));
        return made;
      });
      plans.push(summary);
    }
    return { system: selection.system.name, called: nameOf(selection), plans };
  },
  render: ({ called, plans }) =>
    [
      ...plans.flatMap((summary) => [
        `${summary.stack}: ${describePlan(summary)}`,
        ...summary.resources.map(({ action, address }) => `  ${MARKS[action] ?? action} ${address}`),
      ]),
      ...(plans.some(({ changes }) => changes) ? ['', `Apply it: plinth apply ${called}`] : []),
    ].join('\n'),
});

const MARKS: Readonly<Record<string, string>> = { create: '+', update: '~', delete: '-', replace: '±', read: '<' };
