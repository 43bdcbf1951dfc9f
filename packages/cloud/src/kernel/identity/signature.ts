// AWS Signature Version 4, seen from the server: in the Authorization header, in the query string, and over chunks.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto';

/** A request as it came over the wire: path and query raw, header names in lower case. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** SHA-256 of the body in hex, where it was read before; stands in where the client declares none. */
  readonly bodySha256?: string;
}

/** What a signature says of itself. */
export interface Signature {
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Seconds that a presigned URL holds; undefined for a signature in the header. */
  readonly expiresSeconds: number | undefined;
  /** The declared hash of the payload, or one of the words that S3 allows in its place. */
  readonly payload: string;
}

/** Checks the signatures that a client puts over each chunk of a streamed body. */
export interface ChunkSigner {
  /** True where the next chunk's signature is right; chunks have to come in order. */
  verify(chunkSha256Hex: string, signature: string): boolean;
  /** The same for the trailing headers, in canonical form `name:value\n`. */
  verifyTrailer(trailerSha256Hex: string, signature: string): boolean;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** What S3 says to signatures of another kind, and to two at once. */
export const OTHER_MECHANISM =
  'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.';
export const TWO_MECHANISMS =
  'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified';

/** SHA-256 of nothing, in hex. */
export const EMPTY_SHA256 = hash('sha256', '');

/** Reads a signature from a request's header or query; undefined where there is none, a sentence where it is malformed. */
export function readSignature(request: SignedRequest): Signature | string | undefined {
  const authorization = request.headers['authorization'];
  const inQuery = /(^|&)X-Amz-(Algorithm|Signature|Credential)=/i.test(request.query);
  if (authorization !== undefined) return inQuery ? TWO_MECHANISMS : fromHeader(authorization, request);
  if (inQuery) return fromQuery(request);
  return undefined;
}

/** Milliseconds since the epoch; NaN where a timestamp is none. */
export function readTimestamp(timestamp: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

/** True where the signature is what the secret makes of this request. */
export function verify(request: SignedRequest, signature: Signature, secret: string): boolean {
  return equal(sign(request, signature, secret), signature.signature);
}

/** True where the signature is what the secret makes of a text, as of a form's policy. */
export function verifyText(
  text: string,
  scope: Pick<Signature, 'date' | 'region' | 'service'>,
  secret: string,
  signature: string,
): boolean {
  return equal(hmac(signingKey(secret, scope), text).toString('hex'), signature);
}

/** The string that was to be signed and the canonical request in it: what AWS shows when a signature does not match. */
export function canonicalForms(request: SignedRequest, signature: Signature) {
  const canonicalRequest = canonical(request, signature);
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`;
  const stringToSign = [ALGORITHM, signature.timestamp, scope, sha256(canonicalRequest)].join('\n');
  return { canonicalRequest, stringToSign };
}

export function chunkSigner(signature: Signature, secret: string): ChunkSigner {
  const key = signingKey(secret, signature);
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`;
  let previous = signature.signature;
  const check = (algorithm: string, parts: readonly string[], given: string) => {
    const expected = hmac(key, [algorithm, signature.timestamp, scope, previous, ...parts].join('\n')).toString('hex');
    previous = expected;
    return equal(expected, given);
  };
  return {
    verify: (chunk, given) => check('AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_SHA256, chunk], given),
    verifyTrailer: (trailer, given) => check('AWS4-HMAC-SHA256-TRAILER', [trailer], given),
  };
}

function fromHeader(authorization: string, request: SignedRequest): Signature | string {
  const [algorithm, rest = ''] = splitOnce(authorization, ' ');
  if (algorithm !== ALGORITHM) return OTHER_MECHANISM;
  const fields = new Map(
    rest.split(',').map((field) => {
      const [name, value = ''] = splitOnce(field.trim(), '=');
      return [name, value] as const;
    }),
  );
  const timestamp = request.headers['x-amz-date'] ?? basicTimestamp(request.headers['date']);
  for (const name of ['Credential', 'SignedHeaders', 'Signature']) {
    if (!fields.get(name)) return `Authorization header requires '${name}' parameter.`;
  }
  if (!timestamp) return "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
  return complete(fields.get('Credential')!, {
    signedHeaders: fields.get('SignedHeaders')!.split(';'),
    signature: fields.get('Signature')!,
    timestamp,
    sessionToken: request.headers['x-amz-security-token'],
    expiresSeconds: undefined,
    payload: request.headers['x-amz-content-sha256'] ?? request.bodySha256 ?? EMPTY_SHA256,
  });
}

function fromQuery(request: SignedRequest): Signature | string {
  const query = new URLSearchParams(request.query);
  for (const name of ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-SignedHeaders', 'X-Amz-Signature']) {
    if (!query.get(name)) return `Query-string authentication requires the ${name} parameter.`;
  }
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) return `X-Amz-Algorithm only supports "${ALGORITHM}"`;
  const expires = Number(query.get('X-Amz-Expires') ?? 0);
  if (!Number.isInteger(expires) || expires < 0 || expires > 604_800) {
    return 'X-Amz-Expires must be between 0 and 604800 seconds';
  }
  const credential = query.get('X-Amz-Credential')!;
  return complete(credential, {
    signedHeaders: query.get('X-Amz-SignedHeaders')!.split(';'),
    signature: query.get('X-Amz-Signature')!,
    timestamp: query.get('X-Amz-Date')!,
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds: expires,
    payload:
      request.headers['x-amz-content-sha256'] ??
      (credential.split('/').at(-2) === 's3' ? 'UNSIGNED-PAYLOAD' : (request.bodySha256 ?? EMPTY_SHA256)),
  });
}

function complete(credential: string, rest: Omit<Signature, 'accessKeyId' | 'date' | 'region' | 'service'>) {
  const parts = credential.split('/');
  const [date, region, service, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request') {
    return 'Credential must have at least 5 slash-delimited elements and end with aws4_request';
  }
  if (!/^\d{8}T\d{6}Z$/.test(rest.timestamp)) return 'The date must be in the form YYYYMMDDTHHMMSSZ';
  if (!rest.timestamp.startsWith(date))
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date`;
  if (!rest.signedHeaders.includes('host'))
    return "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
  return { accessKeyId, date, region, service, ...rest };
}

function sign(request: SignedRequest, signature: Signature, secret: string): string {
  return hmac(signingKey(secret, signature), canonicalForms(request, signature).stringToSign).toString('hex');
}

function canonical(request: SignedRequest, signature: Signature): string {
  const headers = signature.signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`,
  );
  return [
    request.method,
    signature.service === 's3' ? canonicalPath(request.path) : encodedTwice(request.path),
    canonicalQuery(request.query),
    headers.join(''),
    signature.signedHeaders.join(';'),
    signature.payload,
  ].join('\n');
}

// S3 signs each segment encoded once, and nothing is normalized away.
const canonicalPath = (path: string): string =>
  path
    .split('/')
    .map((segment) => encode(decode(segment)))
    .join('/');

// Every other service signs the normalized path, whose segments are encoded once more than they are sent.
function encodedTwice(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const trailing = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${segments.join('/')}${trailing}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => splitOnce(pair, '=').map((part) => encode(decode(part ?? ''))) as [string, string?])
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value = '']) => `${name}=${value}`)
    .toSorted(byName)
    .join('&');
}

