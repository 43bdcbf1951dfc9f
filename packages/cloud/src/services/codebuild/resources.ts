// aws_codebuild_project.
import type { CreateProjectCommandInput, Project, ProjectArtifacts, ProjectSource } from '@aws-sdk/client-codebuild';

import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceType } from '../../terraform/resource.ts';
import type { CodeBuildOperations } from './operations.ts';

type Settings = Omit<CreateProjectCommandInput, 'name' | 'tags'>;

/** Of sources in Git. */
const ofSource = (block: string): string[] =>
  ['auth', 'build_status_config', 'git_submodules_config.fetch_submodules', 'report_build_status'].map(
    (attribute) => `${block}.${attribute}`,
  );

const REFUSED = [
  ...ofSource('source'),
  ...ofSource('secondary_sources'),
  'badge_enabled',
  'build_batch_config.combine_artifacts',
  'environment.certificate',
  'environment.docker_server',
  'environment.fleet',
  'environment.host_kernel',
  'environment.registry_credential',
  'file_system_locations',
  'resource_access_role',
  'vpc_config',
];

const project: ResourceType = {
  type: 'aws_codebuild_project',
  replace: ['name'],
  defaults: {
    badge_enabled: false,
    build_timeout: 60,
    queued_timeout: 480,
    project_visibility: 'PRIVATE',
    'artifacts.encryption_disabled': false,
    'artifacts.override_artifact_name': false,
    'build_batch_config.combine_artifacts': false,
    'cache.type': 'NO_CACHE',
    'environment.image_pull_credentials_type': 'CODEBUILD',
    'environment.privileged_mode': false,
    'environment.environment_variable.type': 'PLAINTEXT',
    'logs_config.cloudwatch_logs.status': 'ENABLED',
    'logs_config.s3_logs.status': 'DISABLED',
    'logs_config.s3_logs.encryption_disabled': false,
    'source.insecure_ssl': false,
    'secondary_sources.insecure_ssl': false,
    'secondary_artifacts.encryption_disabled': false,
    'secondary_artifacts.override_artifact_name': false,
  },
  validate: (config) => [
    ...refusedAttributes(config, REFUSED),
    ...(config['project_visibility'] && config['project_visibility'] !== 'PRIVATE'
      ? [{ attribute: 'project_visibility', message: 'Only PRIVATE projects are supported by this cloud.' }]
      : []),
  ],
  create: async (planned, context) => {
    const codebuild = context.client<CodeBuildOperations>('codebuild');
    const { project: created } = await codebuild('CreateProject', {
      ...settingsOf(planned),
      name: planned['name'],
      tags: tagsOf(planned),
    });
    return { id: created.arn };
  },
  read: async (state, context) => {
    const codebuild = context.client<CodeBuildOperations>('codebuild');
    const { projects } = await codebuild('BatchGetProjects', { names: [state['id']] });
    return projects[0] ? attributesOf(projects[0]) : null;
  },
  update: async (_prior, planned, context) => {
    await context.client<CodeBuildOperations>('codebuild')('UpdateProject', {
      ...settingsOf(planned),
      // Minus one takes a limit away.
      concurrentBuildLimit: planned['concurrent_build_limit'] ?? -1,
      // So does an empty configuration.
      buildBatchConfig: batchConfigOf(planned['build_batch_config']?.[0]) ?? {},
      logsConfig: planned['logs_config']?.[0] ? logsConfigOf(planned['logs_config'][0]) : {},
      sourceVersion: planned['source_version'] ?? '',
      name: planned['name'],
      tags: tagsOf(planned),
    });
  },
  delete: async (state, context) => {
    await context.client<CodeBuildOperations>('codebuild')('DeleteProject', { name: state['name'] });
  },
  importState: (id, { region, account }) => ({
    id: id.startsWith('arn:') ? id : `arn:aws:codebuild:${region}:${account}:project/${id}`,
  }),
};

export const codebuildResources: readonly ResourceType[] = [project];

const tagsOf = (planned: Attributes) =>
  Object.entries((planned['tags_all'] ?? {}) as Record<string, string>).map(([key, value]) => ({ key, value }));

