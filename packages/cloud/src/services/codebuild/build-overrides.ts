// What StartBuild may say differently for one build.
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
import type { EnvironmentVariable, StartBuildCommandInput } from '@aws-sdk/client-codebuild';

import { validateSettings, withDefaults, type ProjectSettings } from './projects.ts';

/** The project's settings as one build has them. */
export function withOverrides(settings: ProjectSettings, input: StartBuildCommandInput): ProjectSettings {
  const merged = withDefaults(
    {
      ...settings,
      ...given({
        secondarySources: input.secondarySourcesOverride,
        secondarySourceVersions: input.secondarySourcesVersionOverride,
        artifacts: input.artifactsOverride,
        secondaryArtifacts: input.secondaryArtifactsOverride,
        cache: input.cacheOverride,
        logsConfig: input.logsConfigOverride,
        serviceRole: input.serviceRoleOverride,
        timeoutInMinutes: input.timeoutInMinutesOverride,
        queuedTimeoutInMinutes: input.queuedTimeoutInMinutesOverride,
        encryptionKey: input.encryptionKeyOverride,
        autoRetryLimit: input.autoRetryLimitOverride,
      }),
      source: {
        ...settings.source!,
        ...given({
          type: input.sourceTypeOverride,
          location: input.sourceLocationOverride,
          buildspec: input.buildspecOverride,
          gitCloneDepth: input.gitCloneDepthOverride,
          insecureSsl: input.insecureSslOverride,
        }),
      },
      environment: {
        ...settings.environment!,
        ...given({
          type: input.environmentTypeOverride,
          image: input.imageOverride,
          computeType: input.computeTypeOverride,
          privilegedMode: input.privilegedModeOverride,
          imagePullCredentialsType: input.imagePullCredentialsTypeOverride,
        }),
        environmentVariables: withVariables(
          settings.environment!.environmentVariables,
          input.environmentVariablesOverride,
        ),
      },
    },
    settings.encryptionKey!,
  );
  validateSettings(merged);
  return merged;
}

/** What makes builds of a batch's settings out of those of its project: {@link withOverrides} the other way round. */
export function overridesOf(settings: ProjectSettings): Partial<StartBuildCommandInput> {
  const { source, environment } = settings;
  return {
    secondarySourcesOverride: settings.secondarySources,
    secondarySourcesVersionOverride: settings.secondarySourceVersions,
    artifactsOverride: settings.artifacts,
    secondaryArtifactsOverride: settings.secondaryArtifacts,
    cacheOverride: settings.cache,
    logsConfigOverride: settings.logsConfig,
    serviceRoleOverride: settings.serviceRole,
    timeoutInMinutesOverride: settings.timeoutInMinutes,
    queuedTimeoutInMinutesOverride: settings.queuedTimeoutInMinutes,
    encryptionKeyOverride: settings.encryptionKey,
    autoRetryLimitOverride: settings.autoRetryLimit,
    sourceTypeOverride: source?.type,
    sourceLocationOverride: source?.location,
    buildspecOverride: source?.buildspec,
    gitCloneDepthOverride: source?.gitCloneDepth,
    insecureSslOverride: source?.insecureSsl,
    environmentTypeOverride: environment?.type,
    imageOverride: environment?.image,
    computeTypeOverride: environment?.computeType,
    privilegedModeOverride: environment?.privilegedMode,
    imagePullCredentialsTypeOverride: environment?.imagePullCredentialsType,
    environmentVariablesOverride: environment?.environmentVariables,
  };
}

/** Those that are given stand for others of their names. */
export function withVariables(
  variables: readonly EnvironmentVariable[] = [],
  overrides: readonly EnvironmentVariable[] = [],
): EnvironmentVariable[] {
  const overridden = new Set(overrides.map(({ name }) => name));
  return [...variables.filter(({ name }) => !overridden.has(name)), ...overrides];
}

const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
