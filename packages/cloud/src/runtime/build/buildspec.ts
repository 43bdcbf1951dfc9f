// A buildspec, read as CodeBuild reads it. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
import { parse } from 'yaml';

import { REPORT_FORMATS, type ReportFormat } from './test-results.ts';

export type PhaseName = 'install' | 'pre_build' | 'build' | 'post_build';

export interface BuildspecPhase {
  readonly name: PhaseName;
  readonly commands: readonly string[];
  /** Run after the commands, whether they failed or not. */
  readonly finally: readonly string[];
  /** What a failure here means for the phases after; undefined is CodeBuild's own way. */
  readonly onFailure: 'ABORT' | 'CONTINUE' | undefined;
  /** How many more times the phase is tried where a command of it fails. */
  readonly retries: number;
}

export interface Buildspec {
  readonly variables: Readonly<Record<string, string>>;
  /** Variable → name of a Systems Manager parameter. */
  readonly parameterStore: Readonly<Record<string, string>>;
  /** Variable → `secret-id:json-key:version-stage:version-id`. */
  readonly secretsManager: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly phases: readonly BuildspecPhase[];
  readonly artifacts: BuildspecArtifacts | undefined;
  readonly reports: readonly BuildspecReport[];
}

/** Results of tests that go to a report group. */
export interface BuildspecReport {
  /** The group's name, to which CodeBuild adds the project's, or its ARN. */
  readonly group: string;
  readonly files: readonly string[];
  readonly baseDirectory: string | undefined;
  readonly format: ReportFormat;
}

export interface BuildspecArtifacts {
  readonly files: readonly string[];
  readonly baseDirectory: string | undefined;
  readonly discardPaths: boolean;
  readonly name: string | undefined;
}

const MOST_RETRIES = 100;

export const PHASES: readonly PhaseName[] = ['install', 'pre_build', 'build', 'post_build'];

/** A buildspec that cannot be used; CodeBuild reports it as YAML_FILE_ERROR in the DOWNLOAD_SOURCE phase. */
export class BuildspecError extends Error {}

/** Reads YAML or JSON; throws BuildspecError with what is wrong and where. */
export function parseBuildspec(text: string): Buildspec {
  const document = readDocument(text);
  refuseUnknown(document, ['version', 'env', 'phases', 'artifacts', 'cache', 'batch', 'reports'], 'the buildspec');
  if (String(document['version']) !== '0.2') {
    throw new BuildspecError(`version ${String(document['version'])} is not supported; write version: 0.2`);
  }
  const env = mapping(document['env'] ?? {}, 'env');
  refuseUnknown(env, ['shell', 'variables', 'parameter-store', 'secrets-manager', 'exported-variables'], 'env');
  if (env['shell'] !== undefined && env['shell'] !== 'bash')
    throw new BuildspecError(`env.shell ${JSON.stringify(env['shell'])} is not supported; only bash is`);
  const phases = mapping(document['phases'], 'phases');
  refuseUnknown(phases, PHASES, 'phases');
  return {
    variables: strings(env['variables'], 'env.variables'),
    parameterStore: strings(env['parameter-store'], 'env.parameter-store'),
    secretsManager: strings(env['secrets-manager'], 'env.secrets-manager'),
    exportedVariables: list(env['exported-variables'], 'env.exported-variables'),
    phases: PHASES.filter((name) => phases[name] !== undefined).map((name) => readPhase(name, phases[name])),
    artifacts: readArtifacts(document['artifacts']),
    reports: Object.entries(mapping(document['reports'] ?? {}, 'reports')).map(([group, value]) =>
      readReport(group, value),
    ),
  };
}

/** The document, YAML or JSON. */
export function readDocument(text: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new BuildspecError((error as Error).message);
  }
  return mapping(document, 'the buildspec');
}

function readPhase(name: PhaseName, value: unknown): BuildspecPhase {
  const phase = mapping(value, `phases.${name}`);
  refuseUnknown(phase, ['commands', 'finally', 'on-failure', 'runtime-versions'], `phases.${name}`);
  return {
    name,
    commands: list(phase['commands'], `phases.${name}.commands`),
    finally: list(phase['finally'], `phases.${name}.finally`),
    ...readOnFailure(phase['on-failure'], name),
  };
}

function readOnFailure(value: unknown, name: PhaseName): Pick<BuildspecPhase, 'onFailure' | 'retries'> {
  if (value === undefined) return { onFailure: undefined, retries: 0 };
  if (value === 'ABORT' || value === 'CONTINUE') return { onFailure: value, retries: 0 };
  const [, count = '3'] = /^RETRY(?:-(\d+))?$/.exec(typeof value === 'string' ? value : '') ?? ['', '-'];
  const retries = Number(count);
  if (!(retries >= 1 && retries <= MOST_RETRIES)) {
    throw new BuildspecError(
      `phases.${name}.on-failure has to be ABORT, CONTINUE, RETRY or RETRY-<count>; retrying by an expression is not supported`,
    );
  }
  return { onFailure: 'ABORT', retries };
}

function readArtifacts(value: unknown): BuildspecArtifacts | undefined {
  if (value === undefined) return undefined;
  const artifacts = mapping(value, 'artifacts');
  refuseUnknown(artifacts, ['files', 'base-directory', 'discard-paths', 'name'], 'artifacts');
  return {
    files: list(artifacts['files'], 'artifacts.files'),
    baseDirectory: artifacts['base-directory'] as string | undefined,
    discardPaths: artifacts['discard-paths'] === true || artifacts['discard-paths'] === 'yes',
    name: artifacts['name'] as string | undefined,
  };
}

function readReport(group: string, value: unknown): BuildspecReport {
  const report = mapping(value, `reports.${group}`);
  refuseUnknown(report, ['files', 'base-directory', 'discard-paths', 'file-format'], `reports.${group}`);
  const { 'file-format': wanted = 'JUNITXML' } = report;
  const format = REPORT_FORMATS.find((known) => known === wanted);
  if (!format) {
    throw new BuildspecError(
      `reports.${group}.file-format ${JSON.stringify(wanted)} is not supported; supported: ${REPORT_FORMATS.join(', ')}`,
    );
  }
  return {
    group,
    files: list(report['files'], `reports.${group}.files`),
    baseDirectory: report['base-directory'] as string | undefined,
    format,
  };
}

/** What would be ignored would be pretended: it is named instead. */
export function refuseUnknown(value: Record<string, unknown>, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new BuildspecError(`${unknown.join(', ')} in ${where} is not supported; supported: ${known.join(', ')}`);
  }
}

export function mapping(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BuildspecError(`${where} has to be a mapping`);
  return value as Record<string, unknown>;
}

export function strings(value: unknown, where: string): Record<string, string> {
  return Object.fromEntries(Object.entries(mapping(value ?? {}, where)).map(([name, each]) => [name, String(each)]));
}

/** A comment alone is a command that YAML reads as null: CodeBuild passes over it. */
export function list(value: unknown, where: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new BuildspecError(`${where} has to be a list`);
  return value.filter((each) => each !== null).map(String);
}
