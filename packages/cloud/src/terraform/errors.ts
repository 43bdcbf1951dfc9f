// Failures that Terraform's user can do something about, and that are no answers of AWS.

/** What is wrong with the configuration or a command's argument, and what to do about it. */
export class UserError extends Error {
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

/** Why a change did not begin, or a handler stopped waiting. */
export const interrupted = (): UserError => new UserError('Terraform was interrupted', 'Apply again to go on.');

/** An id given to `terraform import` in the wrong form. */
export const malformedId = (id: string, form: string): UserError =>
  new UserError(`unexpected format of ID (${id}), expected ${form}`, `Import it by ${form}.`);
