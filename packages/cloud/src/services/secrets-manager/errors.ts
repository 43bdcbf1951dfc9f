// Secrets Manager's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const notFound = (what = 'the specified secret.'): AwsError =>
  new AwsError('ResourceNotFoundException', `Secrets Manager can't find ${what}`);

export const alreadyExists = (message: string): AwsError => new AwsError('ResourceExistsException', message);

export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

export const invalidToken = (): AwsError =>
  new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);

export const markedForDeletion = (): AwsError =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);

export const publicPolicy = (): AwsError =>
  new AwsError('PublicPolicyException', "You can't use a resource policy that allows broad access to the secret.");

/** What of KMS gets through to who asked for the secret. */
export function kmsError(error: unknown, code: 'EncryptionFailure' | 'DecryptionFailure'): unknown {
  if (!(error instanceof AwsError) || error.status >= 500) return error;
  if (error.code === 'AccessDeniedException') {
    return new AwsError('AccessDeniedException', `Access to KMS is not allowed: ${error.message}`);
  }
  const what = code === 'EncryptionFailure' ? 'encrypt' : 'decrypt';
  return new AwsError(
    code,
    `Secrets Manager can't ${what} the protected secret text using the provided KMS key: ${error.message}`,
  );
}
