// The only place that writes: answers on standard output, everything else on standard error.
import { COMMON_OPTIONS, type Command, type OptionSpec } from './command.ts';
import type { CommandEntry, FoundCommand } from './commands.ts';
import { EngineError } from './engine/diagnostics.ts';

export function printAnswer(command: Command, answer: unknown, json: boolean): void {
  const text = json && !command.passThrough ? JSON.stringify(answer, null, 2) : command.render(answer);
  if (text !== '') process.stdout.write(`${text}\n`);
}

/** Says what happened, why, and what to do; with --json the same as data. */
export function printError(error: unknown, json: boolean): void {
  const { code, message, fix, stack } = error as { code?: string; message: string; fix?: string; stack?: string };
  const way = fix ?? (error instanceof EngineError ? engineFix(error) : undefined);
  if (json) {
    const diagnostics = error instanceof EngineError ? error.diagnostics : undefined;
    process.stdout.write(
      `${JSON.stringify({ error: { code: code ?? 'internal', message, fix: way, diagnostics } }, null, 2)}\n`,
    );
    return;
  }
  if (way === undefined) process.stderr.write(`\nerror: ${stack ?? message}\n`);
  else process.stderr.write(`\nerror: ${message}\n\n  ${way.replaceAll('\n', '\n  ')}\n`);
}

export function printOverview(entries: readonly CommandEntry[]): number {
  process.stdout.write(
    `Plinth: AWS infrastructure in TypeScript that you can run before you pay for it.\n\n` +
      `Usage: plinth <command> [options]\n\n${listOf(entries)}\n\n` +
      `Begin with: plinth up aiops\nMore on each: plinth <command> --help\n`,
  );
  return 0;
}

export function printGroup(entries: readonly CommandEntry[]): void {
  process.stdout.write(`${listOf(entries)}\n\nMore on each: plinth ${entries[0]?.name ?? '<command>'} --help\n`);
}

export function printVersion(version: string, json: boolean): number {
  const answer = { version, node: process.version };
  process.stdout.write(`${json ? JSON.stringify(answer, null, 2) : `plinth ${version} (Node ${process.version})`}\n`);
  return 0;
}

function listOf(entries: readonly CommandEntry[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length));
  return entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
}

export function printHelp({ name, command }: FoundCommand): number {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(
    ([option, spec]) => [flag(option, spec), spec.summary] as const,
  );
  const width = Math.max(...options.map(([left]) => left.length));
  const examples = command.examples.map(([line, why]) => `  ${line}\n      ${why}`);
  process.stdout.write(
    `${command.summary}\n\nUsage: plinth ${name}${command.args ? ` ${command.args}` : ''} [options]\n\n` +
      `Options:\n${options.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')}\n\n` +
      `Examples:\n${examples.join('\n')}\n`,
  );
  return 0;
}

const flag = (name: string, { short, value }: OptionSpec): string =>
  `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;

function engineFix({ operation, message }: EngineError): string {
  if (message.startsWith('Saved plan is stale')) {
    return 'Nothing was changed. Plan again with plinth plan, look at that plan, and apply it.';
  }
  if (operation === 'state' && /\baddress\b/.test(message)) {
    return 'Nothing was changed. The addresses are in: plinth state list <system>';
  }
  return `Terraform's ${operation} failed; what was done before is in the state. Mend the cause and run the same command again.`;
}
