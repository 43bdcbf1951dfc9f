// The batch section of a buildspec: which builds, in which order. https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
import {
  BuildspecError,
  flag,
  list,
  mapping,
  optionalText,
  readDocument,
  refuseUnknown,
  strings,
} from './buildspec-values.ts';

export interface Batchspec {
  /** The first failure ends the batch. */
  readonly fastFail: boolean;
  readonly builds: readonly BatchedBuild[];
}

export interface BatchedBuild {
  readonly identifier: string;
  /** Identifiers of the builds that have to succeed first. */
  readonly dependsOn: readonly string[];
  /** Its failure is none of the batch. */
  readonly ignoreFailure: boolean;
  /** A buildspec of its own, as a path in the source. */
  readonly buildspec: string | undefined;
  readonly environmentType: string | undefined;
  readonly computeType: string | undefined;
  readonly image: string | undefined;
  readonly privileged: boolean | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

const BUILD_KEYS = ['identifier', 'env', 'buildspec', 'ignore-failure'];
const ENV_KEYS = ['compute-type', 'image', 'privileged-mode', 'type', 'variables'];

/** Reads the section; throws BuildspecError with what is wrong and where. */
export function parseBatchspec(text: string): Batchspec {
  const document = readDocument(text);
  if (document['batch'] === undefined) throw new BuildspecError('the buildspec has no batch section');
  const batch = mapping(document['batch'], 'batch');
  refuseUnknown(batch, ['fast-fail', 'build-list', 'build-graph', 'build-matrix'], 'batch');
  const builds = [
    ...entries(batch['build-list'], 'batch.build-list').map((entry) => readBuild(entry, 'batch.build-list')),
    ...entries(batch['build-graph'], 'batch.build-graph').map((entry) => readNode(entry)),
    ...readMatrix(batch['build-matrix']),
  ];
  if (builds.length === 0) throw new BuildspecError('batch has no builds');
  requireOrder(builds);
  return { fastFail: flag(batch['fast-fail'], 'batch.fast-fail'), builds };
}

function entries(value: unknown, where: string): Record<string, unknown>[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new BuildspecError(`${where} has to be a list`);
  return value.map((entry) => mapping(entry, where));
}

function readBuild(entry: Record<string, unknown>, where: string, more: readonly string[] = []): BatchedBuild {
  refuseUnknown(entry, [...BUILD_KEYS, ...more], where);
  const { identifier } = entry;
  if (typeof identifier !== 'string' || !/^\w{1,128}$/.test(identifier)) {
    throw new BuildspecError(`${where}.identifier has to be letters, digits and underscores`);
  }
  const env = mapping(entry['env'] ?? {}, `${where}.env`);
  refuseUnknown(env, ENV_KEYS, `${where}.env`);
  return {
    identifier,
    dependsOn: [],
    ignoreFailure: flag(entry['ignore-failure'], `${where}.ignore-failure`),
    buildspec: optionalText(entry['buildspec'], `${where}.buildspec`),
    environmentType: optionalText(env['type'], `${where}.env.type`),
    computeType: optionalText(env['compute-type'], `${where}.env.compute-type`),
    image: optionalText(env['image'], `${where}.env.image`),
    privileged:
      env['privileged-mode'] === undefined ? undefined : flag(env['privileged-mode'], `${where}.env.privileged-mode`),
    variables: strings(env['variables'], `${where}.env.variables`),
  };
}

function readNode(entry: Record<string, unknown>): BatchedBuild {
  const where = 'batch.build-graph';
  return {
    ...readBuild(entry, where, ['depend-on']),
    dependsOn: list(entry['depend-on'], `${where}.depend-on`),
  };
}

// Every combination of the dynamic values is a build.
function readMatrix(value: unknown): BatchedBuild[] {
  if (value === undefined) return [];
  const where = 'batch.build-matrix';
  const matrix = mapping(value, where);
  refuseUnknown(matrix, ['static', 'dynamic'], where);
  const fixed = mapping(matrix['static'] ?? {}, `${where}.static`);
  refuseUnknown(fixed, ['env', 'ignore-failure'], `${where}.static`);
  const dynamic = mapping(matrix['dynamic'] ?? {}, `${where}.dynamic`);
  refuseUnknown(dynamic, ['env', 'buildspec'], `${where}.dynamic`);
  const env = mapping(dynamic['env'] ?? {}, `${where}.dynamic.env`);
  refuseUnknown(env, ['compute-type', 'image', 'variables'], `${where}.dynamic.env`);
  const variables = mapping(env['variables'] ?? {}, `${where}.dynamic.env.variables`);
  const axes: readonly (readonly [name: string, values: readonly string[]])[] = [
    ...oneAxis('buildspec', dynamic['buildspec'], where),
    ...oneAxis('compute-type', env['compute-type'], where),
    ...oneAxis('image', env['image'], where),
    ...Object.entries(variables).map(([name, values]) => [`$${name}`, list(values, `${where}.${name}`)] as const),
  ];
  const base = readBuild({ identifier: 'build', ...fixed }, `${where}.static`);
  const combinations = axes.reduce<readonly Record<string, string>[]>(
    (found, [name, values]) => found.flatMap((each) => values.map((one) => ({ ...each, [name]: one }))),
    [{}],
  );
  return combinations.map((chosen, index) => ({
    ...base,
    identifier: `build${index}`,
    buildspec: chosen['buildspec'],
    computeType: chosen['compute-type'] ?? base.computeType,
    image: chosen['image'] ?? base.image,
    variables: {
      ...base.variables,
      ...Object.fromEntries(
        Object.entries(chosen).flatMap(([name, one]) => (name.startsWith('$') ? [[name.slice(1), one]] : [])),
      ),
    },
  }));
}

const oneAxis = (name: string, values: unknown, where: string): [string, string[]][] =>
  values === undefined ? [] : [[name, list(values, `${where}.${name}`)]];

function requireOrder(builds: readonly BatchedBuild[]): void {
  const names = builds.map(({ identifier }) => identifier);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new BuildspecError(`batch has two builds called ${twice}`);
  const done = new Set<string>();
  for (let before = -1; before < done.size;) {
    before = done.size;
    for (const { identifier, dependsOn } of builds) if (dependsOn.every((name) => done.has(name))) done.add(identifier);
  }
  const stuck = builds.find(({ identifier }) => !done.has(identifier));
  if (stuck) throw new BuildspecError(`${stuck.identifier} depends on a build that is not there, or on itself`);
}
