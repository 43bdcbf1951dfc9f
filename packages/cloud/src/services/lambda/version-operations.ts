// Versions and aliases. https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
import type {
  CreateAliasCommandInput,
  ListAliasesCommandInput,
  ListVersionsByFunctionCommandInput,
  PublishVersionCommandInput,
  UpdateAliasCommandInput,
} from '@aws-sdk/client-lambda';

import { uuid } from '../../kernel/ids.ts';
import type { Call } from '../../kernel/service.ts';
import { describeVariables } from './environment.ts';
import { conflict, functionNotFound, invalidParameter, invalidValue, staleRevision } from './errors.ts';
import { allVersions, requireAlias, type Alias, type LambdaFunction, type Version } from './functions.ts';
import { LATEST } from './names.ts';
import { onOne, page, versionKey, type FunctionInput, type Lambda } from './service.ts';
import { configurationOf } from './settings.ts';

interface AliasInput extends FunctionInput {
  Name: string | undefined;
}

/** Keeps `$LATEST` as a version of its own, unless nothing has changed since the last one. */
export function publish(
  { functions }: Pick<Lambda, 'functions'>,
  fn: LambdaFunction,
  now: number,
  description?: string,
): { fn: LambdaFunction; version: Version } {
  const newest = fn.versions.at(-1);
  if (newest && isSame(newest, fn.latest, description)) return { fn, version: newest };
  const { settings } = fn.latest;
  const version: Version = {
    ...fn.latest,
    version: String(fn.lastVersion + 1),
    revisionId: uuid(),
    modifiedAt: now,
    settings: { ...settings, description: description ?? settings.description },
  };
  const changed = { ...fn, versions: [...fn.versions, version], lastVersion: fn.lastVersion + 1 };
  functions.save(changed);
  return { fn: changed, version };
}

export function versionOperations(lambda: Lambda) {
  const { functions } = lambda;
  const describe = async (fn: LambdaFunction, version: Version, call: Call) =>
    configurationOf(fn, version, {
      environment: await describeVariables(lambda.kernel, call, fn.arn, version.settings.environment),
      ...(version.version === LATEST && { arn: `${fn.arn}:${LATEST}` }),
    });

  return {
    PublishVersion: onOne(lambda, 'PublishVersion', (fn, input: PublishVersionCommandInput & FunctionInput, call) => {
      if (input.RevisionId !== undefined && input.RevisionId !== fn.latest.revisionId) throw staleRevision();
      if (input.CodeSha256 !== undefined && input.CodeSha256 !== fn.latest.code.sha256) {
        throw invalidParameter(
          `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${fn.latest.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      }
      const published = publish(lambda, fn, call.now, input.Description || undefined);
      return describe(published.fn, published.version, call);
    }),
    ListVersionsByFunction: onOne(
      lambda,
      'ListVersionsByFunction',
      async (fn, input: ListVersionsByFunctionCommandInput & FunctionInput, call) => {
        const { items, rest } = page(allVersions(fn), versionKey, input);
        return { Versions: await Promise.all(items.map((version) => describe(fn, version, call))), ...rest };
      },
    ),
    CreateAlias: onOne(lambda, 'CreateAlias', (fn, input: CreateAliasCommandInput & AliasInput) => {
      const name = input.Name ?? '';
      if (!/^(?!^[0-9]+$)[\w-]{1,128}$/.test(name)) {
        throw invalidValue(
          'name',
          name,
          'Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)',
        );
      }
      if (fn.aliases.some((alias) => alias.name === name)) throw conflict(`Alias already exists: ${fn.arn}:${name}`);
      return saveAlias(fn, {
        name,
        version: input.FunctionVersion ?? '',
        description: input.Description ?? '',
        revisionId: uuid(),
        weights: input.RoutingConfig?.AdditionalVersionWeights ?? {},
      });
    }),
    GetAlias: onOne(lambda, 'GetAlias', (fn, input: AliasInput) => aliasShape(fn, requireAlias(fn, input.Name))),
    ListAliases: onOne(lambda, 'ListAliases', (fn, input: ListAliasesCommandInput & FunctionInput) => {
      const found = fn.aliases.filter(
        ({ version, weights }) =>
          input.FunctionVersion === undefined ||
          version === input.FunctionVersion ||
          Object.hasOwn(weights, input.FunctionVersion),
      );
      const { items, rest } = page(found, ({ name }) => name, input);
      return { Aliases: items.map((alias) => aliasShape(fn, alias)), ...rest };
    }),
    UpdateAlias: onOne(lambda, 'UpdateAlias', (fn, input: UpdateAliasCommandInput & AliasInput) => {
      const alias = requireAlias(fn, input.Name);
      if (input.RevisionId !== undefined && input.RevisionId !== alias.revisionId) throw staleRevision();
      return saveAlias(fn, {
        name: alias.name,
        version: input.FunctionVersion ?? alias.version,
        description: input.Description ?? alias.description,
        revisionId: uuid(),
        weights: input.RoutingConfig ? (input.RoutingConfig.AdditionalVersionWeights ?? {}) : alias.weights,
      });
    }),
    DeleteAlias: onOne(lambda, 'DeleteAlias', (fn, input: AliasInput) => {
      const name = input.Name ?? '';
      // Deleting what is not there is no error; what belonged to the alias goes with it.
      functions.save({
        ...fn,
        aliases: fn.aliases.filter((alias) => alias.name !== name),
        policies: without(fn.policies, name),
        eventInvokes: without(fn.eventInvokes, name),
        urls: without(fn.urls, name),
      });
      return {};
    }),
  };

  function saveAlias(fn: LambdaFunction, alias: Alias) {
    const known = (version: string) => allVersions(fn).some((one) => one.version === version);
    if (!known(alias.version)) throw functionNotFound(`${fn.arn}:${alias.version}`);
    const weights = Object.entries(alias.weights);
    for (const [version, weight] of weights) {
      if (!known(version)) throw functionNotFound(`${fn.arn}:${version}`);
      if (!(weight >= 0 && weight <= 1)) throw invalidValue('routingConfig', weight, 'Member must be between 0 and 1');
    }
    if (weights.length > 1)
      throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
    if (weights.some(([version]) => version === alias.version)) {
      throw invalidParameter(
        `Invalid function version ${alias.version}. Function version ${alias.version} is already included in routing configuration.`,
      );
    }
    if (weights.length > 0 && (alias.version === LATEST || LATEST in alias.weights)) {
      throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
    }
    functions.save({ ...fn, aliases: [...fn.aliases.filter(({ name }) => name !== alias.name), alias] });
    return aliasShape(fn, alias);
  }
}

const without = <T>(map: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));

const isSame = (left: Version, right: Version, description: string | undefined): boolean =>
  left.code.sha256 === right.code.sha256 &&
  JSON.stringify(left.settings) ===
    JSON.stringify({ ...right.settings, description: description ?? right.settings.description });

const aliasShape = (fn: LambdaFunction, { name, version, description, revisionId, weights }: Alias) => ({
  AliasArn: `${fn.arn}:${name}`,
  Name: name,
  FunctionVersion: version,
  Description: description,
  RevisionId: revisionId,
  ...(Object.keys(weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: { ...weights } } }),
});
