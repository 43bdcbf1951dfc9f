// What the AWS SDK knows of a service's wire: its operations' shapes, its errors and its protocol.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';

export type NativeProtocol = 'json-1.0' | 'json-1.1' | 'query' | 'ec2' | 'rest-json' | 'rest-xml' | 'cbor';

/** A service's protocol settings; cheap to read, so that dispatch may look at many services. */
export interface WireSettings {
  readonly protocol: NativeProtocol;
  /** E.g. `2010-05-08`. */
  readonly version: string;
  /** The prefix of `X-Amz-Target`, e.g. `DynamoDB_20120810`. */
  readonly target: string;
  /** A JSON service that answers the query protocol as well, for its older clients. */
  readonly queryCompatible: boolean;
  /** The namespace of XML answers; empty where the service has none. */
  readonly xmlNamespace: string;
}

/** A service's wire: settings and shapes. */
export interface WireModel extends WireSettings {
  readonly operations: ReadonlyMap<string, WireOperation>;
  /** Finds an error's shape by its name or by the code it has in the query protocol. */
  findError(code: string): WireError | undefined;
}

export interface WireOperation {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Method, URI pattern and success status, where the service has HTTP bindings. */
  readonly http: readonly [method: string, uri: string, status: number] | undefined;
}

export interface WireError {
  readonly name: string;
  /** `com.amazonaws.sqs`, say. */
  readonly namespace: string;
  /** The code in the query protocol, where it differs from the name. */
  readonly queryCode: string | undefined;
  readonly status: number | undefined;
  readonly schema: NormalizedSchema;
}

const PROTOCOLS: Readonly<Record<string, NativeProtocol>> = {
  AwsJson1_0Protocol: 'json-1.0',
  AwsJson1_1Protocol: 'json-1.1',
  AwsQueryProtocol: 'query',
  AwsEc2QueryProtocol: 'ec2',
  AwsRestJsonProtocol: 'rest-json',
  AwsRestXmlProtocol: 'rest-xml',
  S3RestXmlProtocol: 'rest-xml',
  AwsSmithyRpcV2CborProtocol: 'cbor',
};

const require = createRequire(import.meta.url);
const settings = new Map<string, WireSettings>();
const models = new Map<string, Promise<WireModel>>();

// A whole client costs 33 MB of memory, its schema files alone 3. Those import their siblings without an extension.
registerHooks({
  resolve(specifier, context, next) {
    const bare = specifier.startsWith('.') && !specifier.endsWith('.js') && context.parentURL?.includes('/dist-es/');
    return next(bare ? `${specifier}.js` : specifier, context);
  },
});

/** The settings of `@aws-sdk/client-<client>`. They stand in code that builds a whole client, so they are read from its text. */
export function wireSettings(client: string): WireSettings {
  let found = settings.get(client);
  if (!found) {
    const text = readFileSync(clientFile(client, 'runtimeConfig.shared.js'), 'utf8');
    const value = (name: string) => new RegExp(`\\b${name}: "([^"]*)"`).exec(text)?.[1] ?? '';
    const name = /config\?\.protocol \?\? (\w+)/.exec(text)?.[1] ?? 'none';
    const protocol = PROTOCOLS[name];
    if (!protocol) throw new Error(`@aws-sdk/client-${client} speaks a protocol unknown to the wire: ${name}`);
    found = {
      protocol,
      version: value('version'),
      target: value('serviceTarget'),
      queryCompatible: text.includes('awsQueryCompatible: true'),
      xmlNamespace: value('xmlNamespace'),
    };
    settings.set(client, found);
  }
  return found;
}

/** The shapes of `@aws-sdk/client-<client>`, loaded at first use. */
export function loadWireModel(client: string): Promise<WireModel> {
  let model = models.get(client);
  if (!model) models.set(client, (model = load(client)));
  return model;
}

/** The names of a structure's required members: the schemas list them first and count them. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const struct = schema.getSchema();
  return Array.isArray(struct) ? (struct[4] as readonly string[]).slice(0, Number(struct[6] ?? 0)) : [];
}

async function load(client: string): Promise<WireModel> {
  const operations = new Map<string, WireOperation>();
  const errors = new Map<string, WireError>();
  const folder = dirname(clientFile(client, 'schemas/schemas_0.js'));
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const shapes = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
    for (const shape of Object.values(shapes)) {
      if (isOperation(shape)) operations.set(shape[2], readOperation(shape));
      if (isError(shape)) for (const [code, error] of readError(shape)) errors.set(code, error);
    }
  }
  return { ...wireSettings(client), operations, findError: (code) => errors.get(code) };
}

function clientFile(client: string, path: string): string {
  return require.resolve(`@aws-sdk/client-${client}/dist-es/${path}`);
}

const isOperation = (shape: unknown): shape is StaticOperationSchema => Array.isArray(shape) && shape[0] === 9;

const isError = (shape: unknown): shape is StaticErrorSchema =>
  Array.isArray(shape) && shape[0] === -3 && !String(shape[1]).startsWith('smithy.ts.sdk.synthetic');

function readOperation(shape: StaticOperationSchema): WireOperation {
  const [, , name, traits, input, output] = shape;
  const http = typeof traits === 'object' ? traits.http : undefined;
  return { name, input: NormalizedSchema.of(input), output: NormalizedSchema.of(output), http };
}

function readError(shape: StaticErrorSchema): [string, WireError][] {
  const [, namespace, name] = shape;
  const schema = NormalizedSchema.of(shape);
  const { awsQueryError, httpError } = schema.getMergedTraits() as {
    awsQueryError?: [string, number];
    httpError?: number;
  };
  const [queryCode, queryStatus] = awsQueryError ?? [];
  const error: WireError = { name, namespace, queryCode, status: httpError ?? queryStatus, schema };
  return [[name, error], ...(queryCode && queryCode !== name ? [[queryCode, error] as [string, WireError]] : [])];
}
