// aws_lambda_function. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { CreateFunctionCommandInput, FunctionConfiguration } from '@aws-sdk/client-lambda';

import { UserError } from '../../terraform/errors.ts';
import { orNull } from '../../terraform/or-null.ts';
import { rangeProblems } from '../../terraform/problems.ts';
import { refusedAttributes } from '../../terraform/refused-attributes.ts';
import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import type { LambdaOperations } from './operations.ts';

/** Arguments that choose the code, or say that it is another one. */
const CODE_ARGUMENTS = ['s3_bucket', 's3_key', 's3_object_version', 'source_code_hash', 'architectures'] as const;

const CONFIGURATION_ARGUMENTS = [
  'dead_letter_config',
  'description',
  'environment',
  'ephemeral_storage',
  'handler',
  'kms_key_arn',
  'logging_config',
  'memory_size',
  'role',
  'runtime',
  'timeout',
  'tracing_config',
  'vpc_config',
] as const;

const UNSUPPORTED = [
  'capacity_provider_config',
  'code_signing_config_arn',
  'durable_config',
  'file_system_config',
  'image_config',
  'image_uri',
  'layers',
  'publish_to',
  'source_kms_key_arn',
  'tenancy_config',
] as const;

export const functionResource: ResourceType = {
  type: 'aws_lambda_function',
  replace: ['function_name', 'package_type'],
  defaults: {
    memory_size: 128,
    package_type: 'Zip',
    publish: false,
    reserved_concurrent_executions: -1,
    skip_destroy: false,
    timeout: 3,
  },
  computedBlocks: ['ephemeral_storage', 'logging_config', 'tracing_config'],
  validate: (config) => [
    ...refusedAttributes(config, UNSUPPORTED),
    ...((config['snap_start'] ?? []) as Attributes[])
      .filter(({ apply_on }) => apply_on !== undefined && apply_on !== 'None')
      .map(() => ({ attribute: 'snap_start', message: 'snap_start is not supported here' })),
    ...rangeProblems(config, 'memory_size', 128, 10_240),
    ...rangeProblems(config, 'timeout', 1, 900),
  ],
  recomputes: (prior, planned) => {
    const code = hasNewCode(prior, planned);
    if (!code && !changed(prior, planned, CONFIGURATION_ARGUMENTS)) return [];
    const published = planned['publish'] ? ['version', 'qualified_arn', 'qualified_invoke_arn'] : [];
    return ['last_modified', ...published, ...(code ? ['code_sha256', 'source_code_size'] : [])];
  },

  async create(planned, context) {
    const lambda = context.client<LambdaOperations>('lambda');
    const FunctionName: string = planned['function_name'];
    await lambda('CreateFunction', {
      FunctionName,
      ...configurationOf(planned),
      PackageType: planned['package_type'],
      Architectures: planned['architectures']?.length > 0 ? planned['architectures'] : undefined,
      Publish: planned['publish'],
      Code: await codeOf(planned, context),
      Tags: planned['tags_all'] ?? {},
    } as CreateFunctionCommandInput);
    context.created({ id: FunctionName, function_name: FunctionName });
    await reserve(planned, context);
    return { id: FunctionName };
  },

  async read(state, context) {
    const lambda = context.client<LambdaOperations>('lambda');
    const FunctionName: string = state['id'];
    const found = await orNull(lambda('GetFunction', { FunctionName }), 'ResourceNotFoundException');
    if (!found) return null;
    const version = await newestVersion(FunctionName, context);
    return {
      ...attributesOf(found.Configuration, context.region, version),
      logging_config: [loggingOf(found.Configuration, state)],
      reserved_concurrent_executions: found.Concurrency?.ReservedConcurrentExecutions ?? -1,
      source_code_hash: state['source_code_hash'] || found.Configuration.CodeSha256,
      tags_all: found.Tags ?? {},
    };
  },

  async update(prior, planned, context) {
    const lambda = context.client<LambdaOperations>('lambda');
    const FunctionName: string = planned['function_name'];
    if (changed(prior, planned, CONFIGURATION_ARGUMENTS)) {
      await lambda('UpdateFunctionConfiguration', { FunctionName, ...configurationOf(planned) });
    }
    if (hasNewCode(prior, planned)) {
      const Architectures = planned['architectures'];
      await lambda('UpdateFunctionCode', { FunctionName, ...(await codeOf(planned, context)), Architectures });
    }
    if (prior['reserved_concurrent_executions'] !== planned['reserved_concurrent_executions']) {
      await reserve(planned, context);
    }
    await syncTags(prior, planned, context);
    const published = hasNewCode(prior, planned) || changed(prior, planned, CONFIGURATION_ARGUMENTS);
    if (planned['publish'] && (published || !prior['publish'])) await lambda('PublishVersion', { FunctionName });
  },

  async delete(state, context) {
    if (state['skip_destroy']) return;
    const lambda = context.client<LambdaOperations>('lambda');
    await orNull(lambda('DeleteFunction', { FunctionName: state['id'] }), 'ResourceNotFoundException');
  },

  importState: (id) => ({ id, function_name: id, publish: false, skip_destroy: false }),
};

