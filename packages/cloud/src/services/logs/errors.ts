// CloudWatch Logs' errors, as its API reference words them.
import { requireWithin } from '../../kernel/constraint.ts';
import { AwsError } from '../../kernel/errors.ts';

export const groupNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');

export const streamNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');

export const groupExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');

export const streamExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

export const filterNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified filter does not exist.');

/** Refuses a page of none, or of more items than one may hold. */
export const requireLimit = (limit: number | undefined, most: number): void =>
  requireWithin(limit, 'limit', [1, most], invalidParameter);

export const tooManyFilters = (): AwsError => new AwsError('LimitExceededException', 'Resource limit exceeded.');
