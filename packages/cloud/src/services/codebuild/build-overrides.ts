// What StartBuild may say differently for one build.
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
import type { EnvironmentVariable, StartBuildCommandInput } from '@aws-sdk/client-codebuild';

import { notSupported } from '../../kernel/errors.ts';
import { validateSettings, withDefaults, type ProjectSettings } from './projects.ts';

/** What would have no effect here, and so is refused; false and empty ask for nothing. */
const REFUSED = [
  'sourceAuthOverride',
  'gitSubmodulesConfigOverride',
  'reportBuildStatusOverride',
  'buildStatusConfigOverride',
  'certificateOverride',
  'registryCredentialOverride',
  'debugSessionEnabled',
  'fleetOverride',
] as const satisfies readonly (keyof StartBuildCommandInput)[];

/** The project's settings as one build has them. */
export function withOverrides(settings: ProjectSettings, input: StartBuildCommandInput): ProjectSettings {
  const refused = REFUSED.find((name) => input[name]);
  if (refused !== undefined) throw notSupported(`${refused} is not supported here.`);
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
