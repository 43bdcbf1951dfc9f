// A buildspec, read as CodeBuild reads it. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
import { userInfo } from 'node:os';

import {
  readArtifacts,
  readCache,
  readReports,
  type BuildspecArtifacts,
  type BuildspecCache,
  type BuildspecReport,
} from './buildspec-outputs.ts';
import {
  BuildspecError,
  flag,
  list,
  mapping,
  optionalText,
  readDocument,
  refuseUnknown,
  strings,
  type Mapping,
} from './buildspec-values.ts';

export type PhaseName = 'install' | 'pre_build' | 'build' | 'post_build';

export interface BuildspecPhase {
  readonly name: PhaseName;
  readonly commands: readonly string[];
  /** Run after the commands, whether they failed or not. */
  readonly finally: readonly string[];
  /** What a failure here means for the phases after; undefined is CodeBuild's own way. */
  readonly onFailure: 'ABORT' | 'CONTINUE' | undefined;
  readonly retry: Retry | undefined;
}

/** How often a phase is tried again where a command of it fails, … */
export interface Retry {
  readonly count: number;
  /** … if its output or its error has a line that matches. */
  readonly expression: RegExp;
}

export interface Buildspec {
  readonly shell: 'bash' | '/bin/sh';
  /** Version 0.1: each command has a shell of its own, that begins where the build began. */
  readonly isolated: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** Variable → name of a Systems Manager parameter. */
  readonly parameterStore: Readonly<Record<string, string>>;
  /** Variable → `secret-id:json-key:version-stage:version-id`. */
  readonly secretsManager: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly phases: readonly BuildspecPhase[];
  /** Runtimes that it wants the image to switch to, such as `nodejs: 22`. */
  readonly runtimes: readonly string[];
  readonly artifacts: BuildspecArtifacts | undefined;
  readonly reports: readonly BuildspecReport[];
  readonly cache: BuildspecCache | undefined;
}

const MOST_RETRIES = 100;
const UNSAID_RETRIES = 3;

export const PHASES: readonly PhaseName[] = ['install', 'pre_build', 'build', 'post_build'];

const ENV_KEYS = [
  'shell',
  'variables',
  'parameter-store',
  'secrets-manager',
  'exported-variables',
  'git-credential-helper',
];

/** Reads YAML or JSON; throws BuildspecError with what is wrong and where. */
export function parseBuildspec(text: string): Buildspec {
  const document = readDocument(text);
  const isolated = readVersion(document);
  const known = ['version', 'run-as', 'env', 'proxy', 'phases', 'artifacts', 'cache', 'batch', 'reports'];
  refuseUnknown(document, isolated ? [...known, 'environment_variables'] : known, 'the buildspec');
  requireUser(document['run-as'], 'run-as');
  readProxy(document['proxy']);
  const phases = mapping(document['phases'], 'phases');
  refuseUnknown(phases, PHASES, 'phases');
  return {
    isolated,
    ...readEnvironment(document),
    // A phase that is not named is gone through as well, with nothing to do.
    phases: PHASES.map((name) => readPhase(name, phases[name] ?? {})),
    runtimes: PHASES.flatMap((name) =>
      Object.entries(strings((phases[name] as Mapping | undefined)?.['runtime-versions'], `phases.${name}`)).map(
        ([runtime, version]) => `${runtime}: ${version}`,
      ),
    ),
    artifacts: readArtifacts(document['artifacts']),
    reports: readReports(document['reports']),
    cache: readCache(document['cache']),
  };
}

/** True for version 0.1. */
function readVersion({ version }: Mapping): boolean {
  const text = String(version);
  if (text !== '0.1' && text !== '0.2') {
    throw new BuildspecError(`version ${text} is not supported; write version: 0.2`);
  }
  return text === '0.1';
}

function readEnvironment(document: Mapping) {
  const env = mapping(document['env'] ?? {}, 'env');
  refuseUnknown(env, ENV_KEYS, 'env');
  const { shell = 'bash' } = env;
  if (shell !== 'bash' && shell !== '/bin/sh') {
    throw new BuildspecError(`env.shell ${JSON.stringify(shell)} is not supported; bash and /bin/sh are`);
  }
  // It helps with Git's credentials for a project's source, and there are no Git sources here.
  flag(env['git-credential-helper'], 'env.git-credential-helper');
  const old = mapping(document['environment_variables'] ?? {}, 'environment_variables');
  refuseUnknown(old, ['plaintext'], 'environment_variables');
  const [parameterStore, secretsManager] = [
    strings(env['parameter-store'], 'env.parameter-store'),
    strings(env['secrets-manager'], 'env.secrets-manager'),
  ];
  const exportedVariables = list(env['exported-variables'], 'env.exported-variables');
  const kept = exportedVariables.find(
    (name) => name.startsWith('AWS_') || name in parameterStore || name in secretsManager,
  );
  if (kept !== undefined) throw new BuildspecError(`env.exported-variables: ${kept} cannot be exported`);
  return {
    shell,
    variables: {
      ...strings(old['plaintext'], 'environment_variables.plaintext'),
      ...strings(env['variables'], 'env.variables'),
    },
    parameterStore,
    secretsManager,
    exportedVariables,
  } as const;
}

// Commands run as whoever runs the cloud; there is no other user to give them to.
function requireUser(value: unknown, where: string): void {
  const user = optionalText(value, where);
  const { username } = userInfo();
  if (user !== undefined && user !== username) {
    throw new BuildspecError(`${where} ${user} is not supported: builds run as ${username} here`);
  }
}

// Lines and artifacts reach the cloud whatever this says.
function readProxy(value: unknown): void {
  const proxy = mapping(value ?? {}, 'proxy');
  refuseUnknown(proxy, ['upload-artifacts', 'logs'], 'proxy');
  for (const [name, each] of Object.entries(proxy)) flag(each, `proxy.${name}`);
}

function readPhase(name: PhaseName, value: unknown): BuildspecPhase {
  const where = `phases.${name}`;
  const phase = mapping(value, where);
  refuseUnknown(phase, ['run-as', 'commands', 'finally', 'on-failure', 'runtime-versions'], where);
  requireUser(phase['run-as'], `${where}.run-as`);
  return {
    name,
    commands: list(phase['commands'], `${where}.commands`),
    finally: list(phase['finally'], `${where}.finally`),
    ...readOnFailure(phase['on-failure'], `${where}.on-failure`),
  };
}

// `RETRY`, `RETRY-<count>`, `RETRY-<expression>` and `RETRY-<count>-<expression>`.
function readOnFailure(value: unknown, where: string): Pick<BuildspecPhase, 'onFailure' | 'retry'> {
  if (value === undefined) return { onFailure: undefined, retry: undefined };
  if (value === 'ABORT' || value === 'CONTINUE') return { onFailure: value, retry: undefined };
  const [whole, count, expression] =
    /^RETRY(?:-(\d+)(?![^-]))?(?:-(.+))?$/s.exec(optionalText(value, where) ?? '') ?? [];
  if (whole === undefined) {
    throw new BuildspecError(
      `${where} has to be ABORT, CONTINUE, RETRY, RETRY-<count>, RETRY-<expression> or RETRY-<count>-<expression>`,
    );
  }
  if (Number(count) > MOST_RETRIES) throw new BuildspecError(`${where} retries more than ${MOST_RETRIES} times`);
  return {
    onFailure: 'ABORT',
    retry: { count: Number(count ?? UNSAID_RETRIES), expression: readExpression(expression ?? '.*', where) },
  };
}

function readExpression(source: string, where: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new BuildspecError(`${where}: ${(error as Error).message}`);
  }
}
