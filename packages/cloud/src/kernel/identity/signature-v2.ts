// Presigned URLs of S3 in Signature Version 2, which boto3 and the AWS CLI still make for us-east-1 unless told otherwise.
// Nothing else is taken in this version.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth
import { createHmac, timingSafeEqual } from 'node:crypto';

import type { Signature, SignedRequest } from './signature.ts';

/** What an old presigned URL says of itself, in the form that errors about signatures take. */
export interface QuerySignature extends Signature {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Query parameters that are part of the resource that is signed. */
const SUBRESOURCES = new Set([
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'delete',
  'encryption',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'restore',
  'retention',
  'select',
  'select-type',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);

/** Reads a signature of version 2 from a request's query; undefined where there is none. */
export function readQuerySignature({ query }: SignedRequest): QuerySignature | undefined {
  if (!query.includes('AWSAccessKeyId=')) return undefined;
  const parameters = new URLSearchParams(query);
  const accessKeyId = parameters.get('AWSAccessKeyId');
  const signature = parameters.get('Signature');
  const expires = parameters.get('Expires') ?? '';
  if (!accessKeyId || !signature || !/^\d{1,12}$/.test(expires)) return undefined;
  return {
    accessKeyId,
    signature,
    expiresAt: Number(expires) * 1000,
    sessionToken: parameters.get('x-amz-security-token') ?? undefined,
    service: 's3',
    region: 'us-east-1',
    date: '',
    timestamp: expires,
    signedHeaders: [],
    expiresSeconds: 0,
    payload: 'UNSIGNED-PAYLOAD',
  };
}

/** True where the signature is what the secret makes of this request. */
export function verifyQuery(request: SignedRequest, { signature, timestamp }: QuerySignature, secret: string): boolean {
  const given = Buffer.from(signature, 'base64');
  const expected = createHmac('sha1', secret).update(stringToSign(request, timestamp)).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** What was to be signed; the bucket is part of it, whether the path names it or the host. */
export function stringToSign({ method, path, query, headers }: SignedRequest, expires: string): string {
  const amz = Object.entries(amzHeaders(query, headers))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const head = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', expires, amz].join('\n');
  const [, bucket] = /^(.+?)\.(?:s3[.-].+|localhost(?::\d+)?)$/.exec(headers['host'] ?? '') ?? [];
  return head + (bucket === undefined || bucket === 's3' ? '' : `/${bucket}`) + path + subresources(query);
}

// A header of S3's may stand in the query of such a URL, as the session token does.
function amzHeaders(query: string, headers: SignedRequest['headers']): Record<string, string> {
  const entries = [...Object.entries(headers), ...new URLSearchParams(query)];
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (name.startsWith('x-amz-') && value !== undefined ? [[name, value]] : [])),
  );
}

function subresources(query: string): string {
  const named = [...new URLSearchParams(query)]
    .filter(([name]) => SUBRESOURCES.has(name))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  return named.length > 0 ? `?${named.join('&')}` : '';
}
