// What can go wrong with a declaration, said so that its author can put it right: the problem, and the way on.

/** A mistake of the user's, with a stable code and the change that mends it. */
export class UserError extends Error {
  /** Stable, kebab-case: what scripts and tests go by. */
  readonly code: string;
  /** What to do, as an instruction. */
  readonly fix: string;

  constructor(code: string, message: string, fix: string) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.fix = fix;
  }
}

export const addressTaken = (address: string, paths: readonly string[]): UserError =>
  new UserError(
    'address-taken',
    `${paths.join(' and ')} would both be ${address} in Terraform`,
    'Give one of the two blocks another id: addresses are made of the ids of the blocks around a resource.',
  );

export const notInAStack = (path: string): UserError =>
  new UserError('not-in-a-stack', `${path} is outside of any stack`, "Pass the stack, or a block in one, as 'scope'.");

export const unknownEnvironment = (system: string, environment: string, known: readonly string[]): UserError =>
  new UserError(
    'unknown-environment',
    `${system} has no environment '${environment}'`,
    `Choose one of: ${known.join(', ')}.`,
  );

export const noAccount = (account: string): UserError =>
  new UserError('no-account', `'${account}' is not an AWS account id`, 'Give the twelve digits of the account.');

export const emptyRoot = (dir: string): UserError =>
  new UserError('empty-root', `there is no Terraform configuration in ${dir}`, 'Synthesize the system first.');

export const noRecovery = (system: string): UserError =>
  new UserError(
    'no-recovery',
    `${system} keeps no last known good roots`,
    'Declare `recovery` in its system.ts: the stack, project and bucket that restore it.',
  );
