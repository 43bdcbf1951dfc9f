// CloudWatch's errors, as its API reference names them.
import { AwsError } from '../../kernel/errors.ts';

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

export const invalidCombination = (message: string): AwsError =>
  new AwsError('InvalidParameterCombinationException', message);

export const missingParameter = (message: string): AwsError =>
  new AwsError('MissingRequiredParameterException', message);

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const invalidToken = (): AwsError => new AwsError('InvalidNextToken', 'The specified NextToken is invalid.');

export const resourceNotFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, { status: 404 });
