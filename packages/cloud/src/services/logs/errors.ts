// CloudWatch Logs' errors, as its API reference words them.
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

/** Beyond what a page may hold, as the API's constraints word it. */
export function requireLimit(limit: number | undefined, most: number): void {
  if (limit === undefined || (limit >= 1 && limit <= most)) return;
  throw invalidParameter(
    `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${most}`}`,
  );
}

export const tooManyFilters = (): AwsError => new AwsError('LimitExceededException', 'Resource limit exceeded.');
