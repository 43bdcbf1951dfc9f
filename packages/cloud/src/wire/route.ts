// Which operation a REST request means: method, path and query markers, the most specific first, all from the SDK's schemas.
import { bindingsOf } from './bindings.ts';
import { decodePath } from './bucket.ts';
import { requiredMembers, type WireModel, type WireOperation } from './schemas.ts';

export interface Route {
  readonly operation: WireOperation;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a route is found by. */
export interface RouteRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Labels known otherwise, as S3's bucket, which is no part of the pattern. */
  readonly labels?: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly operation: WireOperation;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** Query parameters that the pattern demands; an empty value demands only the name. */
  readonly markers: readonly (readonly [name: string, value: string])[];
  /** The SDK's own hint, sent by few clients: never demanded, but never contradicted. */
  readonly hint: string | undefined;
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  readonly requiredLabels: readonly string[];
  readonly allLabels: readonly string[];
}

type Segment = { readonly text: string } | { readonly label: string; readonly greedy: boolean };

const cache = new WeakMap<WireModel, readonly Pattern[]>();

/** Finds the operation; undefined where the service has none for this method and path. */
export function findRoute(model: WireModel, request: RouteRequest): Route | undefined {
  let patterns = cache.get(model);
  if (!patterns) cache.set(model, (patterns = compile(model)));
  const matching = patterns.flatMap((pattern) => {
    const labels = matches(pattern, request);
    return labels ? [{ pattern, labels }] : [];
  });
  const [first] = matching;
  if (!first) return undefined;
  // Among patterns of equal markers the one that demands most and has it wins: a copy has a source, a part a number.
  const peers = matching.filter(({ pattern }) => pattern.markers.length === first.pattern.markers.length);
  const best = peers.find(({ pattern }) => hasRequired(pattern, request)) ?? peers.at(-1)!;
  return { operation: best.pattern.operation, labels: best.labels };
}

function compile(model: WireModel): Pattern[] {
  const patterns = [...model.operations.values()].flatMap((operation) => {
    if (!operation.http) return [];
    const [method, uri] = operation.http;
    const [path = '', query = ''] = uri.split('?');
    const required = new Set(requiredMembers(operation.input));
    const { labels, queries, headers } = bindingsOf(operation.input);
    const markers = [...new URLSearchParams(query)];
    const segments = path.split('/').slice(1).map(segmentOf);
    const inPath = new Set(segments.flatMap((segment) => ('label' in segment ? [segment.label] : [])));
    return {
      operation,
      method,
      segments,
      markers: markers.filter(([name]) => name !== 'x-id'),
      hint: markers.find(([name]) => name === 'x-id')?.[1],
      requiredQuery: queries.flatMap(([name, , wireName]) => (required.has(name) ? [wireName] : [])),
      requiredHeaders: headers.flatMap(([name, , wireName]) => (required.has(name) ? [wireName] : [])),
      requiredLabels: labels.map(([name]) => name).filter((name) => !inPath.has(name) && required.has(name)),
      allLabels: labels.map(([name]) => name),
    };
  });
  const demands = (pattern: Pattern) => pattern.requiredQuery.length + pattern.requiredHeaders.length;
  return patterns.toSorted(
    (left, right) =>
      right.markers.length - left.markers.length || demands(right) - demands(left) || literal(right) - literal(left),
  );
}

function segmentOf(text: string): Segment {
  const label = /^\{([^+}]+)(\+?)\}$/.exec(text);
  return label ? { label: label[1]!, greedy: label[2] === '+' } : { text };
}

const literal = ({ segments }: Pattern): number => segments.filter((segment) => 'text' in segment).length;

function matches(pattern: Pattern, request: RouteRequest): Record<string, string> | undefined {
  const known = request.labels ?? {};
  if (pattern.method !== request.method) return undefined;
  if (pattern.requiredLabels.some((name) => known[name] === undefined)) return undefined;
  // A label known from elsewhere belongs to operations that have it: `GET /` without a bucket lists buckets.
  if (Object.keys(known).some((name) => !pattern.allLabels.includes(name))) return undefined;
  const { query } = request;
  if (!pattern.markers.every(([name, value]) => query.has(name) && (value === '' || query.get(name) === value))) {
    return undefined;
  }
  if (pattern.hint !== undefined && (query.get('x-id') ?? pattern.hint) !== pattern.hint) return undefined;
  const labels = matchPath(pattern.segments, request.path);
  return labels && { ...known, ...labels };
}

function matchPath(segments: readonly Segment[], path: string): Record<string, string> | undefined {
  const parts = path.split('/').slice(1);
  const labels: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if ('text' in segment) {
      if (decodePath(part) !== segment.text) return undefined;
      continue;
    }
    const after = segments.length - index - 1;
    const own = segment.greedy ? parts.slice(index, parts.length - after).join('/') : part;
    if (own === '') return undefined;
    labels[segment.label] = decodePath(own);
    if (segment.greedy) {
      const rest = parts.slice(parts.length - after);
      const tail = after === 0 ? {} : matchPath(segments.slice(index + 1), `/${rest.join('/')}`);
      return tail && { ...labels, ...tail };
    }
  }
  // A trailing slash is no segment of its own.
  const left = parts.slice(segments.length);
  return left.length === 0 || (left.length === 1 && left[0] === '') ? labels : undefined;
}

const hasRequired = ({ requiredQuery, requiredHeaders }: Pattern, { query, headers }: RouteRequest): boolean =>
  requiredQuery.every((name) => query.has(name)) && requiredHeaders.every((name) => headers[name] !== undefined);
