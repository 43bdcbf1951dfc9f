// What CodeBuild has and the cloud has not, by the paths of requests.
import type { Service } from '../../kernel/service.ts';

/** For sources in Git. */
const ofSource = (path: string): string[] =>
  ['auth', 'buildStatusConfig', 'gitSubmodulesConfig.fetchSubmodules', 'reportBuildStatus'].map(
    (member) => `${path}.${member}`,
  );

const ofProject = [
  ...ofSource('source'),
  ...ofSource('secondarySources'),
  'badgeEnabled',
  'buildBatchConfig.combineArtifacts',
  'buildBatchConfig.restrictions.fleetsAllowed',
  'environment.certificate',
  'environment.computeConfiguration',
  'environment.dockerServer',
  'environment.fleet',
  'environment.hostKernel',
  'environment.registryCredential',
  'fileSystemLocations',
  'vpcConfig',
];

const ofStart = [
  ...ofSource('secondarySourcesOverride'),
  'certificateOverride',
  'debugSessionEnabled',
  'gitSubmodulesConfigOverride.fetchSubmodules',
  'registryCredentialOverride',
  'sourceAuthOverride',
];

export const UNSUPPORTED: NonNullable<Service['unsupported']> = {
  CreateProject: ofProject,
  UpdateProject: ofProject,
  StartBuild: [
    ...ofStart,
    'buildStatusConfigOverride',
    'fleetOverride',
    'hostKernelOverride',
    'reportBuildStatusOverride',
  ],
  StartBuildBatch: [
    ...ofStart,
    'buildBatchConfigOverride.combineArtifacts',
    'buildBatchConfigOverride.restrictions.fleetsAllowed',
    'reportBuildBatchStatusOverride',
  ],
  CreateReportGroup: ['exportConfig.s3Destination'],
  UpdateReportGroup: ['exportConfig.s3Destination'],
};
