// Words on the command line into arguments and options, refused precisely where they do not fit.
import { parseArgs } from 'node:util';

import { COMMON_OPTIONS, type Invocation, type OptionValues } from './command.ts';
import type { FoundCommand } from './commands.ts';
import { badUsage } from './errors.ts';

export function parseInvocation({ name, command, rest }: FoundCommand): Invocation {
  if (command.passThrough) return { args: rest, options: {} };
  const options = { ...COMMON_OPTIONS, ...command.options };
  const config = Object.fromEntries(
    Object.entries(options).map(([option, { type, short, multiple = false }]) => [
      option,
      { type, multiple, ...(short && { short }) },
    ]),
  );
  let parsed: { positionals: string[]; values: OptionValues };
  try {
    parsed = parseArgs({ args: [...rest], options: config, allowPositionals: true, strict: true }) as typeof parsed;
  } catch (error) {
    throw badUsage((error as Error).message.replace(/\. To .*/s, '').replace(/\.?$/, '.'), name);
  }
  const [least, most] = command.arity ?? [0, 0];
  const { positionals: args } = parsed;
  const given = Object.entries(parsed.values);
  const values: OptionValues = Object.fromEntries(given.filter(([, value]) => !Array.isArray(value)));
  const lists = Object.fromEntries(given.filter(([, value]) => Array.isArray(value))) as unknown as Invocation['lists'];
  if (values['help'] !== true && (args.length < least || args.length > most)) {
    throw badUsage(`plinth ${name} takes ${describeArity(least, most, command.args)}, not '${args.join(' ')}'.`, name);
  }
  return { args, options: values, lists: lists ?? {} };
}

const describeArity = (least: number, most: number, args = ''): string =>
  most === 0 ? 'no arguments' : least === most ? `${least} (${args})` : `${least} to ${most} (${args})`;
