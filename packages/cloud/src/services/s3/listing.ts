// Keys in order, page by page, with what lies behind a delimiter rolled up into common prefixes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
import type { Store } from '../../kernel/store.ts';
import type { Bucket } from './buckets.ts';
import { invalidArgument } from './errors.ts';
import { ENTRY_COLUMNS, NULL_VERSION, positionOf, toEntry, type Entry } from './objects.ts';

export interface PageRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** The key or common prefix after which the page begins. */
  readonly after?: string | undefined;
  /** The page begins within the entries of the key `after`, not behind them. */
  readonly within?: boolean;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly prefixes: readonly string[];
  /** What the page ended with where more follows: the item, or the common prefix as a string. */
  readonly next: Item | string | undefined;
}

/** The current objects of a bucket. */
export function listObjects(store: Store, bucket: Bucket, request: PageRequest): Page<Entry> {
  const statement = store.sql(
    `SELECT ${ENTRY_COLUMNS} FROM s3_versions WHERE bucket = ? AND current = 1 AND marker = 0
       AND key >= CAST(? AS TEXT) AND key < CAST(? AS TEXT) ORDER BY key`,
  );
  const end = behind(request.prefix);
  return fold(request, function* (from) {
    for (const row of statement.iterate(bucket.id, from, end)) yield toEntry(row);
  });
}

/** Every version and delete marker; `afterVersion` begins within the versions of the key `after`. */
export function listVersions(
  store: Store,
  bucket: Bucket,
  request: PageRequest & { readonly afterVersion?: string | undefined },
): Page<Entry> {
  const statement = store.sql(
    `SELECT ${ENTRY_COLUMNS} FROM s3_versions WHERE bucket = ?
       AND key >= CAST(? AS TEXT) AND key < CAST(? AS TEXT) AND (key <> ? OR id < ?) ORDER BY key, id DESC`,
  );
  const end = behind(request.prefix);
  const { after = '', afterVersion } = request;
  const position = afterVersion === undefined ? 0 : place(store, bucket, after, afterVersion);
  return fold({ ...request, within: afterVersion !== undefined }, function* (from) {
    for (const row of statement.iterate(bucket.id, from, end, after, position)) yield toEntry(row);
  });
}

// An id says where its version stood; not that of the version without one, nor that of a replica, which is its source's.
// Where such a version is gone, its key is listed from the beginning.
function place(store: Store, bucket: Bucket, key: string, version: string): number {
  const rows = store.sql('SELECT id, version FROM s3_versions WHERE bucket = ? AND key = ?').all(bucket.id, key);
  const places = rows.map((row) => ({ id: row['id'] as number, version: row['version'] as string }));
  const found = places.find((each) => each.version === version);
  if (found) return found.id;
  const telling = places.every((each) => each.version === NULL_VERSION || positionOf(each.version) === each.id);
  return version !== NULL_VERSION && telling ? positionOf(version) : Number.MAX_SAFE_INTEGER;
}

/**
 * Makes a page of what `scan` yields from a place on. Places are bytes, in the order in which the database compares keys.
 * Behind a common prefix the scan begins anew, so that a page costs what it shows and not what lies within its prefixes.
 */
export function fold<Item extends { readonly key: string }>(
  { prefix, delimiter, limit, after, within }: PageRequest,
  scan: (from: Buffer) => Iterable<Item>,
): Page<Item> {
  const items: Item[] = [];
  const prefixes: string[] = [];
  let last: Item | string | undefined;
  let from = start(prefix, after, within);
  while (limit > 0) {
    let common: string | undefined;
    for (const item of scan(from)) {
      common = commonPrefix(item.key, prefix, delimiter);
      if (common !== undefined && after?.startsWith(common)) break;
      if (items.length + prefixes.length === limit) return { items, prefixes, next: last };
      if (common !== undefined) break;
      items.push(item);
      last = item;
    }
    if (common === undefined) break;
    from = behind(common);
    if (after?.startsWith(common)) continue;
    prefixes.push(common);
    last = common;
  }
  return { items, prefixes, next: undefined };
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function start(prefix: string, after: string | undefined, within: boolean | undefined): Buffer {
  const first = Buffer.from(prefix);
  if (!after) return first;
  // A zero byte makes the very next string.
  const next = Buffer.from(within ? after : `${after}\0`);
  return Buffer.compare(next, first) > 0 ? next : first;
}

/** The place after every key that begins with a prefix: no byte of UTF-8 is 0xFF. */
export const behind = (prefix: string): Buffer => Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)]);

/** What a client sends back to go on after a name. */
export const writeToken = (name: string): string => Buffer.from(`1/${name}`).toString('base64url');

/** The name in a token; throws S3's error for one that was never given. */
export function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith('1/')) return text.slice(2);
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
}
