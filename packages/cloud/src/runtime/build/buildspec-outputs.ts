import { BuildspecError, flag, list, mapping, optionalText, refuseUnknown } from './buildspec-values.ts';
// What a buildspec says of a build's results: artifacts, reports and the cache.
// https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts
import { COVERAGE_FORMATS, type CoverageFormat } from './coverage-results.ts';
import { REPORT_FORMATS, type ReportFormat } from './test-results.ts';

export interface BuildspecArtifact {
  readonly files: readonly string[];
  readonly excludePaths: readonly string[];
  /** May be a pattern that several directories match. */
  readonly baseDirectory: string | undefined;
  readonly discardPaths: boolean;
  /** In the shell's language: `app-$(date +%F)`. */
  readonly name: string | undefined;
  /** Stands before the build's id where the project's artifacts are kept by it. */
  readonly s3Prefix: string | undefined;
  /** Links within stay links in a ZIP. */
  readonly enableSymlinks: boolean;
}

export interface BuildspecArtifacts extends BuildspecArtifact {
  /** By the identifiers that the project gives them. */
  readonly secondary: Readonly<Record<string, BuildspecArtifact>>;
}

/** Results of tests, or coverage by them, that go to a report group. */
export interface BuildspecReport {
  /** The group's name, to which CodeBuild adds the project's, or its ARN. */
  readonly group: string;
  readonly files: readonly string[];
  readonly baseDirectory: string | undefined;
  readonly discardPaths: boolean;
  readonly format: ReportFormat | CoverageFormat;
}

export interface BuildspecCache {
  readonly paths: readonly string[];
  /** In the shell's language. A cache under a key is never changed. */
  readonly key: string | undefined;
  /** Beginnings of keys to look for where there is nothing under the key, in this order. */
  readonly fallbackKeys: readonly string[];
  /** The half of the work to do; undefined for both. */
  readonly action: 'restore' | 'save' | undefined;
}

const ARTIFACT_KEYS = [
  'files',
  'name',
  'discard-paths',
  'base-directory',
  'exclude-paths',
  'enable-symlinks',
  's3-prefix',
];

const MOST_FALLBACK_KEYS = 5;

/** https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html */
const MOST_REPORTS = 5;

export function readArtifacts(value: unknown): BuildspecArtifacts | undefined {
  if (value === undefined) return undefined;
  const { 'secondary-artifacts': secondary = {}, ...primary } = mapping(value, 'artifacts');
  const where = 'artifacts.secondary-artifacts';
  return {
    ...readArtifact(primary, 'artifacts'),
    secondary: Object.fromEntries(
      Object.entries(mapping(secondary, where)).map(([identifier, each]) => [
        identifier,
        readArtifact(each, `${where}.${identifier}`),
      ]),
    ),
  };
}

function readArtifact(value: unknown, where: string): BuildspecArtifact {
  const artifact = mapping(value, where);
  refuseUnknown(artifact, ARTIFACT_KEYS, where);
  return {
    files: list(artifact['files'], `${where}.files`),
    excludePaths: list(artifact['exclude-paths'], `${where}.exclude-paths`),
    baseDirectory: optionalText(artifact['base-directory'], `${where}.base-directory`),
    discardPaths: flag(artifact['discard-paths'], `${where}.discard-paths`),
    name: optionalText(artifact['name'], `${where}.name`),
    s3Prefix: optionalText(artifact['s3-prefix'], `${where}.s3-prefix`),
    enableSymlinks: flag(artifact['enable-symlinks'], `${where}.enable-symlinks`),
  };
}

export function readReports(value: unknown): BuildspecReport[] {
  const reports = Object.entries(mapping(value ?? {}, 'reports'));
  if (reports.length > MOST_REPORTS) throw new BuildspecError(`reports has more than ${MOST_REPORTS} report groups`);
  return reports.map(([group, each]) => readReport(group, each));
}

function readReport(group: string, value: unknown): BuildspecReport {
  const where = `reports.${group}`;
  const report = mapping(value, where);
  refuseUnknown(report, ['files', 'base-directory', 'discard-paths', 'file-format'], where);
  const wanted = optionalText(report['file-format'], `${where}.file-format`) ?? 'JUNITXML';
  const formats = [...REPORT_FORMATS, ...COVERAGE_FORMATS];
  const format = formats.find((known) => known === wanted.toUpperCase());
  if (!format) {
    throw new BuildspecError(`${where}.file-format ${wanted} is not supported; supported: ${formats.join(', ')}`);
  }
  return {
    group,
    files: list(report['files'], `${where}.files`),
    baseDirectory: optionalText(report['base-directory'], `${where}.base-directory`),
    discardPaths: flag(report['discard-paths'], `${where}.discard-paths`),
    format,
  };
}

export function readCache(value: unknown): BuildspecCache | undefined {
  if (value === undefined) return undefined;
  const cache = mapping(value, 'cache');
  refuseUnknown(cache, ['paths', 'key', 'fallback-keys', 'action'], 'cache');
  const action = optionalText(cache['action'], 'cache.action');
  if (action !== undefined && action !== 'restore' && action !== 'save') {
    throw new BuildspecError('cache.action has to be restore or save');
  }
  const fallbackKeys = list(cache['fallback-keys'], 'cache.fallback-keys');
  if (fallbackKeys.length > MOST_FALLBACK_KEYS) {
    throw new BuildspecError(`cache.fallback-keys has more than ${MOST_FALLBACK_KEYS} keys`);
  }
  return {
    paths: list(cache['paths'], 'cache.paths'),
    key: optionalText(cache['key'], 'cache.key'),
    fallbackKeys,
    action,
  };
}
