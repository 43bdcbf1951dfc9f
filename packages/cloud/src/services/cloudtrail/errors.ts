// CloudTrail's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const trailNotFound = (name: string): AwsError =>
  new AwsError('TrailNotFoundException', `Unknown trail: ${name}`);

export const trailExists = (name: string): AwsError =>
  new AwsError('TrailAlreadyExistsException', `Trail ${name} already exists.`);

export const tooManyTrails = (region: string): AwsError =>
  new AwsError('MaximumNumberOfTrailsExceededException', `The maximum number of trails in ${region} is reached.`);

export const invalidTrailName = (why: string): AwsError => new AwsError('InvalidTrailNameException', why);

export const noBucket = (bucket: string): AwsError =>
  new AwsError('S3BucketDoesNotExistException', `S3 bucket ${bucket} does not exist!`);

export const insufficientBucketPolicy = (bucket: string): AwsError =>
  new AwsError('InsufficientS3BucketPolicyException', `Incorrect S3 bucket policy is detected for bucket: ${bucket}`);

export const invalidSelectors = (why: string): AwsError => new AwsError('InvalidEventSelectorsException', why);

export const invalidParameters = (why: string): AwsError => new AwsError('InvalidParameterCombinationException', why);

export const invalidTimeRange = (): AwsError =>
  new AwsError('InvalidTimeRangeException', 'Start time must be before end time.');

export const unsupported = (what: string): AwsError =>
  new AwsError('UnsupportedOperationException', `${what} is not supported here.`);
