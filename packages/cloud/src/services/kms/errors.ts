// KMS's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message);

export const keyNotFound = (arn: string): AwsError => notFound(`Key '${arn}' does not exist`);

export const aliasNotFound = (arn: string): AwsError => notFound(`Alias ${arn} is not found.`);

export const alreadyExists = (message: string): AwsError => new AwsError('AlreadyExistsException', message);

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const invalidArn = (message: string): AwsError => new AwsError('InvalidArnException', message);

export const disabled = (arn: string): AwsError => new AwsError('DisabledException', `${arn} is disabled.`);

export const invalidState = (message: string): AwsError => new AwsError('KMSInvalidStateException', message);

export const invalidUsage = (message: string): AwsError => new AwsError('InvalidKeyUsageException', message);

export const unsupported = (message: string): AwsError => new AwsError('UnsupportedOperationException', message);

export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);

export const tagError = (message: string): AwsError => new AwsError('TagException', message);

/** AWS says no more than the code. */
export const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '');

export const incorrectKey = (): AwsError =>
  new AwsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );

export const unknownCiphertextKey = (): AwsError =>
  new AwsError(
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  );

export const invalidSignature = (): AwsError => new AwsError('KMSInvalidSignatureException', '');

export const invalidMac = (): AwsError => new AwsError('KMSInvalidMacException', '');

export const invalidImportToken = (): AwsError =>
  new AwsError('InvalidImportTokenException', 'The import token is invalid.');

export const expiredImportToken = (): AwsError =>
  new AwsError('ExpiredImportTokenException', 'The import token has expired.');

export const incorrectMaterial = (): AwsError =>
  new AwsError(
    'IncorrectKeyMaterialException',
    'The key material in the request is not what this KMS key takes, or not the key material that was imported into it before.',
  );

export const dryRun = (): AwsError =>
  new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');

export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);

export const invalidAliasName = (message: string): AwsError => new AwsError('InvalidAliasNameException', message);

export const invalidMarker = (): AwsError => new AwsError('InvalidMarkerException', 'The marker is not valid.');

export const invalidGrantId = (message: string): AwsError => new AwsError('InvalidGrantIdException', message);

export const invalidGrantToken = (): AwsError => new AwsError('InvalidGrantTokenException', 'Invalid grant token.');
