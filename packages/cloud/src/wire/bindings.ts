// HTTP bindings: which members of a structure travel in the path, the query, headers, the status or the body.
// https://smithy.io/2.0/spec/http-bindings.html
import { FromStringShapeDeserializer, ToStringShapeSerializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { splitEvery, splitHeader } from '@smithy/core/serde';

type Member = readonly [name: string, schema: NormalizedSchema];
type NamedMember = readonly [name: string, schema: NormalizedSchema, wireName: string];

export interface Bindings {
  readonly labels: readonly Member[];
  readonly queries: readonly NamedMember[];
  readonly queryParams: Member | undefined;
  readonly headers: readonly NamedMember[];
  readonly prefixHeaders: NamedMember | undefined;
  readonly status: Member | undefined;
  readonly payload: Member | undefined;
  /** What is left for a document in the body. */
  readonly body: readonly Member[];
}

const cache = new WeakMap<NormalizedSchema, Bindings>();

/** The bindings of an input or an output. */
export function bindingsOf(schema: NormalizedSchema): Bindings {
  let bindings = cache.get(schema);
  if (!bindings) cache.set(schema, (bindings = sort(schema)));
  return bindings;
}

const settings = { timestampFormat: { useTrait: true, default: 5 as const }, httpBindings: true };
const reader = new FromStringShapeDeserializer(settings);
const writer = new ToStringShapeSerializer(settings);

/** Reads labels, query and headers into members. */
export function readBindings(
  bindings: Bindings,
  labels: Readonly<Record<string, string>>,
  query: URLSearchParams,
  headers: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, schema] of bindings.labels) {
    if (labels[name] !== undefined) input[name] = reader.read(schema, labels[name]);
  }
  for (const [name, schema, wireName] of bindings.queries) {
    const values = query.getAll(wireName);
    if (values.length > 0) input[name] = readQuery(schema, values);
  }
  if (bindings.queryParams) input[bindings.queryParams[0]] = readQueryParams(bindings, query);
  for (const [name, schema, wireName] of bindings.headers) {
    const value = headers[wireName];
    if (value !== undefined && value !== '') input[name] = readHeader(schema, value);
  }
  if (bindings.prefixHeaders) {
    const [name, , prefix] = bindings.prefixHeaders;
    const matching = Object.entries(headers).filter(([header]) => header.startsWith(prefix));
    if (matching.length > 0) {
      input[name] = Object.fromEntries(matching.map(([header, value]) => [header.slice(prefix.length), value]));
    }
  }
  return input;
}

/** Writes members that belong in headers. */
export function writeHeaders(bindings: Bindings, output: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, schema, wireName] of bindings.headers) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    writer.write(schema, value);
    headers[wireName] = writer.flush();
  }
  if (bindings.prefixHeaders) {
    const [name, , prefix] = bindings.prefixHeaders;
    for (const [key, value] of Object.entries(output[name] ?? {})) headers[prefix + key] = String(value);
  }
  return headers;
}

function sort(schema: NormalizedSchema): Bindings {
  const members = schema.isUnitSchema()
    ? []
    : [...schema.structIterator()].map(([name, member]) => {
        const traits = member.getMergedTraits();
        return { name, member, traits };
      });
  const having = (trait: string) => members.filter(({ traits }) => traits[trait] !== undefined);
  const plain = (found: typeof members): Member[] => found.map(({ name, member }) => [name, member]);
  const named = (trait: string): NamedMember[] =>
    having(trait).map(({ name, member, traits }) => [name, member, String(traits[trait]).toLowerCase()]);
  const payload = plain(having('httpPayload'))[0] ?? plain(members.filter(({ member }) => member.isStreaming()))[0];
  const bound = ['httpLabel', 'httpQuery', 'httpQueryParams', 'httpHeader', 'httpPrefixHeaders', 'httpResponseCode'];
  const rest = members.filter(({ traits }) => !bound.some((trait) => traits[trait] !== undefined));
  return {
    labels: plain(having('httpLabel')),
    queries: having('httpQuery').map(({ name, member, traits }) => [name, member, String(traits.httpQuery)]),
    queryParams: plain(having('httpQueryParams'))[0],
    headers: named('httpHeader'),
    prefixHeaders: named('httpPrefixHeaders')[0],
    status: plain(having('httpResponseCode'))[0],
    payload,
    body: payload ? [] : plain(rest),
  };
}

function readQuery(schema: NormalizedSchema, values: readonly string[]): unknown {
  if (!schema.isListSchema()) return reader.read(schema, values[0]!);
  // A list's items have the format of a query parameter, which the list alone carries.
  const { httpQuery } = schema.getMergedTraits();
  return values.map((value) => reader.read([schema.getValueSchema(), { httpQuery }] as never, value));
}

function readQueryParams({ queries, queryParams }: Bindings, query: URLSearchParams): unknown {
  const taken = new Set(queries.map(([, , wireName]) => wireName));
  const names = [...new Set(query.keys())].filter((name) => !taken.has(name));
  const lists = queryParams![1].getValueSchema().isListSchema();
  return Object.fromEntries(names.map((name) => [name, lists ? query.getAll(name) : query.get(name)]));
}

function readHeader(schema: NormalizedSchema, value: string): unknown {
  if (!schema.isListSchema()) return reader.read(schema, value);
  const { httpHeader } = schema.getMergedTraits();
  const member = schema.getValueSchema();
  // An HTTP date has a comma of its own.
  const dates = member.isTimestampSchema() && member.getSchema() === 4;
  const items = dates ? splitEvery(value, ',', 2) : splitHeader(value);
  return items.map((item) => reader.read([member, { httpHeader }] as never, item.trim()));
}
