// plinth env: variables that point any tool or SDK at the cloud.
import { command } from '../command.ts';
import { openTarget } from '../target.ts';

export const env = command<Record<string, string>>({
  summary: 'Print the variables that point any AWS tool or SDK at the target, for the shell to read.',
  examples: [
    ['eval "$(plinth env)"', 'point this shell at the cloud'],
    ['plinth env --json', 'as data'],
  ],
  run: async ({ options }, context) => ({ ...(await openTarget(options['target'], context)).variables }),
  render: (variables) =>
    Object.entries(variables)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
      .join('\n'),
});
