// plinth logs: what a system's functions and builds have to say, as one.
import { command } from '../command.ts';
import { requireDeployed } from '../deploy.ts';
import { badDuration, unknownUnit } from '../errors.ts';
import { followLines, readLines, type LogLine } from '../log-lines.ts';
import { readDuration } from '../moments.ts';
import { readState, type Root } from '../root.ts';
import { sdkConfiguration } from '../sdk.ts';
import { systemNames } from '../systems.ts';
import { timeAt } from '../target.ts';
import { findUnit, unitsOf, writtenUnitNames, type Unit } from '../units.ts';

const COLOURS = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94];

export const logs = command<readonly LogLine[]>({
  summary: 'Show the logs of a system’s functions and builds by time, one or all of them.',
  args: '<system> [unit]',
  arity: [1, 2],
  options: {
    since: { type: 'string', value: 'DURATION', summary: 'how far back, e.g. 10m, 2d (default: 1h)' },
    follow: { type: 'boolean', short: 'f', summary: 'go on until Ctrl-C' },
  },
  examples: [
    ['plinth logs aiops', 'everything of the last hour'],
    ['plinth logs aiops recovery --since 10m', 'one build project, by its name in the stack'],
    ['plinth logs fp-calibration --follow', 'whatever its functions say from now on, and did in the last hour'],
    ['plinth logs aiops --json', 'as data: when, unit, log group, log stream, message'],
  ],
  complete: async ([system, ...rest], context) => {
    if (system === undefined) return systemNames(context);
    return rest.length === 0 ? writtenUnitNames(context, system, ['function', 'build', 'log group']) : [];
  },
  run: async ({ args: [system = '', name], options }, context) => {
    const since = readDuration(String(options['since'] ?? '1h'));
    if (since === undefined) throw badDuration(String(options['since']));
    const roots = await requireDeployed([system], options, context);
    const units = await chosenUnits(roots, name);
    const { target } = roots[0];
    const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
    const configuration = sdkConfiguration(target);
    // AWS's live tail has a host of its own; another endpoint is one host for everything.
    const client = new CloudWatchLogsClient({ ...configuration, disableHostPrefix: target.endpoint !== undefined });
    const from = (await timeAt(target, context)) - since;
    try {
      if (options['follow'] !== true) return await readLines(client, units, from);
      const write = writer(options['json'] === true);
      const arnOf = (group: string) => `arn:aws:logs:${configuration.region}:${target.account}:log-group:${group}`;
      await followLines({ client, units, from, signal: context.signal, write, arnOf });
      return [];
    } finally {
      client.destroy();
    }
  },
  render: (lines) => {
    const text = textWriter();
    return lines.map(text).join('\n');
  },
});

async function chosenUnits(roots: readonly [Root, ...Root[]], name: string | undefined): Promise<Unit[]> {
  const states = await Promise.all(roots.map(readState));
  const units = unitsOf(states.flatMap(({ resources }) => resources));
  if (name === undefined) return units;
  const unit = findUnit(units, name);
  if (!unit) throw unknownUnit(roots[0].selection.system.name, name, units);
  return [unit];
}

function writer(json: boolean): (line: LogLine) => void {
  const text = json ? (line: LogLine) => JSON.stringify(line) : textWriter();
  return (line) => void process.stdout.write(`${text(line)}\n`);
}

/** `12:00:00.123  ingest  INFO the message`; on a terminal, each unit in a colour of its own. */
function textWriter(): (line: LogLine) => string {
  const colours = new Map<string, number | undefined>();
  const plain = !process.stdout.isTTY || process.env['NO_COLOR'] !== undefined;
  return ({ at, unit, message }) => {
    if (!colours.has(unit)) colours.set(unit, COLOURS[colours.size % COLOURS.length]);
    const width = Math.max(...[...colours.keys()].map(({ length }) => length));
    const head = `${at.slice(11, 23)}  ${unit.padEnd(width)}  `;
    const [first = '', ...rest] = readable(message).split('\n');
    const lines = [first, ...rest.map((line) => ' '.repeat(head.length) + line)].join('\n');
    return (plain ? head : `\u001b[${colours.get(unit)}m${head}\u001b[0m`) + lines;
  };
}

/** What a function said, without the JSON that Lambda puts around it; everything else as it is. */
function readable(message: string): string {
  if (!message.startsWith('{')) return message;
  try {
    const { level, message: said } = JSON.parse(message) as { level?: unknown; message?: unknown };
    if (typeof level !== 'string' || said === undefined) return message;
    return `${level} ${typeof said === 'string' ? said : JSON.stringify(said)}`;
  } catch (error) {
    if (error instanceof SyntaxError) return message;
    throw error;
  }
}