/** What API Gateway calls to invoke a function. */
export const invokeArn = (region: string, arn: string): string =>
  `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;

const isSet = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);

const changed = (prior: Attributes, planned: Attributes, names: readonly string[]): boolean =>
  names.some((name) => JSON.stringify(prior[name] ?? null) !== JSON.stringify(planned[name] ?? null));

// An imported function has no file yet: naming the one that it was made of changes nothing.
const hasNewCode = (prior: Attributes, planned: Attributes): boolean =>
  changed(prior, planned, CODE_ARGUMENTS) || (isSet(prior['filename']) && changed(prior, planned, ['filename']));

function configurationOf(planned: Attributes) {
  const [environment] = planned['environment'] ?? [];
  const [deadLetters] = planned['dead_letter_config'] ?? [];
  const [tracing] = planned['tracing_config'] ?? [];
  const [vpc] = planned['vpc_config'] ?? [];
  const [storage] = planned['ephemeral_storage'] ?? [];
  const [logging] = planned['logging_config'] ?? [];
  return {
    Role: planned['role'],
    Handler: planned['handler'] || undefined,
    Runtime: planned['runtime'] || undefined,
    Description: planned['description'] ?? '',
    MemorySize: planned['memory_size'],
    Timeout: planned['timeout'],
    KMSKeyArn: planned['kms_key_arn'] ?? '',
    Environment: { Variables: environment?.['variables'] ?? {} },
    DeadLetterConfig: { TargetArn: deadLetters?.['target_arn'] ?? '' },
    VpcConfig: {
      SubnetIds: vpc?.['subnet_ids'] ?? [],
      SecurityGroupIds: vpc?.['security_group_ids'] ?? [],
      ...(vpc?.['ipv6_allowed_for_dual_stack'] && { Ipv6AllowedForDualStack: true }),
    },
    ...(tracing && { TracingConfig: { Mode: tracing['mode'] } }),
    ...(storage?.['size'] && { EphemeralStorage: { Size: storage['size'] } }),
    ...(logging && {
      LoggingConfig: {
        LogFormat: logging['log_format'],
        LogGroup: logging['log_group'] || undefined,
        ApplicationLogLevel: logging['application_log_level'] || undefined,
        SystemLogLevel: logging['system_log_level'] || undefined,
      },
    }),
  };
}

async function codeOf(planned: Attributes, { folder }: ResourceContext) {
  if (!planned['filename']) {
    return {
      S3Bucket: planned['s3_bucket'] || undefined,
      S3Key: planned['s3_key'] || undefined,
      S3ObjectVersion: planned['s3_object_version'] || undefined,
    };
  }
  const path = resolve(folder, planned['filename']);
  try {
    return { ZipFile: await readFile(path) };
  } catch (error) {
    throw new UserError(
      `unable to load ${JSON.stringify(path)}: ${(error as Error).message}`,
      'Build the package first.',
    );
  }
}

async function reserve(planned: Attributes, context: ResourceContext): Promise<void> {
  const lambda = context.client<LambdaOperations>('lambda');
  const FunctionName: string = planned['function_name'];
  const wanted: number = planned['reserved_concurrent_executions'];
  if (wanted >= 0) await lambda('PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: wanted });
  else await lambda('DeleteFunctionConcurrency', { FunctionName });
}

async function syncTags(prior: Attributes, planned: Attributes, context: ResourceContext): Promise<void> {
  const lambda = context.client<LambdaOperations>('lambda');
  const Resource: string = prior['arn'];
  const before = (prior['tags_all'] ?? {}) as Record<string, string>;
  const next = (planned['tags_all'] ?? {}) as Record<string, string>;
  const gone = Object.keys(before).filter((key) => !(key in next));
  const fresh = Object.fromEntries(Object.entries(next).filter(([key, value]) => before[key] !== value));
  if (gone.length > 0) await lambda('UntagResource', { Resource, TagKeys: gone });
  if (Object.keys(fresh).length > 0) await lambda('TagResource', { Resource, Tags: fresh });
}

async function newestVersion(FunctionName: string, context: ResourceContext): Promise<string> {
  const lambda = context.client<LambdaOperations>('lambda');
  let newest = '$LATEST';
  let marker: string | undefined;
  do {
    const page: { Versions: FunctionConfiguration[]; NextMarker?: string } = await lambda('ListVersionsByFunction', {
      FunctionName,
      Marker: marker,
    });
    newest = page.Versions.at(-1)?.Version ?? newest;
    marker = page.NextMarker;
  } while (marker !== undefined);
  return newest;
}

function attributesOf(found: FunctionConfiguration, region: string, version: string): Attributes {
  const arn = found.FunctionArn!;
  const qualified = `${arn}:${version}`;
  const { VpcConfig: vpc, Environment: environment } = found;
  return {
    architectures: found.Architectures,
    arn,
    code_sha256: found.CodeSha256,
    dead_letter_config: found.DeadLetterConfig ? [{ target_arn: found.DeadLetterConfig.TargetArn }] : [],
    description: found.Description,
    environment: environment ? [{ variables: environment.Variables }] : [],
    ephemeral_storage: [{ size: found.EphemeralStorage?.Size }],
    function_name: found.FunctionName,
    handler: found.Handler,
    invoke_arn: invokeArn(region, arn),
    kms_key_arn: found.KMSKeyArn ?? '',
    last_modified: found.LastModified,
    memory_size: found.MemorySize,
    package_type: found.PackageType,
    qualified_arn: qualified,
    qualified_invoke_arn: invokeArn(region, qualified),
    response_streaming_invoke_arn: `arn:aws:apigateway:${region}:lambda:path/2021-11-15/functions/${arn}/response-streaming-invocations`,
    role: found.Role,
    runtime: found.Runtime,
    signing_job_arn: '',
    signing_profile_version_arn: '',
    source_code_size: found.CodeSize,
    timeout: found.Timeout,
    tracing_config: [{ mode: found.TracingConfig?.Mode }],
    version,
    vpc_config: vpc
      ? [
          {
            subnet_ids: vpc.SubnetIds,
            security_group_ids: vpc.SecurityGroupIds,
            vpc_id: '',
            ipv6_allowed_for_dual_stack: vpc.Ipv6AllowedForDualStack,
          },
        ]
      : [],
  };
}

// hashicorp/aws takes a level that nobody configured and that is AWS's own for no difference.
function loggingOf({ LoggingConfig: logging }: FunctionConfiguration, state: Attributes): Attributes {
  const [known] = (state['logging_config'] ?? []) as Attributes[];
  const levelOf = (attribute: string, level: string | undefined) =>
    level === 'INFO' && !known?.[attribute] ? '' : (level ?? '');
  return {
    application_log_level: levelOf('application_log_level', logging?.ApplicationLogLevel),
    log_format: logging?.LogFormat,
    log_group: logging?.LogGroup,
    system_log_level: levelOf('system_log_level', logging?.SystemLogLevel),
  };
}
