// Creating, reading, changing and deleting functions.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
import { buffer } from 'node:stream/consumers';

import type {
  CreateFunctionCommandInput,
  GetFunctionCommandInput,
  ListFunctionsCommandInput,
  UpdateFunctionCodeCommandInput,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';

import { requireOneOf } from '../../kernel/constraint.ts';
import { taggingAccess } from '../../kernel/identity/context.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Access, Body, Call } from '../../kernel/service.ts';
import { onFunction, onNothing, passRole, tagContext } from './access.ts';
import type { Code } from './code.ts';
import { checkVariables, describeVariables, openVariables, sealVariables } from './environment.ts';
import { conflict, invalidParameter, requireOwnTags, staleRevision, validation } from './errors.ts';
import { allVersions, type LambdaFunction, type Version } from './functions.ts';
import { LATEST, namedArn, readName } from './names.ts';
import { onOne, page, sweepCode, versionKey, type FunctionInput, type Lambda } from './service.ts';
import { configurationOf, readSettings, type Settings } from './settings.ts';
import { publish } from './version-operations.ts';

interface CodeInput {
  ZipFile?: Uint8Array | undefined;
  S3Bucket?: string | undefined;
  S3Key?: string | undefined;
  S3ObjectVersion?: string | undefined;
}

export function functionOperations(lambda: Lambda) {
  const { kernel, functions, codes } = lambda;
  const describe = async (fn: LambdaFunction, version: Version, call: Call) => {
    const environment = await describeVariables(kernel, call, fn.arn, version.settings.environment);
    return configurationOf(fn, version, { environment });
  };
  const describeTarget = async (input: FunctionInput, call: Call) => {
    const { fn, version, qualifier } = functions.target(call, input.FunctionName, input.Qualifier);
    const environment = await describeVariables(kernel, call, fn.arn, version.settings.environment);
    const arn = qualifier === undefined ? fn.arn : `${fn.arn}:${qualifier}`;
    return { fn, version, configuration: configurationOf(fn, version, { environment, arn }) };
  };
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html#fxn-tags-required-permissions
  const mayListTags = ({ arn }: LambdaFunction, call: Call): boolean =>
    kernel.identity.explain(onFunction(functions, 'ListTags', call, { FunctionName: arn }), call).allowed;

  return {
    CreateFunction: {
      access: (input: CreateFunctionCommandInput, call: Call): Access[] => [
        onFunction(functions, 'CreateFunction', call, input, tagContext(input.Tags)),
        ...taggingAccess('lambda:TagResource', namedArn(call, input.FunctionName), input.Tags ?? {}),
        ...passRole(input.Role),
      ],
      run: async (input: CreateFunctionCommandInput, call: Call) => {
        const { name, qualifier } = readName(call, input.FunctionName);
        if (qualifier !== undefined) throw invalidParameter('A function is created without a qualifier.');
        if (functions.find(call.region, name)) throw conflict(`Function already exist: ${name}`);
        requireOwnTags(input.Tags);
        const arn = functions.arnOf(call.region, name);
        const variables = input.Environment?.Variables;
        // Everything but the environment is checked before a key is asked.
        readSettings(name, input, undefined);
        if (variables) checkVariables(variables);
        lambda.sessions.forget(input.Role!);
        lambda.sessions.of({ arn, name }, input.Role!);
        const code = await fetchCode(call, input.Code ?? {});
        const asked = { arn, role: input.Role!, kmsKeyArn: input.KMSKeyArn || undefined };
        const filled = variables && Object.keys(variables).length > 0;
        const sealed = filled ? await sealVariables(kernel, call, asked, variables) : undefined;
        if (functions.find(call.region, name)) throw conflict(`Function already exist: ${name}`);
        const settings = readSettings(name, input, sealed);
        const fn: LambdaFunction = {
          name,
          region: call.region,
          arn,
          createdAt: call.now,
          latest: { version: LATEST, revisionId: uuid(), modifiedAt: call.now, settings, code },
          versions: [],
          lastVersion: 0,
          aliases: [],
          tags: input.Tags ?? {},
          reservedConcurrency: undefined,
          policies: {},
          eventInvokes: {},
          urls: {},
        };
        functions.save(fn);
        lambda.invoker.prepare(settings.memoryMegabytes);
        const published = input.Publish ? publish(lambda, fn, call.now) : undefined;
        return describe(published?.fn ?? fn, published?.version ?? fn.latest, call);
      },
    },
    GetFunction: {
      access: (input: GetFunctionCommandInput, call: Call): Access[] => [
        onFunction(functions, 'GetFunction', call, input),
      ],
      run: async (input: GetFunctionCommandInput, call: Call) => {
        const { fn, version, configuration } = await describeTarget(input, call);
        return {
          Configuration: configuration,
          Code: { RepositoryType: 'S3', Location: lambda.codeEndpoint.locationOf(version.code, call.endpoint) },
          // Who may not list the tags is not told them, and not told that there are any.
          ...(Object.keys(fn.tags).length > 0 && mayListTags(fn, call) && { Tags: { ...fn.tags } }),
          ...(fn.reservedConcurrency !== undefined && {
            Concurrency: { ReservedConcurrentExecutions: fn.reservedConcurrency },
          }),
        };
      },
    },
    GetFunctionConfiguration: {
      access: (input: GetFunctionCommandInput, call: Call): Access[] => [
        onFunction(functions, 'GetFunctionConfiguration', call, input),
      ],
      run: async (input: GetFunctionCommandInput, call: Call) => (await describeTarget(input, call)).configuration,
    },
    ListFunctions: {
      access: (_input: ListFunctionsCommandInput, _call: Call): Access[] => [onNothing('ListFunctions')],
      run: async (input: ListFunctionsCommandInput, call: Call) => {
        requireOneOf(input.FunctionVersion, 'functionVersion', ['ALL'], validation);
        const found = functions
          .list(call.region)
          .flatMap((fn) =>
            (input.FunctionVersion === 'ALL' ? allVersions(fn) : [fn.latest]).map((version) => ({ fn, version })),
          );
        const { items, rest } = page(found, ({ fn, version }) => `${fn.name}:${versionKey(version)}`, input);
        return { Functions: await Promise.all(items.map(({ fn, version }) => describe(fn, version, call))), ...rest };
      },
    },
    UpdateFunctionCode: onOne(
      lambda,
      'UpdateFunctionCode',
      async (fn, input: UpdateFunctionCodeCommandInput & FunctionInput, call: Call) => {
        const code = await fetchCode(call, input);
        const [architecture] = input.Architectures ?? [];
        if (architecture !== undefined)
          readSettings(fn.name, { Architectures: input.Architectures }, undefined, fn.latest.settings);
        if (input.RevisionId !== undefined && input.RevisionId !== fn.latest.revisionId) throw staleRevision();
        if (input.DryRun) return describe(fn, { ...fn.latest, code }, call);
        const change = ({ settings }: Version): Partial<Version> => ({
          code,
          settings: architecture === undefined ? settings : { ...settings, architecture },
        });
        return finish(fn, change, input, call);
      },
    ),
    UpdateFunctionConfiguration: {
      access: (input: UpdateFunctionConfigurationCommandInput, call: Call): Access[] => [
        onFunction(functions, 'UpdateFunctionConfiguration', call, input),
        ...passRole(input.Role),
      ],
      run: async (input: UpdateFunctionConfigurationCommandInput, call: Call) => {
        const fn = functions.named(call, input.FunctionName);
        const before = fn.latest.settings;
        const settings = readSettings(fn.name, input, before.environment, before);
        if (input.Role !== undefined) {
          lambda.sessions.forget(input.Role);
          lambda.sessions.of(fn, input.Role);
        }
        const environment = await newEnvironment(fn, settings, input, call);
        return finish(fn, () => ({ settings: { ...settings, environment } }), input, call);
      },
    },
    DeleteFunction: {
      access: (input: FunctionInput, call: Call): Access[] => [onFunction(functions, 'DeleteFunction', call, input)],
      run: (input: FunctionInput, call: Call) => {
        const { name, qualifier } = readName(call, input.FunctionName, input.Qualifier);
        const fn = functions.require(call, name);
        if (qualifier === undefined) functions.delete(fn);
        else deleteVersion(fn, qualifier);
        lambda.invoker.retire(fn, qualifier === undefined ? '' : `${qualifier}:`);
        sweepCode(lambda);
        return { StatusCode: 204 };
      },
    },
  };

  // The variables as they are to be kept: under another key, for another role, or as they were.
  async function newEnvironment(
    fn: LambdaFunction,
    settings: Settings,
    input: UpdateFunctionConfigurationCommandInput,
    call: Call,
  ): Promise<Settings['environment']> {
    const given = input.Environment && (input.Environment.Variables ?? {});
    if (given) checkVariables(given);
    const before = fn.latest.settings;
    const same = settings.kmsKeyArn === before.kmsKeyArn && settings.role === before.role;
    if (!given && (same || !before.environment)) return before.environment;
    const variables = given ?? (await openVariables(kernel, call, fn.arn, before.environment));
    if (Object.keys(variables).length === 0) return undefined;
    return sealVariables(kernel, call, { arn: fn.arn, ...settings }, variables);
  }

  // What was read before something else was waited for may have changed meanwhile.
  async function finish(
    { name }: LambdaFunction,
    change: (latest: Version) => Partial<Version>,
    input: { readonly RevisionId?: string | undefined; readonly Publish?: boolean | undefined },
    call: Call,
  ) {
    const fn = functions.require(call, name);
    if (input.RevisionId !== undefined && input.RevisionId !== fn.latest.revisionId) throw staleRevision();
    const latest: Version = { ...fn.latest, ...change(fn.latest), revisionId: uuid(), modifiedAt: call.now };
    const changed = { ...fn, latest };
    functions.save(changed);
    lambda.invoker.retire(fn, `${LATEST}:`);
    lambda.invoker.prepare(latest.settings.memoryMegabytes);
    sweepCode(lambda);
    const published = input.Publish ? publish(lambda, changed, call.now) : undefined;
    return describe(published?.fn ?? changed, published?.version ?? latest, call);
  }

  function deleteVersion(fn: LambdaFunction, qualifier: string): void {
    if (qualifier === LATEST)
      throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
    const user = fn.aliases.find(({ version, weights }) => version === qualifier || Object.hasOwn(weights, qualifier));
    if (user) throw conflict(`Unable to delete version because the following aliases reference it: [${user.name}]`);
    functions.save({ ...fn, versions: fn.versions.filter(({ version }) => version !== qualifier) });
  }

  async function fetchCode(call: Call, input: CodeInput): Promise<Code> {
    if (input.ZipFile !== undefined) {
      if (input.S3Bucket !== undefined || input.S3Key !== undefined) {
        throw invalidParameter('Please do not provide other FunctionCode parameters when providing a ZipFile.');
      }
      return codes.add(input.ZipFile, true);
    }
    if (!input.S3Bucket || !input.S3Key) throw invalidParameter('Please provide a source for function code.');
    const object = { Bucket: input.S3Bucket, Key: input.S3Key, VersionId: input.S3ObjectVersion };
    const as = { principal: call.principal, region: call.region, via: [...(call.via ?? []), 'lambda'] };
    const { Body } = await kernel
      .invoke<typeof object, { Body: Body }>('s3', 'GetObject', object, as)
      .catch((error: Error) => {
        throw invalidParameter(
          `Error occurred while GetObject. S3 Error Code: ${error.name}. S3 Error Message: ${error.message}`,
        );
      });
    return codes.add(Body instanceof Uint8Array ? Body : await buffer(Body), false);
  }
}
