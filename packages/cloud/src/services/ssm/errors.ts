// Parameter Store's errors, as its API reference words them.
import { AwsError } from '../../kernel/errors.ts';

export const notFound = (message = ''): AwsError => new AwsError('ParameterNotFound', message);

export const versionNotFound = (name: string, selector: string): AwsError =>
  new AwsError(
    'ParameterVersionNotFound',
    /^\d+$/.test(selector)
      ? `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`
      : `Systems Manager could not find the label ${selector} of ${name}. Verify the label and try again.`,
  );

export const alreadyExists = (): AwsError =>
  new AwsError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const patternMismatch = (pattern: string): AwsError =>
  new AwsError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
  );

export const invalidPattern = (message: string): AwsError => new AwsError('InvalidAllowedPatternException', message);

export const typeMismatch = (from: string, to: string): AwsError =>
  new AwsError(
    'HierarchyTypeMismatchException',
    `A parameter of type ${from} cannot become one of type ${to}: create a new, unique parameter.`,
  );

export const tooManyLevels = (most: number): AwsError =>
  new AwsError('HierarchyLevelLimitExceededException', `A hierarchy can have a maximum of ${most} levels.`);

export const versionLimit = (name: string, oldest: number): AwsError =>
  new AwsError(
    'ParameterMaxVersionLimitExceeded',
    `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
  );

export const labelLimit = (most: number): AwsError =>
  new AwsError('ParameterVersionLabelLimitExceeded', `A parameter version can have a maximum of ${most} labels.`);

export const invalidKeyId = (message: string): AwsError => new AwsError('InvalidKeyId', message);

export const invalidFilterKey = (message: string): AwsError => new AwsError('InvalidFilterKey', message);

export const invalidFilterOption = (message: string): AwsError => new AwsError('InvalidFilterOption', message);

export const invalidFilterValue = (message: string): AwsError => new AwsError('InvalidFilterValue', message);

export const invalidToken = (): AwsError => new AwsError('InvalidNextToken', 'The specified token is not valid.');

export const invalidResourceId = (): AwsError => new AwsError('InvalidResourceId', 'The resource ID is not valid.');

export const unsupportedResource = (type: string): AwsError =>
  new AwsError('NotImplemented', `Tags of ${type} resources are not supported here: only those of Parameter are.`, {
    status: 501,
  });

export const invalidPolicyType = (message: string): AwsError => new AwsError('InvalidPolicyTypeException', message);

export const invalidPolicyAttribute = (message: string): AwsError =>
  new AwsError('InvalidPolicyAttributeException', message);

export const policyLimit = (most: number): AwsError =>
  new AwsError('PoliciesLimitExceededException', `A parameter can have a maximum of ${most} policies.`);

export const tooManyTags = (): AwsError => new AwsError('TooManyTagsError', 'A parameter can have 50 tags.');

export const reservedName = (name: string): AwsError =>
  new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
