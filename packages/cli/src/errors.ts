// What goes wrong in a user's hands: each error says what happened, why, and what to do about it.

export class UserError extends Error {
  readonly code: string;
  /** The command or step that gets the user on. */
  readonly fix: string;

  constructor(code: string, message: string, fix: string) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.fix = fix;
  }
}

export const unknownCommand = (words: string, near: readonly string[]) =>
  new UserError(
    'UNKNOWN_COMMAND',
    `There is no command '${words}'.`,
    near.length > 0 ? `Did you mean: ${near.map((name) => `plinth ${name}`).join(', ')}?` : 'See plinth --help.',
  );

export const badUsage = (message: string, name: string) =>
  new UserError('USAGE', message, `See plinth ${name} --help.`);

export const unknownSystem = (name: string, known: readonly string[]) =>
  new UserError('UNKNOWN_SYSTEM', `There is no system '${name}'.`, `The systems are: ${known.join(', ')}.`);

export const unknownStack = (system: string, name: string, known: readonly string[]) =>
  new UserError('UNKNOWN_STACK', `System ${system} has no stack '${name}'.`, `Its stacks are: ${known.join(', ')}.`);

export const unknownEnvironment = (system: string, name: string, known: readonly string[]) =>
  new UserError(
    'UNKNOWN_ENVIRONMENT',
    `System ${system} has no environment '${name}'.`,
    `Its environments are: ${known.join(', ')}.`,
  );

export const badTarget = (target: string) =>
  new UserError(
    'BAD_TARGET',
    `'${target}' is no target.`,
    'Use --target local, --target aws, or --target with an endpoint URL such as http://127.0.0.1:4566.',
  );

export const noEngine = () =>
  new UserError(
    'NO_ENGINE',
    'Neither terraform nor tofu is on PATH.',
    'Install Terraform 1.5 or OpenTofu 1.6 or newer, or name one with PLINTH_ENGINE=/path/to/it.',
  );

export const oldEngine = (path: string, version: string) =>
  new UserError(
    'OLD_ENGINE',
    `${path} is version ${version}; Plinth needs Terraform 1.5 or OpenTofu 1.6.`,
    'Install a newer one, or name one with PLINTH_ENGINE=/path/to/it.',
  );

export const portTaken = (port: number) =>
  new UserError(
    'PORT_TAKEN',
    `Port ${port} is taken by something that is not this project's cloud.`,
    'Stop it, or choose another port: PLINTH_PORT=4567 plinth up',
  );

export const cloudFailed = (reason: string, logFile: string) =>
  new UserError('CLOUD_FAILED', `The cloud did not start: ${reason}`, `Its log is ${logFile}.`);

export const cloudNotRunning = () =>
  new UserError('CLOUD_NOT_RUNNING', 'The cloud is not running.', 'Start it: plinth cloud start');

export const notDeployed = (system: string, environment: string) =>
  new UserError('NOT_DEPLOYED', `${system} (${environment}) is not deployed here.`, `Deploy it: plinth up ${system}`);

export const noSavedPlan = (system: string, stack: string) =>
  new UserError('NO_SAVED_PLAN', `There is no saved plan for ${system}/${stack}.`, `Make one: plinth plan ${system}`);

export const needsConfirmation = (what: string, fix: string) =>
  new UserError('NEEDS_CONFIRMATION', `${what} needs a yes, and there is no terminal to ask on.`, fix);

export const declined = (what: string) => new UserError('DECLINED', `${what}: not confirmed, nothing was changed.`, 'Answer yes to go on.');

export const interrupted = (what: string, fix: string) => new UserError('INTERRUPTED', `${what} was interrupted.`, fix);
