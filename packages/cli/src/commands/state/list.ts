// plinth state list: what a system's states hold.
import { command } from '../../command.ts';
import { requireDeployed } from '../../deploy.ts';
import { table } from '../../report.ts';
import { readState } from '../../root.ts';

interface Row {
  readonly stack: string;
  readonly address: string;
  readonly id: string;
}

export const list = command<readonly Row[]>({
  summary: "List the resources in a system's states.",
  args: '[system] [stack]',
  arity: [0, 2],
  examples: [
    ['plinth state list aiops', 'every stack’s'],
    ['plinth state list aiops global --json', 'one stack’s, as data'],
  ],
  run: async ({ args, options }, context) => {
    const roots = await requireDeployed(args, options, context);
    const states = await Promise.all(
      roots.map(async (root) => ({ stack: root.stack.name, resources: (await readState(root)).resources })),
    );
    return states.flatMap(({ stack, resources }) =>
      resources.map(({ address, values: { id = '' } }) => ({ stack, address, id })),
    );
  },
  render: (rows) => table(rows.map(({ stack, address, id }) => [`${stack}  ${address}`, id])).join('\n'),
});
