// Lambda's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const functionNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, { status: 404, members: { Type: 'User' } });

export const notFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, { status: 404, members: { Type: 'User' } });

export const conflict = (message: string): AwsError =>
  new AwsError('ResourceConflictException', message, { status: 409, members: { Type: 'User' } });

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, { members: { Type: 'User' } });

export const staleRevision = (): AwsError =>
  new AwsError(
    'PreconditionFailedException',
    'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId',
    { status: 412, members: { Type: 'User' } },
  );

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const invalidValue = (name: string, value: unknown, constraint: string): AwsError =>
  validation(
    `1 validation error detected: Value '${String(value)}' at '${name}' failed to satisfy constraint: ${constraint}`,
  );

/** Refuses tags whose keys are AWS's own. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
export function requireOwnTags(tags: Readonly<Record<string, string>> | undefined): void {
  const key = Object.keys(tags ?? {}).find((one) => one.startsWith('aws:'));
  if (key !== undefined) throw invalidParameter(`The tag key ${key} begins with aws:, which is reserved for AWS.`);
}

export const tooLarge = (limit: number, operation: string): AwsError =>
  new AwsError(
    'RequestTooLargeException',
    `Request must be smaller than ${limit} bytes for the ${operation} operation`,
    {
      status: 413,
      members: { Type: 'User' },
    },
  );

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, `Reason` */
export type ThrottleReason = 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';

export const throttled = (Reason: ThrottleReason): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    status: 429,
    members: { Reason, Type: 'User' },
    headers: { 'retry-after': '1' },
  });