// Names are compared before values, so `a=b` comes before `a-b=c` as SigV4 wants it.
function byName(left: string, right: string): number {
  const [leftName, leftValue = ''] = splitOnce(left, '=');
  const [rightName, rightValue = ''] = splitOnce(right, '=');
  if (leftName !== rightName) return leftName < rightName ? -1 : 1;
  return leftValue < rightValue ? -1 : leftValue > rightValue ? 1 : 0;
}

function signingKey(
  secret: string,
  { date, region, service }: Pick<Signature, 'date' | 'region' | 'service'>,
): KeyObject {
  const id = `${secret}/${date}/${region}/${service}`;
  let key = signingKeys.get(id);
  if (!key) {
    if (signingKeys.size >= SIGNING_KEYS_LIMIT) signingKeys.clear();
    const bytes = [date, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
    // Made ready once: taking a key in costs more than using it.
    key = createSecretKey(bytes);
    signingKeys.set(id, key);
  }
  return key;
}

const signingKeys = new Map<string, KeyObject>();

/** How many derived keys are kept; each serves one credential, day, region and service. */
const SIGNING_KEYS_LIMIT = 1_000;

const hmac = (key: Buffer | KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const sha256 = (text: string): string => hash('sha256', text);

function equal(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

// What is no valid encoding stays as it is: the signature will then not match.
function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function basicTimestamp(date: string | undefined): string | undefined {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
