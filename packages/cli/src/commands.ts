// Every command by its name; each is loaded when it is asked for.
import type { Command } from './command.ts';
import { unknownCommand } from './errors.ts';

export interface CommandEntry {
  /** A word, or noun and verb. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export interface FoundCommand {
  readonly name: string;
  readonly command: Command;
  /** What stands behind the name. */
  readonly rest: readonly string[];
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'start the cloud, deploy systems, check that they are healthy',
    load: () => import('./commands/up.ts').then((m) => m.up),
  },
  {
    name: 'down',
    summary: 'stop the cloud; everything in it is kept',
    load: () => import('./commands/down.ts').then((m) => m.down),
  },
  {
    name: 'status',
    summary: 'show what runs, where, and how it is',
    load: () => import('./commands/status.ts').then((m) => m.status),
  },
  {
    name: 'bootstrap',
    summary: "make a system's state bucket and lock table",
    load: () => import('./commands/bootstrap.ts').then((m) => m.bootstrapCommand),
  },
  {
    name: 'synth',
    summary: 'write the Terraform roots of a system',
    load: () => import('./commands/synth.ts').then((m) => m.synth),
  },
  {
    name: 'validate',
    summary: 'have Terraform check the roots of a system',
    load: () => import('./commands/validate.ts').then((m) => m.validate),
  },
  {
    name: 'plan',
    summary: 'show what an apply would change, and save it',
    load: () => import('./commands/plan.ts').then((m) => m.planCommand),
  },
  {
    name: 'apply',
    summary: 'apply the saved plan, or plan and confirm',
    load: () => import('./commands/apply.ts').then((m) => m.apply),
  },
  {
    name: 'destroy',
    summary: 'destroy what a system made, after asking',
    load: () => import('./commands/destroy.ts').then((m) => m.destroy),
  },
  {
    name: 'output',
    summary: "show a system's outputs",
    load: () => import('./commands/output.ts').then((m) => m.output),
  },
  {
    name: 'logs',
    summary: 'show what a system’s functions and builds say',
    load: () => import('./commands/logs.ts').then((m) => m.logs),
  },
  {
    name: 'invoke',
    summary: 'invoke a function of a system with an event of yours',
    load: () => import('./commands/invoke.ts').then((m) => m.invoke),
  },
  {
    name: 'alarms',
    summary: 'show what alarms say, and what they watch',
    load: () => import('./commands/alarms.ts').then((m) => m.alarms),
  },
  {
    name: 'metrics',
    summary: 'show what a system measures, as a list or a chart',
    load: () => import('./commands/metrics.ts').then((m) => m.metrics),
  },
  {
    name: 'cost',
    summary: 'show what a deployed system would cost in AWS',
    load: () => import('./commands/cost.ts').then((m) => m.cost),
  },
  {
    name: 'drift',
    summary: 'show what changed behind Terraform’s back',
    load: () => import('./commands/drift.ts').then((m) => m.drift),
  },
  {
    name: 'smoke',
    summary: "run a system's smoke tests where it is deployed",
    load: () => import('./commands/smoke.ts').then((m) => m.smoke),
  },
  {
    name: 'rotate',
    summary: "rotate a system's secret now",
    load: () => import('./commands/rotate.ts').then((m) => m.rotate),
  },
  {
    name: 'import',
    summary: 'take something that exists under Terraform’s care',
    load: () => import('./commands/import.ts').then((m) => m.importCommand),
  },
  {
    name: 'state list',
    summary: "list the resources in a system's states",
    load: () => import('./commands/state/list.ts').then((m) => m.list),
  },
  {
    name: 'state show',
    summary: 'show one resource as its state has it',
    load: () => import('./commands/state/show.ts').then((m) => m.show),
  },
  {
    name: 'state pull',
    summary: 'print a state as Terraform keeps it',
    load: () => import('./commands/state/pull.ts').then((m) => m.pull),
  },
  {
    name: 'state rm',
    summary: 'let Terraform forget a resource',
    load: () => import('./commands/state/rm.ts').then((m) => m.rm),
  },
  {
    name: 'state mv',
    summary: 'give a resource in the state another address',
    load: () => import('./commands/state/mv.ts').then((m) => m.mv),
  },
  {
    name: 'state backup',
    summary: 'copy a state into a file',
    load: () => import('./commands/state/backup.ts').then((m) => m.backup),
  },
  {
    name: 'state restore',
    summary: 'make a copy of a state the state again',
    load: () => import('./commands/state/restore.ts').then((m) => m.restore),
  },
  {
    name: 'state unlock',
    summary: 'release a lock that a dead run left on a state',
    load: () => import('./commands/state/unlock.ts').then((m) => m.unlock),
  },
  {
    name: 'cloud start',
    summary: 'start the cloud in the background',
    load: () => import('./commands/cloud/start.ts').then((m) => m.start),
  },
  {
    name: 'cloud stop',
    summary: 'stop the cloud; everything in it is kept',
    load: () => import('./commands/cloud/stop.ts').then((m) => m.stop),
  },
  {
    name: 'cloud status',
    summary: 'show the cloud’s address, memory and usage',
    load: () => import('./commands/cloud/status.ts').then((m) => m.cloudStatusCommand),
  },
  {
    name: 'cloud logs',
    summary: 'show the cloud’s own log',
    load: () => import('./commands/cloud/logs.ts').then((m) => m.logs),
  },
  {
    name: 'cloud trail',
    summary: 'show who called what, and what came of it',
    load: () => import('./commands/cloud/trail.ts').then((m) => m.trail),
  },
  {
    name: 'cloud reset',
    summary: 'forget everything that is in the cloud, after asking',
    load: () => import('./commands/cloud/reset.ts').then((m) => m.reset),
  },
  {
    name: 'inbox',
    summary: 'show the mails of SNS, and confirm subscriptions',
    load: () => import('./commands/inbox.ts').then((m) => m.inbox),
  },
  {
    name: 'iam why',
    summary: 'explain why somebody may or may not do something',
    load: () => import('./commands/iam/why.ts').then((m) => m.why),
  },
  {
    name: 'cloud snapshot save',
    summary: 'set the whole cloud aside under a name',
    load: () => import('./commands/cloud/snapshot/save.ts').then((m) => m.save),
  },
  {
    name: 'cloud snapshot load',
    summary: 'put a snapshot in the place of the cloud, after asking',
    load: () => import('./commands/cloud/snapshot/load.ts').then((m) => m.load),
  },
  {
    name: 'cloud snapshot list',
    summary: 'list the snapshots',
    load: () => import('./commands/cloud/snapshot/list.ts').then((m) => m.list),
  },
  {
    name: 'clock show',
    summary: 'show what time it is in the cloud',
    load: () => import('./commands/clock/show.ts').then((m) => m.show),
  },
  {
    name: 'clock advance',
    summary: 'let time pass in the cloud',
    load: () => import('./commands/clock/advance.ts').then((m) => m.advance),
  },
  {
    name: 'clock set',
    summary: 'move the cloud’s time to a moment to come',
    load: () => import('./commands/clock/set.ts').then((m) => m.set),
  },
  {
    name: 'aws',
    summary: 'run the AWS CLI against the cloud',
    load: () => import('./commands/aws.ts').then((m) => m.aws),
  },
  {
    name: 'env',
    summary: 'print variables that point any tool or SDK at the cloud',
    load: () => import('./commands/env.ts').then((m) => m.env),
  },
  {
    name: 'doctor',
    summary: 'check whether this machine has what Plinth needs',
    load: () => import('./commands/doctor.ts').then((m) => m.doctor),
  },
  {
    name: 'completion',
    summary: 'let your shell complete commands and options',
    load: () => import('./commands/completion.ts').then((m) => m.completion),
  },
  {
    name: 'test',
    summary: 'check formats, lint and types, and run every test',
    load: () => import('./commands/test.ts').then((m) => m.test),
  },
];

