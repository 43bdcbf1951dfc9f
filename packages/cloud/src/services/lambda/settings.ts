// What a function is made of besides its code: read from requests, checked as AWS checks it, answered as AWS answers it.
// https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
import type {
  CreateFunctionCommandInput,
  EnvironmentResponse,
  FunctionConfiguration,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';

import { requireOneOf, requireWithin } from '../../kernel/constraint.ts';
import { notSupported, unsupported } from '../../kernel/errors.ts';
import { LOG_LEVELS, type LogLevel } from '../../runtime/function/messages.ts';
import type { SealedEnvironment } from './environment.ts';
import { invalidParameter, invalidValue, validation } from './errors.ts';
import type { LambdaFunction, Version } from './functions.ts';

export const RUNTIMES = ['nodejs22.x', 'nodejs24.x'] as const;

export type Runtime = (typeof RUNTIMES)[number];

export interface Logging {
  readonly format: 'Text' | 'JSON';
  /** In the JSON format only. */
  readonly applicationLevel: LogLevel;
  readonly systemLevel: 'DEBUG' | 'INFO' | 'WARN';
  readonly group: string;
}

export interface Settings {
  readonly runtime: Runtime;
  readonly role: string;
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: SealedEnvironment | undefined;
  readonly kmsKeyArn: string | undefined;
  readonly deadLetterArn: string | undefined;
  readonly tracing: 'Active' | 'PassThrough';
  readonly vpc:
    | { readonly subnets: readonly string[]; readonly securityGroups: readonly string[]; readonly dualStack?: boolean }
    | undefined;
  readonly storageMegabytes: number;
  readonly logging: Logging;
  readonly architecture: 'x86_64' | 'arm64';
}

/** The members of a request that settings are read from; the environment is sealed apart. */
export type SettingsInput = Partial<
  Omit<CreateFunctionCommandInput & UpdateFunctionConfigurationCommandInput, 'Environment'>
>;

const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/.+/;

/** The settings of a request over what was before; `environment` is what the function's variables are to be. */
export function readSettings(
  name: string,
  input: SettingsInput,
  environment: SealedEnvironment | undefined,
  before?: Settings,
): Settings {
  refuseUnsupported(input);
  requireOneOf(input.TracingConfig?.Mode, 'tracingConfig.mode', ['Active', 'PassThrough'], validation);
  const settings: Settings = {
    runtime: readRuntime(input.Runtime ?? before?.runtime),
    role: input.Role ?? before?.role ?? '',
    handler: input.Handler ?? before?.handler ?? '',
    description: input.Description ?? before?.description ?? '',
    timeoutSeconds: input.Timeout ?? before?.timeoutSeconds ?? 3,
    memoryMegabytes: input.MemorySize ?? before?.memoryMegabytes ?? 128,
    environment,
    kmsKeyArn: emptied(input.KMSKeyArn, before?.kmsKeyArn),
    deadLetterArn: emptied(input.DeadLetterConfig && (input.DeadLetterConfig.TargetArn ?? ''), before?.deadLetterArn),
    tracing: input.TracingConfig?.Mode ?? before?.tracing ?? 'PassThrough',
    vpc: readVpc(input.VpcConfig) ?? (input.VpcConfig ? undefined : before?.vpc),
    storageMegabytes: input.EphemeralStorage?.Size ?? before?.storageMegabytes ?? 512,
    logging: readLogging(name, input.LoggingConfig, before?.logging),
    architecture: readArchitecture(input.Architectures) ?? before?.architecture ?? 'x86_64',
  };
  check(settings);
  return settings;
}

/** A function's version as the API answers it. */
export function configurationOf(
  fn: LambdaFunction,
  { version, revisionId, modifiedAt, settings, code }: Version,
  options: { readonly environment?: EnvironmentResponse | undefined; readonly arn?: string } = {},
): FunctionConfiguration {
  const { logging, vpc } = settings;
  return {
    FunctionName: fn.name,
    FunctionArn: options.arn ?? (version === '$LATEST' ? fn.arn : `${fn.arn}:${version}`),
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: code.size,
    CodeSha256: code.sha256,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMegabytes,
    LastModified: new Date(modifiedAt).toISOString().replace('Z', '+0000'),
    Version: version,
    RevisionId: revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [settings.architecture],
    EphemeralStorage: { Size: settings.storageMegabytes },
    TracingConfig: { Mode: settings.tracing },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(fn.region, settings.runtime) },
    LoggingConfig: {
      LogFormat: logging.format,
      LogGroup: logging.group,
      ...(logging.format === 'JSON' && {
        ApplicationLogLevel: logging.applicationLevel,
        SystemLogLevel: logging.systemLevel,
      }),
    },
    ...(options.environment && { Environment: options.environment }),
    ...(settings.kmsKeyArn !== undefined && { KMSKeyArn: settings.kmsKeyArn }),
    ...(settings.deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: settings.deadLetterArn } }),
    ...(vpc && {
      VpcConfig: {
        SubnetIds: [...vpc.subnets],
        SecurityGroupIds: [...vpc.securityGroups],
        VpcId: '',
        Ipv6AllowedForDualStack: vpc.dualStack ?? false,
      },
    }),
  };
}

