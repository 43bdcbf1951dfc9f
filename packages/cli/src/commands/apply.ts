// plinth apply: the saved plan, or a new one after a yes.
import { command } from '../command.ts';
import { confirm, CONFIRM_OPTION, confirmAws } from '../confirm.ts';
import { connectRoot, prepareRoots, publishRoots } from '../deploy.ts';
import { applyPlan, describePlan, plan, savedPlan, type PlanSummary, type Root } from '../root.ts';
import { selectSystem } from '../systems.ts';
import { openTarget } from '../target.ts';

export const apply = command({
  summary: 'Apply the saved plan; where there is none, plan and ask.',
  args: '[system] [stack]',
  arity: [0, 2],
  options: { ...CONFIRM_OPTION, yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
  examples: [
    ['plinth plan aiops && plinth apply aiops', 'apply exactly what was shown'],
    ['plinth apply aiops --yes', 'plan and apply without asking'],
    ['plinth apply aiops --target aws --confirm 123456789012/us-east-1', 'on AWS, with the account and region named'],
  ],
  run: async ({ args, options }, context) => {
    const target = await openTarget(options['target'], context);
    await confirmAws(target, options['confirm'], context);
    const roots = await prepareRoots(await selectSystem(args, options['env'], context), target, context);
    const applied: PlanSummary[] = [];
    for (const root of roots) {
      const summary =
        (await savedPlan(root.folder)) ??
        (await context.progress.step(`plan ${root.stack.name}`, (say) => planNew(root, say)));
      applied.push(summary);
      if (!summary.changes) continue;
      const saved = `${root.stack.name}: ${describePlan(summary)}`;
      await confirm({ what: saved, answer: 'yes', fix: 'Confirm with --yes.' }, options['yes'] === true, context);
      await context.progress.step(`apply ${root.stack.name}`, (say) => applyPlan(root, summary, say));
    }
    const [first] = roots;
    if (first?.selection.system.recovery && applied.some(({ changes }) => changes)) {
      await context.progress.step('publish', () => publishRoots(roots));
    }
    return { applied };
  },
  render: ({ applied }) => applied.map((summary) => `${summary.stack}: ${describePlan(summary)}`).join('\n'),
});

async function planNew(root: Root, say: (detail: string) => void): Promise<PlanSummary> {
  await connectRoot(root, say);
  const summary = await plan(root, { say });
  say(describePlan(summary));
  return summary;
}
