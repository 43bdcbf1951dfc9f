// A call's input and output as the trail may keep them: in CloudTrail's spelling, without secrets and without bodies.
import type { NormalizedSchema } from '@smithy/core/schema';

const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** Members that hold secrets, or may, whatever the SDK's schemas say of them. */
const SECRET =
  /^(secret(String|Binary|AccessKey)|plaintext|.*[pP]assword|sessionToken|webIdentityToken|sAMLAssertion|token(Code)?|privateKeyPlaintext|environment|variables|message(Body|Attributes)?|payload|input|item|expressionAttributeValues|parameters)$/;

/** Parameters of Parameter Store are called by a word that is harmless elsewhere. */
const SECRET_OF_SERVICE: Readonly<Record<string, RegExp>> = {
  ssm: /^value$/,
  lambda: /^(zipFile|code)$/,
  events: /^detail$/,
  sns: /^subject$/,
};

/** Texts are cut off here, as CloudTrail cuts off fields. */
const LONGEST_TEXT = 2_048;

/** Without a schema, which the SDK has for every operation, nothing is kept. */
export function redact(schema: NormalizedSchema, value: unknown, service: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  const members = redactMembers(schema, value as Record<string, unknown>, service);
  return Object.keys(members).length > 0 ? members : null;
}

function redactMembers(
  schema: NormalizedSchema,
  value: Readonly<Record<string, unknown>>,
  service: string,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const given = value[name];
    const spelled = spell(service, name);
    if (given === undefined || given === null || name === '$metadata') continue;
    const hidden = 'sensitive' in member.getMergedTraits() || isSecret(service, spelled);
    const shown = hidden ? HIDDEN : redactValue(member, given, service);
    if (shown !== undefined) kept[spelled] = shown;
  }
  return kept;
}

function redactValue(schema: NormalizedSchema, value: unknown, service: string): unknown {
  if (schema.isStreaming() || schema.isBlobSchema()) return undefined;
  if (schema.isStructSchema()) {
    return typeof value === 'object' && value !== null
      ? redactMembers(schema, value as Record<string, unknown>, service)
      : undefined;
  }
  if (schema.isListSchema()) {
    return Array.isArray(value)
      ? value.map((one) => redactValue(schema.getValueSchema(), one, service) ?? null)
      : undefined;
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as object);
    return Object.fromEntries(
      entries.map(([key, one]) => [key, redactValue(schema.getValueSchema(), one, service) ?? null]),
    );
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string') return value.slice(0, LONGEST_TEXT);
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value as bigint);
}

const isSecret = (service: string, name: string): boolean =>
  SECRET.test(name) || (SECRET_OF_SERVICE[service]?.test(name) ?? false);

/** `FunctionName` is `functionName`, `DBInstanceIdentifier` is `dBInstanceIdentifier`; S3 says `bucketName`. */
function spell(service: string, name: string): string {
  if (service === 's3' && name === 'Bucket') return 'bucketName';
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}
