// What a command is: its words for --help, its options, and what it does.
import type { Context } from './context.ts';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** What stands for the value in --help, e.g. `NAME`. */
  readonly value?: string;
  readonly summary: string;
  readonly short?: string;
  /** May be given several times; its values are in the invocation's `lists`. */
  readonly multiple?: boolean;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export interface Invocation {
  readonly args: readonly string[];
  readonly options: OptionValues;
  /** Values of the options that may be given several times, by name. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- commands differ in their answers; whoever runs one only hands it from run to render
export interface Command<Answer = any> {
  /** One line, begins with a verb. */
  readonly summary: string;
  /** What follows the command's name, e.g. `<system> [stack]`. */
  readonly args?: string;
  /** How many positional arguments there may be. @default none */
  readonly arity?: readonly [least: number, most: number];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Everything after the command's name is for somebody else, as with `plinth aws`. */
  readonly passThrough?: boolean;
  /** The words that may stand next, after these arguments, for a shell that completes them. */
  readonly complete?: (args: readonly string[], context: Context) => Promise<readonly string[]>;
  readonly examples: readonly (readonly [command: string, why: string])[];
  /** Does it, and answers data: printed as JSON with --json, otherwise as `render` says. */
  readonly run: (invocation: Invocation, context: Context) => Promise<Answer>;
  readonly render: (answer: Answer) => string;
  /** The exit code where success is not simply 0, e.g. 2 for `drift` that found some. */
  readonly exitCode?: (answer: Answer) => number;
}

/** Lets a command's `run` and `render` agree on a type. */
export const command = <Answer>(definition: Command<Answer>): Command<Answer> => definition;

/** Options that every command takes. */
export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  env: { type: 'string', value: 'NAME', summary: "environment (default: the system's first)" },
  target: { type: 'string', value: 'local|aws|URL', summary: 'where it runs (default: local)' },
  json: { type: 'boolean', summary: 'answer in JSON on standard output' },
  help: { type: 'boolean', short: 'h', summary: 'show this help' },
};
