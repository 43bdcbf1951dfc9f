// Writes docs/reference/cli.md from the commands themselves; `--check` fails where it is not up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { COMMON_OPTIONS, type OptionSpec } from '../src/command.ts';
import { commands, type CommandEntry } from '../src/commands.ts';

const PAGE = join(import.meta.dirname, '../../../docs/reference/cli.md');

async function main(args: readonly string[]): Promise<void> {
  const page = await render();
  if (!args.includes('--check')) {
    writeFileSync(PAGE, page);
  } else if (readFileSync(PAGE, 'utf8') !== page) {
    console.error('docs/reference/cli.md is not up to date: run node packages/cli/scripts/reference.ts');
    process.exitCode = 1;
  }
}

async function render(): Promise<string> {
  const sections = await Promise.all(commands.map(section));
  return `${[
    '# Commands',
    'Every command also takes these options, and `plinth <command> --help` shows what is here.',
    options(COMMON_OPTIONS),
    ...sections,
    '<!-- Written by packages/cli/scripts/reference.ts. -->',
  ].join('\n\n')}\n`;
}

async function section({ name, load }: CommandEntry): Promise<string> {
  const command = await load();
  const usage = ['plinth', name, command.args].filter((part) => part !== undefined).join(' ');
  return [
    `## plinth ${name}`,
    command.summary,
    `\`${usage}\``,
    ...(command.options ? [options(command.options)] : []),
    ['```sh', ...command.examples.map(([line, why]) => `${line}  # ${why}`), '```'].join('\n'),
  ].join('\n\n');
}

const options = (specs: Readonly<Record<string, OptionSpec>>): string =>
  Object.entries(specs)
    .map(([name, { value, short, summary, multiple }]) => {
      const flags = [...(short ? [`-${short}`] : []), `--${name}${value === undefined ? '' : ` ${value}`}`];
      return `- \`${flags.join(', ')}\`: ${summary}${multiple ? ' (may be given several times)' : ''}`;
    })
    .join('\n');

await main(process.argv.slice(2));
