// IAM's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const noSuchEntity = (what: string): AwsError =>
  new AwsError('NoSuchEntity', `${what} cannot be found.`, { status: 404 });

export const alreadyExists = (what: string): AwsError =>
  new AwsError('EntityAlreadyExists', `${what} already exists.`, { status: 409 });

export const deleteConflict = (why: string): AwsError =>
  new AwsError('DeleteConflict', `Cannot delete entity, ${why}.`, { status: 409 });

export const limitExceeded = (what: string): AwsError =>
  new AwsError('LimitExceeded', `Cannot exceed quota for ${what}`, { status: 409 });

export const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

/** Of a service-linked role: its service alone may change it. */
export const unmodifiable = (role: string): AwsError =>
  new AwsError(
    'UnmodifiableEntity',
    `Cannot perform the operation on the protected role '${role}' - this role is only modifiable by AWS`,
  );
