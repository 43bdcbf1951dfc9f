// plinth validate: Terraform's own opinion of the roots, without touching any state.
import { command } from '../command.ts';
import { prepareRoots } from '../deploy.ts';
import { EngineError, type Diagnostic } from '../engine/diagnostics.ts';
import { overrideBackend, removeOverride, runInRoot } from '../root.ts';
import { selectSystem } from '../systems.ts';
import { openTarget } from '../target.ts';

export const validate = command({
  summary: "Have Terraform check a system's roots against the provider's schema.",
  args: '[system] [stack]',
  arity: [0, 2],
  examples: [
    ['plinth validate aiops', 'against the provider in the cloud on this machine'],
    ['plinth validate aiops --target http://127.0.0.1:4566', 'against the real hashicorp/aws provider'],
  ],
  run: async ({ args, options }, context) => {
    const target = await openTarget(options['target'], context);
    const roots = await prepareRoots(await selectSystem(args, options['env'], context), target, context);
    const valid: string[] = [];
    for (const root of roots) {
      await context.progress.step(root.stack.name, async () => {
        await overrideBackend(root);
        const run = await runInRoot(root, ['validate', '-json', '-no-color'], { accept: [0, 1] });
        await removeOverride(root);
        const { valid: ok, diagnostics } = JSON.parse(run.output) as { valid: boolean; diagnostics: Diagnostic[] };
        if (!ok) throw new EngineError('validate', 1, diagnostics, run.output);
      });
      valid.push(root.stack.name);
    }
    return { valid };
  },
  render: ({ valid }) => `Valid: ${valid.join(', ')}`,
});
