// plinth synth: the Terraform that a system is.
import { resolve } from 'node:path';

import { synthesize } from '@plinth/blocks/synth';

import { command } from '../command.ts';
import { toolchainFolder } from '../context.ts';
import { findEngine } from '../engine/engine.ts';
import { selectSystem } from '../systems.ts';

export const synth = command({
  summary: "Write a system's Terraform roots: one folder for each stack, complete with its assets.",
  args: '[system]',
  arity: [0, 1],
  options: { out: { type: 'string', value: 'DIR', summary: 'where to write (default: synth.out)' } },
  examples: [
    ['plinth synth aiops', 'into synth.out/aiops/production/<stack>/'],
    ['plinth synth aiops --out /tmp/roots', 'into another folder'],
  ],
  run: async ({ args, options }, context) => {
    const { system, environment } = await selectSystem(args, options['env'], context);
    // Without an engine the roots are still worth reading; they use what every engine knows.
    const { variables, progress } = context;
    const engine = await findEngine(variables, toolchainFolder(context), progress.note).catch(() => undefined);
    const out = resolve(String(options['out'] ?? 'synth.out'));
    return { system: system.name, environment, stacks: await synthesize(system, environment, out, { engine }) };
  },
  render: ({ stacks }) => stacks.map(({ name, dir }) => `${name}: ${dir}`).join('\n'),
});