// Which release of the runtime ran is nobody's to choose here; AWS's form, with the runtime's name for the digest.
const runtimeVersionArn = (region: string, runtime: Runtime): string =>
  `arn:aws:lambda:${region}::runtime:${Buffer.from(runtime).toString('hex').padEnd(64, '0')}`;

function refuseUnsupported(input: SettingsInput): void {
  if (input.PackageType !== undefined && input.PackageType !== 'Zip')
    throw unsupported(`PackageType ${input.PackageType}`);
  if (input.SnapStart !== undefined && input.SnapStart.ApplyOn !== 'None') throw unsupported('SnapStart');
}

function readRuntime(runtime: string | undefined): Runtime {
  const found = RUNTIMES.find((one) => one === runtime);
  if (found) return found;
  if (runtime === undefined)
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  throw notSupported(`Runtime ${runtime} is not supported here: ${RUNTIMES.join(' and ')} are.`);
}

/** A text that is cleared by an empty one. */
const emptied = (text: string | undefined, before: string | undefined): string | undefined =>
  text === undefined ? before : text || undefined;

function readVpc(vpc: CreateFunctionCommandInput['VpcConfig']): Settings['vpc'] {
  const { SubnetIds: subnets = [], SecurityGroupIds: securityGroups = [], Ipv6AllowedForDualStack } = vpc ?? {};
  if (subnets.length === 0 && securityGroups.length === 0) return undefined;
  return { subnets, securityGroups, dualStack: Ipv6AllowedForDualStack ?? false };
}

function readArchitecture(architectures: readonly string[] | undefined): Settings['architecture'] | undefined {
  if (architectures === undefined) return undefined;
  const [only] = architectures;
  if (architectures.length === 1 && (only === 'x86_64' || only === 'arm64')) return only;
  throw invalidValue(
    'architectures',
    `[${architectures.join(', ')}]`,
    'Member must satisfy enum value set: [x86_64, arm64]',
  );
}

function readLogging(
  name: string,
  input: CreateFunctionCommandInput['LoggingConfig'],
  before: Logging | undefined,
): Logging {
  requireOneOf(input?.LogFormat, 'loggingConfig.logFormat', ['Text', 'JSON'], validation);
  requireOneOf(input?.ApplicationLogLevel, 'loggingConfig.applicationLogLevel', LOG_LEVELS, validation);
  requireOneOf(input?.SystemLogLevel, 'loggingConfig.systemLogLevel', ['DEBUG', 'INFO', 'WARN'], validation);
  const format = input?.LogFormat ?? before?.format ?? 'Text';
  if (format === 'Text' && (input?.ApplicationLogLevel !== undefined || input?.SystemLogLevel !== undefined)) {
    throw invalidParameter(
      'ApplicationLogLevel and SystemLogLevel can only be set when LogFormat is set to JSON in LoggingConfig.',
    );
  }
  const level = LOG_LEVELS.find((one) => one === input?.ApplicationLogLevel);
  return {
    format,
    applicationLevel: level ?? (format === before?.format ? before.applicationLevel : 'INFO'),
    systemLevel: input?.SystemLogLevel ?? (format === before?.format ? before.systemLevel : 'INFO'),
    group: input?.LogGroup ?? before?.group ?? `/aws/lambda/${name}`,
  };
}

function check(settings: Settings): void {
  requireWithin(settings.memoryMegabytes, 'memorySize', [128, 10_240], validation);
  requireWithin(settings.timeoutSeconds, 'timeout', [1, 900], validation);
  requireWithin(settings.storageMegabytes, 'ephemeralStorage.size', [512, 10_240], validation);
  if (settings.description.length > 256) {
    throw invalidValue('description', settings.description, 'Member must have length less than or equal to 256');
  }
  if (settings.handler === '' || settings.handler.length > 128 || /\s/.test(settings.handler)) {
    throw invalidValue('handler', settings.handler, 'Member must satisfy regular expression pattern: [^\\s]+');
  }
  if (!ROLE.test(settings.role)) {
    throw invalidValue('role', settings.role, `Member must satisfy regular expression pattern: ${ROLE.source}`);
  }
  const { deadLetterArn } = settings;
  if (deadLetterArn !== undefined && !/^arn:aws[\w-]*:(sqs|sns):/.test(deadLetterArn)) {
    throw invalidParameter(`The dead letter target has to be an SQS queue or an SNS topic: ${deadLetterArn}`);
  }
}
