// Build projects: what a build is made of. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html
import type {
  BatchReportModeType,
  CreateProjectCommandInput,
  Project as ProjectShape,
  ProjectArtifacts,
  ProjectSource,
  Tag,
} from '@aws-sdk/client-codebuild';

import { requireOneOf } from '../../kernel/constraint.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { invalidInput, projectExists, projectNotFound } from './errors.ts';
import {
  checkArtifactValues,
  checkCacheValues,
  checkEnvironmentValues,
  checkLogValues,
  checkSourceType,
} from './project-values.ts';

/** The settings of a project, in the API's own spelling: they are stored and answered, and a build's overrides merge into them. */
export type ProjectSettings = Omit<CreateProjectCommandInput, 'tags' | 'name'>;

export interface Project {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** Milliseconds on the cloud's clock. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly settings: ProjectSettings;
  readonly tags: readonly Tag[];
  /** How many builds were ever started. */
  readonly builds: number;
  /** What its builds kept before belongs to another one. */
  readonly cacheGeneration?: string;
  /** How many batches were ever started. */
  readonly batches?: number;
}

/** Minutes: https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html */
const TIMEOUT = { least: 5, most: 2_160, unsaid: 60 };
const QUEUED_TIMEOUT = { least: 5, most: 480, unsaid: 480 };

const MOST_BATCHED = 100;

const REPORT_MODES: readonly BatchReportModeType[] = ['REPORT_INDIVIDUAL_BUILDS', 'REPORT_AGGREGATED_BATCH'];

/** Secondary sources, and secondary artifacts. */
const MOST_SECONDARY = 12;

export class Projects {
  readonly #projects: Collection<Project>;

  constructor(store: Store) {
    this.#projects = store.collection<Project>('codebuild.projects');
  }

  find(region: string, nameOrArn: string): Project | undefined {
    return this.#projects.get(keyOf(region, nameOrArn));
  }

  require(region: string, name: string, arn: string): Project {
    const project = this.find(region, name);
    if (!project) throw projectNotFound(arn);
    return project;
  }

  create(project: Project): void {
    if (!/^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$/.test(project.name)) {
      throw invalidInput(`Project name must match the pattern [A-Za-z0-9][A-Za-z0-9\\-_]{1,149}: ${project.name}`);
    }
    if (this.find(project.region, project.name)) throw projectExists(project.arn);
    this.save(project);
  }

  save(project: Project): void {
    validateSettings(project.settings);
    this.#projects.put(keyOf(project.region, project.name), project);
  }

  delete(region: string, nameOrArn: string): void {
    this.#projects.delete(keyOf(region, nameOrArn));
  }

  list(region: string): Project[] {
    return this.#projects.list({ prefix: `${region}|` }).map(({ value }) => value);
  }
}

/** The ARN of a project that was named, or is named by it. */
export const projectArn = (region: string, account: string, name: string | undefined): string =>
  name?.startsWith('arn:') ? name : `arn:aws:codebuild:${region}:${account}:project/${name}`;

/** Wherever the API takes a project's name, it takes its ARN as well. */
const keyOf = (region: string, nameOrArn: string): string => `${region}|${nameOrArn.replace(/^arn:.*?:project\//, '')}`;

/** Fills in what CodeBuild fills in. */
export function withDefaults(settings: ProjectSettings, kmsKeyArn: string): ProjectSettings {
  return {
    ...settings,
    timeoutInMinutes: settings.timeoutInMinutes ?? TIMEOUT.unsaid,
    queuedTimeoutInMinutes: settings.queuedTimeoutInMinutes ?? QUEUED_TIMEOUT.unsaid,
    encryptionKey: settings.encryptionKey ?? kmsKeyArn,
    cache: settings.cache ?? { type: 'NO_CACHE' },
    badgeEnabled: settings.badgeEnabled ?? false,
    source: { insecureSsl: false, gitCloneDepth: 1, ...settings.source! },
    artifacts: settings.artifacts && artifactDefaults(settings.artifacts),
    ...(settings.secondaryArtifacts && { secondaryArtifacts: settings.secondaryArtifacts.map(artifactDefaults) }),
    environment: {
      privilegedMode: false,
      imagePullCredentialsType: 'CODEBUILD',
      ...settings.environment!,
      environmentVariables:
        settings.environment!.environmentVariables?.map((variable) => ({ type: 'PLAINTEXT', ...variable })) ?? [],
    },
  };
}

const artifactDefaults = (artifacts: ProjectArtifacts): ProjectArtifacts =>
  artifacts.type === 'S3'
    ? { encryptionDisabled: false, packaging: 'NONE', namespaceType: 'NONE', ...artifacts }
    : artifacts;

