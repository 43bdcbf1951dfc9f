// CodeBuild's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const projectNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Project cannot be found: ${arn}`);

export const projectExists = (arn: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `Project already exists: ${arn}`);

export const buildNotFound = (id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Build cannot be found: ${id}`);

export const batchNotFound = (id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Build batch cannot be found: ${id}`);

export const reportGroupExists = (arn: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `Report group already exists: ${arn}`);

export const reportGroupNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Report group cannot be found: ${arn}`);

export const reportNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Report cannot be found: ${arn}`);

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInputException', message);
