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

export const tooManyFilters = (): AwsError => new AwsError('LimitExceededException', 'Resource limit exceeded.');