export function projectShape(project: Project): ProjectShape {
  const { badgeEnabled, concurrentBuildLimit, ...settings } = project.settings;
  return {
    ...settings,
    secondarySources: settings.secondarySources ?? [],
    secondarySourceVersions: settings.secondarySourceVersions ?? [],
    secondaryArtifacts: settings.secondaryArtifacts ?? [],
    name: project.name,
    arn: project.arn,
    created: new Date(project.createdAt),
    lastModified: new Date(project.modifiedAt),
    tags: [...project.tags],
    badge: { badgeEnabled: badgeEnabled ?? false },
    projectVisibility: 'PRIVATE',
    // Minus one takes the limit away.
    ...(concurrentBuildLimit !== undefined && concurrentBuildLimit > 0 && { concurrentBuildLimit }),
  };
}

/** Throws InvalidInputException for what CodeBuild, or the cloud, does not take. */
export function validateSettings(settings: ProjectSettings): void {
  const { source, artifacts, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes } = settings;
  if (!source?.type || !artifacts?.type || !environment?.type)
    throw invalidInput('source, artifacts and environment are required');
  validateSource(source);
  if (source.type === 'NO_SOURCE' && !source.buildspec) {
    throw invalidInput('Invalid project source: buildspec must be specified when source type is NO_SOURCE');
  }
  validateArtifacts(artifacts);
  validateSecondary('source', settings.secondarySources, ({ sourceIdentifier }) => sourceIdentifier, validateSource);
  validateSecondary(
    'artifact',
    settings.secondaryArtifacts,
    ({ artifactIdentifier }) => artifactIdentifier,
    validateArtifacts,
  );
  if (settings.cache) checkCacheValues(settings.cache);
  if (settings.logsConfig) checkLogValues(settings.logsConfig);
  checkEnvironmentValues(environment);
  if (!environment.image || !environment.computeType)
    throw invalidInput('environment needs an image and a computeType');
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(serviceRole ?? ''))
    throw invalidInput(`Invalid service role: ${serviceRole}`);
  requireBetween('timeoutInMinutes', timeoutInMinutes, TIMEOUT);
  requireBetween('queuedTimeoutInMinutes', queuedTimeoutInMinutes, QUEUED_TIMEOUT);
  validateBatches(settings);
}

function validateSource({ type, location }: ProjectSource): void {
  checkSourceType(type);
  if (type === 'S3' && !location) throw invalidInput('Invalid project source: location must be a valid S3 source');
}

function validateArtifacts(artifacts: ProjectArtifacts): void {
  const { type, location } = artifacts;
  checkArtifactValues(artifacts);
  if (type === 'S3' && !location) throw invalidInput('Invalid artifacts: location must be specified');
}

/** Each has an identifier of its own, which names variables and places in the buildspec. */
function validateSecondary<T>(
  kind: string,
  secondary: readonly T[] = [],
  identifierOf: (each: T) => string | undefined,
  validate: (each: T) => void,
): void {
  if (secondary.length > MOST_SECONDARY)
    throw invalidInput(`Invalid secondary ${kind}s: at most ${MOST_SECONDARY} are allowed`);
  const seen = new Set<string>();
  for (const each of secondary) {
    const identifier = identifierOf(each);
    if (!identifier || !/^\w{1,128}$/.test(identifier) || seen.has(identifier))
      throw invalidInput(`Invalid secondary ${kind}: each needs an identifier of its own, of letters, digits and _`);
    seen.add(identifier);
    validate(each);
  }
}

function validateBatches({ buildBatchConfig: batches }: ProjectSettings): void {
  if (!batches) return;
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(batches.serviceRole ?? ''))
    throw invalidInput(`Invalid batch service role: ${batches.serviceRole}`);
  // What providers of Git sources are told, of which there are none here.
  requireOneOf(batches.batchReportMode, 'buildBatchConfig.batchReportMode', REPORT_MODES, invalidInput);
  const most = batches.restrictions?.maximumBuildsAllowed;
  if (most !== undefined && (most < 1 || most > MOST_BATCHED))
    throw invalidInput(`Invalid maximumBuildsAllowed: ${most}. It must be between 1 and ${MOST_BATCHED}`);
  requireBetween('timeoutInMins', batches.timeoutInMins, TIMEOUT);
}

function requireBetween(
  name: string,
  minutes: number | undefined,
  { least, most }: { least: number; most: number },
): void {
  if (minutes === undefined) return;
  if (!Number.isInteger(minutes) || minutes < least || minutes > most) {
    throw invalidInput(`Invalid ${name}: ${minutes}. It must be between ${least} and ${most}`);
  }
}