function settingsOf(planned: Attributes): Settings {
  const source = planned['source'][0];
  const artifacts = planned['artifacts'][0];
  const environment = planned['environment'][0];
  const [cache] = planned['cache'] ?? [];
  const [logs] = planned['logs_config'] ?? [];
  return {
    description: planned['description'] ?? '',
    serviceRole: planned['service_role'],
    timeoutInMinutes: planned['build_timeout'],
    queuedTimeoutInMinutes: planned['queued_timeout'],
    encryptionKey: planned['encryption_key'] || undefined,
    sourceVersion: planned['source_version'] || undefined,
    badgeEnabled: planned['badge_enabled'],
    concurrentBuildLimit: planned['concurrent_build_limit'] || undefined,
    autoRetryLimit: planned['auto_retry_limit'] ?? undefined,
    source: sourceOf(source),
    artifacts: artifactsOf(artifacts),
    secondarySources: secondary(planned['secondary_sources'], (each) => ({
      ...sourceOf(each),
      sourceIdentifier: each['source_identifier'],
    })),
    secondarySourceVersions: secondary(planned['secondary_source_version'], (each) => ({
      sourceIdentifier: each['source_identifier'],
      sourceVersion: each['source_version'],
    })),
    secondaryArtifacts: secondary(planned['secondary_artifacts'], (each) => ({
      ...artifactsOf(each),
      artifactIdentifier: each['artifact_identifier'],
    })),
    environment: {
      type: environment['type'],
      image: environment['image'],
      computeType: environment['compute_type'],
      privilegedMode: environment['privileged_mode'],
      imagePullCredentialsType: environment['image_pull_credentials_type'],
      certificate: environment['certificate'] || undefined,
      environmentVariables: (environment['environment_variable'] as Attributes[]).map((variable) => ({
        name: variable['name'],
        value: variable['value'],
        type: variable['type'],
      })),
    },
    buildBatchConfig: batchConfigOf(planned['build_batch_config']?.[0]),
    cache: cache
      ? {
          type: cache['type'],
          location: cache['location'] || undefined,
          modes: cache['modes'] ?? [],
          cacheNamespace: cache['cache_namespace'] || undefined,
        }
      : { type: 'NO_CACHE' },
    logsConfig: logs ? logsConfigOf(logs) : undefined,
  };
}

const secondary = <T>(blocks: Attributes[] | null | undefined, read: (block: Attributes) => T): T[] =>
  (blocks ?? []).map(read);

const sourceOf = (source: Attributes) => ({
  type: source['type'],
  location: source['location'] || undefined,
  buildspec: source['buildspec'] || undefined,
  gitCloneDepth: source['git_clone_depth'] ?? undefined,
  insecureSsl: source['insecure_ssl'] ?? false,
  ...(source['git_submodules_config']?.[0] && {
    gitSubmodulesConfig: { fetchSubmodules: source['git_submodules_config'][0].fetch_submodules },
  }),
  reportBuildStatus: source['report_build_status'] ?? undefined,
});

const artifactsOf = (artifacts: Attributes) => ({
  type: artifacts['type'],
  location: artifacts['location'] || undefined,
  name: artifacts['name'] || undefined,
  path: artifacts['path'] || undefined,
  namespaceType: artifacts['namespace_type'] || undefined,
  packaging: artifacts['packaging'] || undefined,
  encryptionDisabled: artifacts['encryption_disabled'] ?? false,
  overrideArtifactName: artifacts['override_artifact_name'] ?? false,
  bucketOwnerAccess: artifacts['bucket_owner_access'] || undefined,
});

function batchConfigOf(batches: Attributes | undefined): Settings['buildBatchConfig'] {
  if (!batches) return undefined;
  const [restrictions] = (batches['restrictions'] ?? []) as Attributes[];
  return {
    serviceRole: batches['service_role'],
    combineArtifacts: batches['combine_artifacts'] ?? false,
    timeoutInMins: batches['timeout_in_mins'] || undefined,
    ...(restrictions && {
      restrictions: {
        computeTypesAllowed: restrictions['compute_types_allowed'] ?? [],
        maximumBuildsAllowed: restrictions['maximum_builds_allowed'] || undefined,
      },
    }),
  };
}

function logsConfigOf(logs: Attributes): Settings['logsConfig'] {
  const [cloudwatch] = logs['cloudwatch_logs'];
  const [s3] = logs['s3_logs'];
  return {
    ...(cloudwatch && {
      cloudWatchLogs: {
        status: cloudwatch['status'],
        groupName: cloudwatch['group_name'] || undefined,
        streamName: cloudwatch['stream_name'] || undefined,
      },
    }),
    ...(s3 && {
      s3Logs: {
        status: s3['status'],
        location: s3['location'] || undefined,
        encryptionDisabled: s3['encryption_disabled'],
        bucketOwnerAccess: s3['bucket_owner_access'] || undefined,
      },
    }),
  };
}

