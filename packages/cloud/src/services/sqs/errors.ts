// SQS's errors, as its API reference and its answers word them.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
import { AwsError } from '../../kernel/errors.ts';

export const queueNotFound = (): AwsError => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

export const queueNameExists = (attribute: string): AwsError =>
  new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );

export const unknownAttribute = (name: string): AwsError =>
  new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);

export const invalidAttribute = (name: string, reason?: string): AwsError =>
  new AwsError(
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}.${reason === undefined ? '' : ` Reason: ${reason}`}`,
  );

/** What has no shape of its own has one name in the query protocol and another, longer one in JSON. */
export const invalidValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, { queryCode: 'InvalidParameterValue' });

export const invalidParameter = (name: string, value: unknown, reason: string): AwsError =>
  invalidValue(`Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}`);

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${name}.`, {
    queryCode: 'MissingParameter',
  });

export const invalidReceipt = (handle: string): AwsError =>
  new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);

export const notInFlight = (): AwsError =>
  new AwsError('MessageNotInflight', 'The specified message is not in flight.');

export const overLimit = (message: string): AwsError => new AwsError('OverLimit', message);

export const purgeInProgress = (name: string): AwsError =>
  new AwsError('PurgeQueueInProgress', `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`);

export const taskNotFound = (): AwsError => new AwsError('ResourceNotFoundException', 'Task does not exist.');

export const resourceNotFound = (): AwsError =>
  new AwsError(
    'ResourceNotFoundException',
    "The resource that you specified for the SourceArn parameter doesn't exist.",
  );

export const unsupportedOperation = (message: string): AwsError => new AwsError('UnsupportedOperation', message);

/** KMS's errors under the names that SQS has for them. */
const KMS_ERRORS: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KmsAccessDenied',
  DisabledException: 'KmsDisabled',
  InvalidKeyUsageException: 'KmsInvalidKeyUsage',
  KMSInvalidStateException: 'KmsInvalidState',
  NotFoundException: 'KmsNotFound',
  ThrottlingException: 'KmsThrottled',
};

export const fromKms = (error: AwsError): AwsError =>
  new AwsError(KMS_ERRORS[error.code] ?? 'KmsInvalidState', error.message);