/** The commands of a noun that stands alone, as in `plinth state` or `plinth cloud snapshot --help`. */
export function findGroup(words: readonly string[]): readonly CommandEntry[] {
  const noun = words.filter((word) => !word.startsWith('-')).join(' ');
  return commands.some(({ name }) => name === noun) ? [] : commands.filter(({ name }) => name.startsWith(`${noun} `));
}

/** The command that the words begin with; throws an error that names the nearest ones. */
export async function findCommand(words: readonly string[]): Promise<FoundCommand> {
  const length = [3, 2].find((count) => commands.some(({ name }) => name === words.slice(0, count).join(' '))) ?? 1;
  const name = words.slice(0, length).join(' ');
  const entry = commands.find((candidate) => candidate.name === name);
  if (!entry)
    throw unknownCommand(
      words
        .filter((word) => !word.startsWith('-'))
        .slice(0, 2)
        .join(' '),
      near(words),
    );
  return { name, command: await entry.load(), rest: words.slice(length) };
}

function near(words: readonly string[]): string[] {
  const said = ({ name }: CommandEntry) => words.slice(0, name.split(' ').length).join(' ');
  const close = commands.filter((entry) => distance(entry.name, said(entry)) <= 2);
  const found = close.length > 0 ? close : commands.filter(({ name }) => name.split(' ')[0] === words[0]);
  return found.map(({ name }) => name);
}

// How many letters have to be added, removed or replaced.
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, a] of Array.from(left).entries()) {
    row = Array.from(right).reduce<number[]>(
      (next, b, j) => [...next, Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1))],
      [i + 1],
    );
  }
  return row.at(-1) ?? 0;
}
