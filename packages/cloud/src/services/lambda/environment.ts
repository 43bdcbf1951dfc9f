// A function's own variables: their limits, kept under the customer's KMS key where there is one, and what the runtime adds.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
import type { EnvironmentResponse } from '@aws-sdk/client-lambda';

import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { openEnvelope, sealEnvelope, type Envelope } from '../kms/envelope.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import { invalidParameter } from './errors.ts';

export type Variables = Readonly<Record<string, string>>;

/** Plain where AWS's own key would protect them, for then nobody can see or deny that key. */
export type SealedEnvironment =
  | { readonly kind: 'plain'; readonly variables: Variables }
  | { readonly kind: 'sealed'; readonly envelope: Envelope };

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_ENVIRONMENT = 4 * 1024;

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

export function checkVariables(variables: Variables): void {
  const names = Object.keys(variables);
  const odd = names.find((name) => !/^[a-zA-Z]\w+$/.test(name) && !RESERVED.has(name));
  if (odd !== undefined) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+] (${odd})`,
    );
  }
  const reserved = names.filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const size = Buffer.byteLength(JSON.stringify(variables));
  if (size > LARGEST_ENVIRONMENT) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${JSON.stringify(Object.keys(variables))}`,
    );
  }
}

/** Puts variables under a customer's key, as the caller, and lets the function's role decrypt them. */
export async function sealVariables(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  { arn, role, kmsKeyArn }: { readonly arn: string; readonly role: string; readonly kmsKeyArn: string | undefined },
  variables: Variables,
): Promise<SealedEnvironment> {
  if (kmsKeyArn === undefined) return { kind: 'plain', variables };
  const kms = kmsFor(kernel, 'lambda', call);
  const context = contextOf(arn);
  try {
    await kms('CreateGrant', {
      KeyId: kmsKeyArn,
      GranteePrincipal: role,
      Operations: ['Decrypt'],
      Constraints: { EncryptionContextEquals: context },
    });
    const bytes = Buffer.from(JSON.stringify(variables));
    return { kind: 'sealed', envelope: await sealEnvelope(kms, kmsKeyArn, bytes, context) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidParameter(
      `Lambda was unable to configure access to your environment variables because the KMS key is invalid or you may not use it. KMS: ${error.code}: ${error.message}`,
    );
  }
}

/** The variables, as somebody who may decrypt them. */
export async function openVariables(
  kernel: Pick<Kernel, 'invoke'>,
  as: Pick<Call, 'principal' | 'region' | 'via'>,
  arn: string,
  environment: SealedEnvironment | undefined,
): Promise<Variables> {
  if (!environment) return {};
  if (environment.kind === 'plain') return environment.variables;
  const bytes = await openEnvelope(kmsFor(kernel, 'lambda', as), environment.envelope, contextOf(arn));
  return JSON.parse(bytes.toString()) as Variables;
}

/** The variables as answers show them: or why the caller cannot see them. */
export async function describeVariables(
  kernel: Pick<Kernel, 'invoke'>,
  call: Call,
  arn: string,
  environment: SealedEnvironment | undefined,
): Promise<EnvironmentResponse | undefined> {
  if (!environment) return undefined;
  try {
    return { Variables: { ...(await openVariables(kernel, call, arn, environment)) } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return {
      Error: {
        ErrorCode: 'AccessDeniedException',
        Message: `Lambda was unable to decrypt your environment variables because the KMS access was denied. Please check your KMS permissions. KMS Exception: ${error.code} KMS Message: ${error.message}`,
      },
    };
  }
}

const contextOf = (arn: string): Record<string, string> => ({ 'aws:lambda:FunctionArn': arn });