function attributesOf(found: Project): Attributes {
  const { source, artifacts, environment, cache, logsConfig, buildBatchConfig: batches } = found;
  return {
    arn: found.arn,
    name: found.name,
    description: found.description ?? '',
    service_role: found.serviceRole,
    build_timeout: found.timeoutInMinutes,
    queued_timeout: found.queuedTimeoutInMinutes,
    encryption_key: found.encryptionKey,
    source_version: found.sourceVersion,
    badge_enabled: found.badge?.badgeEnabled,
    badge_url: '',
    concurrent_build_limit: found.concurrentBuildLimit,
    auto_retry_limit: found.autoRetryLimit ?? 0,
    project_visibility: found.projectVisibility,
    public_project_alias: '',
    tags_all: Object.fromEntries((found.tags ?? []).map(({ key, value }) => [key, value])),
    source: [sourceAttributes(source!)],
    artifacts: [artifactsAttributes(artifacts!)],
    secondary_sources: (found.secondarySources ?? []).map((each) => ({
      ...sourceAttributes(each),
      source_identifier: each.sourceIdentifier,
    })),
    secondary_source_version: (found.secondarySourceVersions ?? []).map((each) => ({
      source_identifier: each.sourceIdentifier,
      source_version: each.sourceVersion,
    })),
    secondary_artifacts: (found.secondaryArtifacts ?? []).map((each) => ({
      ...artifactsAttributes(each),
      artifact_identifier: each.artifactIdentifier,
    })),
    environment: [
      {
        type: environment?.type,
        image: environment?.image,
        compute_type: environment?.computeType,
        privileged_mode: environment?.privilegedMode,
        image_pull_credentials_type: environment?.imagePullCredentialsType,
        environment_variable: environment?.environmentVariables?.map(({ name, value, type }) => ({
          name,
          value,
          type,
        })),
      },
    ],
    build_batch_config: batches
      ? [
          {
            service_role: batches.serviceRole,
            combine_artifacts: batches.combineArtifacts ?? false,
            timeout_in_mins: batches.timeoutInMins ?? 0,
            restrictions: batches.restrictions
              ? [
                  {
                    compute_types_allowed: batches.restrictions.computeTypesAllowed ?? [],
                    maximum_builds_allowed: batches.restrictions.maximumBuildsAllowed ?? 0,
                  },
                ]
              : [],
          },
        ]
      : [],
    cache:
      cache?.type === 'NO_CACHE'
        ? []
        : [
            {
              type: cache?.type,
              location: cache?.location,
              modes: cache?.modes,
              cache_namespace: cache?.cacheNamespace,
            },
          ],
    logs_config:
      logsConfig?.cloudWatchLogs || logsConfig?.s3Logs
        ? [
            {
              cloudwatch_logs: logsConfig.cloudWatchLogs
                ? [
                    {
                      status: logsConfig.cloudWatchLogs.status,
                      group_name: logsConfig.cloudWatchLogs.groupName,
                      stream_name: logsConfig.cloudWatchLogs.streamName,
                    },
                  ]
                : [],
              s3_logs: logsConfig.s3Logs
                ? [
                    {
                      status: logsConfig.s3Logs.status,
                      location: logsConfig.s3Logs.location,
                      encryption_disabled: logsConfig.s3Logs.encryptionDisabled,
                      bucket_owner_access: logsConfig.s3Logs.bucketOwnerAccess,
                    },
                  ]
                : [],
            },
          ]
        : [],
  };
}

const sourceAttributes = (source: ProjectSource): Attributes => ({
  type: source.type,
  location: source.location,
  buildspec: source.buildspec,
  git_clone_depth: source.gitCloneDepth,
  insecure_ssl: source.insecureSsl,
  report_build_status: source.reportBuildStatus,
  git_submodules_config: source.gitSubmodulesConfig
    ? [{ fetch_submodules: source.gitSubmodulesConfig.fetchSubmodules }]
    : [],
});

const artifactsAttributes = (artifacts: ProjectArtifacts): Attributes => ({
  type: artifacts.type,
  location: artifacts.location,
  name: artifacts.name,
  path: artifacts.path,
  namespace_type: artifacts.namespaceType,
  packaging: artifacts.packaging,
  encryption_disabled: artifacts.encryptionDisabled ?? false,
  override_artifact_name: artifacts.overrideArtifactName ?? false,
  bucket_owner_access: artifacts.bucketOwnerAccess,
});
