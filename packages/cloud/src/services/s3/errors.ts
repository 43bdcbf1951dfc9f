// S3's errors, in its own words.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
import { AwsError } from '../../kernel/errors.ts';

export const noSuchBucket = (bucket: string): AwsError =>
  new AwsError('NoSuchBucket', 'The specified bucket does not exist', { status: 404, members: { BucketName: bucket } });

export const noSuchKey = (key: string, headers: Readonly<Record<string, string>> = {}): AwsError =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404, members: { Key: key }, headers });

export const noSuchVersion = (key: string, version: string): AwsError =>
  new AwsError('NoSuchVersion', 'The specified version does not exist.', {
    status: 404,
    members: { Key: key, VersionId: version },
  });

export const noSuchUpload = (uploadId: string): AwsError =>
  new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { status: 404, members: { UploadId: uploadId } },
  );

/** What a configuration that a bucket does not have answers, each with its own code. */
export const notConfigured = (code: string, message: string, bucket: string): AwsError =>
  new AwsError(code, message, { status: 404, members: { BucketName: bucket } });

export const methodNotAllowed = (method: string, version: string, modified: number): AwsError =>
  new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
    members: { Method: method, ResourceType: 'DeleteMarker' },
    headers: {
      allow: 'DELETE',
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': version,
      'last-modified': new Date(modified).toUTCString(),
    },
  });

export const accessDenied = (message = 'Access Denied'): AwsError =>
  new AwsError('AccessDenied', message, { status: 403 });

export const invalidArgument = (message: string, name: string, value?: string): AwsError =>
  new AwsError('InvalidArgument', message, {
    members: value === undefined ? { ArgumentName: name } : { ArgumentName: name, ArgumentValue: value },
  });

export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequest', message);

export const malformedXml = (): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const preconditionFailed = (condition: string): AwsError =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    members: { Condition: condition },
  });

/** A header's value that AWS itself does not take. */
export const headerNotImplemented = (header: string, reason: string): AwsError =>
  new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', {
    status: 501,
    members: { Header: header, additionalMessage: reason },
  });

/** A feature that AWS has and this S3 has not; the sentence names it. */
export const notSupported = (feature: string): AwsError =>
  new AwsError('NotImplemented', `${feature} is not supported here.`, { status: 501 });

export const invalidBucketState = (message: string): AwsError =>
  new AwsError('InvalidBucketState', message, { status: 409 });

export const aclsNotSupported = (): AwsError =>
  new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
