// SNS's errors, as its API answers them.
import { AwsError, notSupported } from '../../kernel/errors.ts';

/** `what` begins with the parameter's name, e.g. `Subject`, `TopicArn Reason: …`. */
export const invalidParameter = (what: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

/** Of a message attribute. */
export const invalidAttribute = (message: string): AwsError => new AwsError('ParameterValueInvalid', message);

export const topicNotFound = (): AwsError => new AwsError('NotFound', 'Topic does not exist', { status: 404 });

export const subscriptionNotFound = (): AwsError =>
  new AwsError('NotFound', 'Subscription does not exist', { status: 404 });

export const resourceNotFound = (): AwsError =>
  new AwsError('ResourceNotFound', 'Resource does not exist', { status: 404 });

export const notAuthorized = (message: string): AwsError =>
  new AwsError('AuthorizationError', message, { status: 403 });

export const tooManyTags = (): AwsError =>
  new AwsError('TagLimitExceeded', 'Could not complete request: tag quota of per resource exceeded');

export const tooManyFilterPolicies = (): AwsError =>
  new AwsError('FilterPolicyLimitExceeded', 'Filter policy limit exceeded for the topic', { status: 403 });

/** Something that AWS has and the cloud has not; `parameter` is where it was asked for. */
export const unsupported = (parameter: string, what: string): AwsError =>
  notSupported(`${parameter}: ${what} is not supported here.`);

const BATCH_ERRORS = {
  EmptyBatchRequest: "The batch request doesn't contain any entries.",
  TooManyEntriesInBatchRequest: 'The batch request contains more entries than permissible.',
  InvalidBatchEntryId:
    'The Id of a batch entry in a batch request can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  BatchEntryIdsNotDistinct: 'Two or more batch entries in the request have the same Id.',
  BatchRequestTooLong: 'The length of all the messages put together is more than the limit.',
};

/** Of a batch as a whole; errors of entries are in its answer. */
export const batchError = (code: keyof typeof BATCH_ERRORS): AwsError => new AwsError(code, BATCH_ERRORS[code]);

const KMS_ERRORS: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KMSAccessDenied',
  DisabledException: 'KMSDisabled',
  KMSInvalidStateException: 'KMSInvalidState',
  NotFoundException: 'KMSNotFound',
};

/** KMS's answer about a topic's key, as SNS passes it on. */
export const kmsError = (error: AwsError): AwsError =>
  new AwsError(KMS_ERRORS[error.code] ?? 'KMSInvalidState', error.message);
