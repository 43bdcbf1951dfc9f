// The values that a project's settings may have: those of CodeBuild's model, of which some are refused by name.
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
import type {
  CacheMode,
  ComputeType,
  ProjectArtifacts,
  ProjectCache,
  ProjectEnvironment,
  ProjectSource,
} from '@aws-sdk/client-codebuild';

import { requireOneOf } from '../../kernel/constraint.ts';
import { notSupported } from '../../kernel/errors.ts';
import { invalidInput } from './errors.ts';
import type { ProjectSettings } from './projects.ts';

const SOURCES: readonly ProjectSource['type'][] = ['NO_SOURCE', 'S3'];
const OTHER_SOURCES: readonly ProjectSource['type'][] = [
  'BITBUCKET',
  'CODECOMMIT',
  'CODEPIPELINE',
  'GITHUB',
  'GITHUB_ENTERPRISE',
  'GITLAB',
  'GITLAB_SELF_MANAGED',
];

const ENVIRONMENTS: readonly ProjectEnvironment['type'][] = ['LINUX_CONTAINER', 'ARM_CONTAINER'];
const OTHER_ENVIRONMENTS: readonly ProjectEnvironment['type'][] = [
  'ARM_EC2',
  'ARM_LAMBDA_CONTAINER',
  'LINUX_EC2',
  'LINUX_GPU_CONTAINER',
  'LINUX_LAMBDA_CONTAINER',
  'MAC_ARM',
  'WINDOWS_CONTAINER',
  'WINDOWS_EC2',
  'WINDOWS_SERVER_2019_CONTAINER',
  'WINDOWS_SERVER_2022_CONTAINER',
];

/** Sizes of containers. What a build gets of this machine is the same for all of them. */
const COMPUTE: readonly ComputeType[] = [
  'BUILD_GENERAL1_SMALL',
  'BUILD_GENERAL1_MEDIUM',
  'BUILD_GENERAL1_LARGE',
  'BUILD_GENERAL1_XLARGE',
  'BUILD_GENERAL1_2XLARGE',
];
const OTHER_COMPUTE: readonly ComputeType[] = [
  'ATTRIBUTE_BASED_COMPUTE',
  'CUSTOM_INSTANCE_TYPE',
  'BUILD_LAMBDA_1GB',
  'BUILD_LAMBDA_2GB',
  'BUILD_LAMBDA_4GB',
  'BUILD_LAMBDA_8GB',
  'BUILD_LAMBDA_10GB',
];

const CACHE_MODES: readonly CacheMode[] = ['LOCAL_CUSTOM_CACHE', 'LOCAL_DOCKER_LAYER_CACHE', 'LOCAL_SOURCE_CACHE'];

const SWITCH = ['ENABLED', 'DISABLED'];

const OWNER_ACCESS = ['NONE', 'READ_ONLY', 'FULL'];

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html */
export function checkSourceType(type: ProjectSource['type']): void {
  requireSupported(type, 'source.type', SOURCES, OTHER_SOURCES);
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html */
export function checkArtifactValues(artifacts: ProjectArtifacts): void {
  requireSupported(artifacts.type, 'artifacts.type', ['NO_ARTIFACTS', 'S3'], ['CODEPIPELINE']);
  requireOneOf(artifacts.namespaceType, 'artifacts.namespaceType', ['NONE', 'BUILD_ID'], invalidInput);
  requireOneOf(artifacts.packaging, 'artifacts.packaging', ['NONE', 'ZIP'], invalidInput);
  requireOneOf(artifacts.bucketOwnerAccess, 'artifacts.bucketOwnerAccess', OWNER_ACCESS, invalidInput);
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html */
export function checkEnvironmentValues(environment: ProjectEnvironment): void {
  requireSupported(environment.type, 'environment.type', ENVIRONMENTS, OTHER_ENVIRONMENTS);
  requireSupported(environment.computeType, 'environment.computeType', COMPUTE, OTHER_COMPUTE);
  const { imagePullCredentialsType: credentials, environmentVariables: variables = [] } = environment;
  requireOneOf(credentials, 'environment.imagePullCredentialsType', ['CODEBUILD', 'SERVICE_ROLE'], invalidInput);
  for (const [index, { type }] of variables.entries()) {
    const member = `environment.environmentVariables.${index + 1}.member.type`;
    requireOneOf(type, member, ['PLAINTEXT', 'PARAMETER_STORE', 'SECRETS_MANAGER'], invalidInput);
  }
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectCache.html */
export function checkCacheValues({ type, location, modes = [] }: ProjectCache): void {
  requireOneOf(type, 'cache.type', ['NO_CACHE', 'S3', 'LOCAL'], invalidInput);
  for (const mode of modes) requireOneOf(mode, 'cache.modes', CACHE_MODES, invalidInput);
  if (type === 'S3' && !location) throw invalidInput('Invalid cache: location must be specified when the type is S3');
  if (type === 'LOCAL' && modes.length === 0)
    throw invalidInput('Invalid cache: at least one mode must be specified when the type is LOCAL');
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_LogsConfig.html */
export function checkLogValues({ cloudWatchLogs, s3Logs }: NonNullable<ProjectSettings['logsConfig']>): void {
  requireOneOf(cloudWatchLogs?.status, 'logsConfig.cloudWatchLogs.status', SWITCH, invalidInput);
  requireOneOf(s3Logs?.status, 'logsConfig.s3Logs.status', SWITCH, invalidInput);
  requireOneOf(s3Logs?.bucketOwnerAccess, 'logsConfig.s3Logs.bucketOwnerAccess', OWNER_ACCESS, invalidInput);
  if (s3Logs?.status === 'ENABLED' && !s3Logs.location)
    throw invalidInput('Invalid logs configuration: s3Logs needs a location');
}

/** Throws for a value that CodeBuild has and the cloud has not, and for one that nobody has. */
function requireSupported<T extends string | undefined>(
  value: T,
  member: string,
  supported: readonly T[],
  others: readonly T[],
): void {
  if (others.includes(value)) {
    throw notSupported(`${member} ${value} is not supported here: ${supported.join(', ')} are.`);
  }
  requireOneOf(value, member, [...supported, ...others] as string[], invalidInput);
}
