// What hashicorp/aws refuses of an aws_dynamodb_table at plan time, and what this cloud cannot do.
import type { Attributes } from '../../terraform/resource.ts';
import { isRestored, RESTORE_SOURCES } from './table-input.ts';

interface Problem {
  readonly attribute: string;
  readonly message: string;
}

/** Arguments whose resources would differ from what they say. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  replica: 'global tables are not supported here',
  global_table_witness: 'global tables are not supported here',
  import_table: 'imports from S3 are not supported here',
  warm_throughput: 'warm throughput is not supported here',
};

const UNSUPPORTED_OF_INDEXES = ['warm_throughput'];

const STREAM_VIEWS = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'];

export function validateTable(config: Attributes): Problem[] {
  return [
    ...unsupportedArguments(config),
    ...attributeProblems(config),
    ...capacityProblems(config),
    ...oneOf(config, 'billing_mode', ['PROVISIONED', 'PAY_PER_REQUEST']),
    ...oneOf(config, 'table_class', ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']),
    ...oneOf(config, 'stream_view_type', ['', ...STREAM_VIEWS]),
    ...settingProblems(config),
    ...restoreProblems(config),
  ];
}

function unsupportedArguments(config: Attributes): Problem[] {
  const given = (value: unknown) => Boolean(Array.isArray(value) ? value.length : value);
  const own = Object.entries(UNSUPPORTED).filter(([name]) => given(config[name]));
  const ofIndexes = blocks(config, 'global_secondary_index').flatMap((index) =>
    UNSUPPORTED_OF_INDEXES.filter((name) => given(index[name])),
  );
  return [
    ...own.map(([attribute, message]) => ({ attribute, message })),
    ...ofIndexes.map((name) => ({
      attribute: 'global_secondary_index',
      message: `${name} of an index is not supported here`,
    })),
  ];
}

// The engine refuses attributes that no key uses, and keys that no attribute defines.
function attributeProblems(config: Attributes): Problem[] {
  const defined = blocks(config, 'attribute').map(({ name }) => name as string | undefined);
  const indexes = [...blocks(config, 'global_secondary_index'), ...blocks(config, 'local_secondary_index')];
  const keys = [config, ...indexes].flatMap((keyed) => [
    keyed['hash_key'],
    keyed['range_key'],
    ...blocks(keyed, 'key_schema').map(({ attribute_name }) => attribute_name),
  ]) as (string | null | undefined)[];
  // What is not known yet cannot be judged; a restored table has the attributes of its backup.
  if (defined.includes(undefined) || isRestored(config)) return [];
  if (indexes.some((index) => !('name' in index))) return [];
  const used = new Set(keys.filter((key) => key !== null && key !== undefined && key !== ''));
  const idle = defined.filter((name) => name === undefined || !used.has(name));
  const missing = [...used].filter((key) => !defined.includes(key ?? undefined));
  return [
    ...(idle.length > 0
      ? [{ attribute: 'attribute', message: `all attributes must be indexed. Unused attributes: ${quoted(idle)}` }]
      : []),
    ...(missing.length > 0
      ? [
          {
            attribute: 'attribute',
            message: `all indexes must match a defined attribute. Unmatched indexes: ${quoted(missing)}`,
          },
        ]
      : []),
  ];
}

function capacityProblems(config: Attributes): Problem[] {
  if ((config['billing_mode'] ?? 'PROVISIONED') !== 'PROVISIONED' || isRestored(config)) return [];
  const tooLow = (value: unknown) => value !== undefined && ((value as number | null) ?? 0) < 1;
  return ['read_capacity', 'write_capacity']
    .filter((name) => tooLow(config[name]))
    .map((attribute) => ({ attribute, message: `${attribute} must be > 0 when billing mode is PROVISIONED` }));
}

function settingProblems(config: Attributes): Problem[] {
  const ttl = blocks(config, 'ttl')[0];
  const problems: Problem[] = [];
  if (ttl?.['enabled'] && ttl['attribute_name'] !== undefined && !ttl['attribute_name']) {
    problems.push({ attribute: 'ttl.0.attribute_name', message: 'attribute_name is required when ttl is enabled' });
  }
  if (config['stream_enabled'] && 'stream_view_type' in config && !config['stream_view_type']) {
    problems.push({
      attribute: 'stream_view_type',
      message: 'stream_view_type is required when stream_enabled = true',
    });
  }
  return problems;
}

function restoreProblems(config: Attributes): Problem[] {
  const at: unknown = config['restore_date_time'];
  return [
    ...(RESTORE_SOURCES.every((name) => config[name])
      ? [
          {
            attribute: 'restore_source_name',
            message: '"restore_source_name": conflicts with restore_source_table_arn',
          },
        ]
      : []),
    ...(typeof at === 'string' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at)
      ? [{ attribute: 'restore_date_time', message: 'must be in RFC3339 time format "2006-01-02T15:04:05Z"' }]
      : []),
  ];
}

function oneOf(config: Attributes, attribute: string, allowed: readonly string[]): Problem[] {
  const value: unknown = config[attribute];
  if (typeof value !== 'string' || allowed.includes(value)) return [];
  return [
    { attribute, message: `expected ${attribute} to be one of ${quoted(allowed.filter(Boolean))}, got ${value}` },
  ];
}

const blocks = (config: Attributes, name: string): Attributes[] => (config[name] ?? []) as Attributes[];

const quoted = (names: readonly (string | null | undefined)[]): string =>
  `[${names.map((name) => `"${name}"`).join(' ')}]`;
