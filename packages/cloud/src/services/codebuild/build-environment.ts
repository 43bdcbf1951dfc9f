// The variables that a build's commands see. https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Kernel, SessionCredentials } from '../../kernel/service.ts';
import type { Buildspec } from '../../runtime/build/buildspec.ts';
import { installHashFiles } from './build-cache.ts';
import { logDestination, type Build } from './builds.ts';
import { secondaryVersion, sourceFolder } from './source-download.ts';

/** A parameter that is not there; fails the DOWNLOAD_SOURCE phase. */
export class ParameterError extends Error {}

export interface BuildEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Values that no log may show: the role's credentials, and what came from Parameter Store and Secrets Manager. */
  readonly secrets: readonly string[];
}

/**
 * Nothing of the cloud's own environment but PATH and the language: a build sees what CodeBuild gives it, the role's
 * credentials, and where AWS is. Precedence as in AWS: StartBuild's overrides, then the project's, then the buildspec's.
 */
export async function buildEnvironment(
  kernel: Kernel,
  build: Build,
  session: SessionCredentials,
  buildspec: Buildspec,
  folder: string,
): Promise<BuildEnvironment> {
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  await mkdir(home);
  await mkdir(temporary);
  const commands = await installHashFiles(folder);
  const stored = await fromStores(kernel, build, session, buildspec);
  const declared = await fromProject(kernel, build, session);
  const variables = {
    ...buildspec.variables,
    ...stored,
    ...declared.values,
    // The commands find the same Node that runs the cloud, as CodeBuild's images carry one.
    PATH: `${commands}:${dirname(process.execPath)}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    HOME: home,
    TMPDIR: temporary,
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    ...codebuildVariables(build, folder),
    AWS_REGION: build.region,
    AWS_DEFAULT_REGION: build.region,
    AWS_ENDPOINT_URL: kernel.endpoint(),
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_EC2_METADATA_DISABLED: 'true',
    // Terraform's provider is the cloud itself, reached through the build's own door.
    TF_CLI_CONFIG_FILE: '/dev/null',
    CHECKPOINT_DISABLE: '1',
  };
  const { accessKeyId, secretAccessKey, sessionToken } = session;
  const values = [...Object.values(stored), ...declared.secrets, accessKeyId, secretAccessKey, sessionToken];
  return { variables, secrets: values.filter((value) => value.length >= SHORTEST_SECRET) };
}

/** What is shorter stands in too many lines by chance. */
const SHORTEST_SECRET = 4;

function codebuildVariables(build: Build, folder: string): Record<string, string> {
  const log = logDestination(build);
  return {
    CI: 'true',
    CODEBUILD_CI: 'true',
    CODEBUILD_BUILD_ARN: build.arn,
    CODEBUILD_BUILD_ID: build.id,
    CODEBUILD_BUILD_NUMBER: String(build.number),
    CODEBUILD_BUILD_IMAGE: build.settings.environment!.image!,
    CODEBUILD_INITIATOR: build.initiator,
    CODEBUILD_START_TIME: String(build.startedAt),
    ...sourceVariables(build, folder),
    CODEBUILD_KMS_KEY_ID: build.settings.encryptionKey ?? '',
    ...(log && { CODEBUILD_LOG_PATH: log.stream }),
  };
}

/** Those of secondary sources end with their identifiers. */
function sourceVariables({ settings, sourceVersion }: Build, folder: string): Record<string, string> {
  const sources = [
    { ...settings.source, sourceIdentifier: '', version: sourceVersion },
    ...(settings.secondarySources ?? []).map((source) => ({
      ...source,
      version: secondaryVersion(settings, source.sourceIdentifier!),
    })),
  ];
  return Object.fromEntries(
    sources.flatMap(({ sourceIdentifier = '', type, location, version }) => {
      const name = (variable: string) => (sourceIdentifier ? `${variable}_${sourceIdentifier}` : variable);
      const url = type === 'S3' ? `s3://${location?.replace(/^arn:aws:s3:::/, '')}` : undefined;
      return [
        [name('CODEBUILD_SRC_DIR'), sourceFolder(folder, sourceIdentifier)],
        ...(url ? [[name('CODEBUILD_SOURCE_REPO_URL'), url]] : []),
        ...(version ? [[name('CODEBUILD_SOURCE_VERSION'), version]] : []),
      ] as [string, string][];
    }),
  );
}

async function fromProject(
  kernel: Kernel,
  build: Build,
  session: SessionCredentials,
): Promise<{ values: Record<string, string>; secrets: string[] }> {
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  for (const { name, value, type } of build.settings.environment!.environmentVariables ?? []) {
    if (type === 'PARAMETER_STORE') values[name!] = await parameter(kernel, build, session, value!);
    else if (type === 'SECRETS_MANAGER') values[name!] = await secret(kernel, build, session, value!);
    else values[name!] = value!;
    if (type === 'PARAMETER_STORE' || type === 'SECRETS_MANAGER') secrets.push(values[name!]!);
  }
  return { values, secrets };
}

async function fromStores(kernel: Kernel, build: Build, session: SessionCredentials, buildspec: Buildspec) {
  const values: Record<string, string> = {};
  for (const [name, id] of Object.entries(buildspec.parameterStore))
    values[name] = await parameter(kernel, build, session, id);
  for (const [name, id] of Object.entries(buildspec.secretsManager))
    values[name] = await secret(kernel, build, session, id);
  return values;
}

async function parameter(
  kernel: Kernel,
  { region }: Build,
  { principal }: SessionCredentials,
  name: string,
): Promise<string> {
  // What AWS's documentation has a build's role allow is the plural.
  const { Parameters: found } = await kernel.invoke<object, { Parameters: { Value: string }[] }>(
    'ssm',
    'GetParameters',
    { Names: [name], WithDecryption: true },
    { principal, region },
  );
  if (!found[0]) throw new ParameterError(`Parameter does not exist: ${name}`);
  return found[0].Value;
}

// `secret-id:json-key:version-stage:version-id`; an ARN as the id brings colons of its own.
async function secret(
  kernel: Kernel,
  { region }: Build,
  { principal }: SessionCredentials,
  reference: string,
): Promise<string> {
  const [, id = '', key, stage, version] =
    /^(arn:(?:[^:]*:){5}[^:]+|[^:]+):?([^:]*):?([^:]*):?(.*)$/.exec(reference) ?? [];
  const { SecretString: text } = await kernel.invoke<object, { SecretString: string }>(
    'secretsmanager',
    'GetSecretValue',
    { SecretId: id, VersionStage: stage || undefined, VersionId: version || undefined },
    { principal, region },
  );
  return key ? String((JSON.parse(text) as Record<string, unknown>)[key]) : text;
}
