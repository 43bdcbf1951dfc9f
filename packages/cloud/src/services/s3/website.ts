// A bucket's website: pages for anyone that the bucket's policy lets in, an index for each folder, redirects, an error page.
// `<bucket>.s3-website-<region>.localhost`, or `/_s3-website/<bucket>/` for clients that cannot resolve such names.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
import type {
  GetObjectOutput,
  GetObjectRequest,
  Redirect,
  RoutingRule,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3';

import { createCall, perform } from '../../calls.ts';
import { AwsError } from '../../kernel/errors.ts';
import { anonymousPrincipal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Body, Operation } from '../../kernel/service.ts';
import { decodePath } from '../../wire/bucket.ts';
import { answerable } from '../../wire/faults.ts';
import type { WireAnswer, WireRequest } from '../../wire/message.ts';
import type { Bucket } from './buckets.ts';
import { answerPreflight, crossOriginHeaders } from './cors.ts';
import { notConfigured } from './errors.ts';
import type { S3 } from './service.ts';

const HOST = /^(.+)\.s3-website[.-][a-z0-9-]+\.localhost$/;
const PATH = /^\/_s3-website\/([^/]+)(\/.*)?$/;

type GetObject = Operation<GetObjectRequest, GetObjectOutput>;

/** One visit: what is asked of whose website. */
interface Visit {
  readonly s3: S3;
  readonly getObject: GetObject;
  readonly request: WireRequest;
  readonly bucket: Bucket;
  readonly site: WebsiteConfiguration;
  readonly requestId: string;
}

/** Answers a visit to a website; undefined for any other request. */
export function answerVisit(s3: S3, getObject: GetObject, request: WireRequest): Promise<WireAnswer> | undefined {
  const [, byHost] = HOST.exec(request.host) ?? [];
  const [, byPath, rest = '/'] = byHost === undefined ? (PATH.exec(request.path) ?? []) : [];
  const name = byHost ?? byPath;
  if (name === undefined) return undefined;
  const requestId = uuid();
  const path = byHost === undefined ? rest : request.path;
  const bucket = s3.buckets.find(name);
  if (request.method === 'OPTIONS') return Promise.resolve(answerPreflight(bucket, request));
  const crossOrigin = crossOriginHeaders(bucket, request);
  return visit(s3, getObject, { request, name, path, requestId })
    .catch((error: unknown) => errorPage(answerable(error), requestId))
    .then((answer) => ({ ...answer, headers: { ...answer.headers, ...crossOrigin } }));
}

async function visit(
  s3: S3,
  getObject: GetObject,
  { request, name, path, requestId }: { request: WireRequest; name: string; path: string; requestId: string },
): Promise<WireAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
    });
  }
  const bucket = s3.buckets.require(name);
  const { website: site } = bucket.settings;
  if (!site) {
    throw notConfigured(
      'NoSuchWebsiteConfiguration',
      'The specified bucket does not have a website configuration',
      name,
    );
  }
  const one: Visit = { s3, getObject, request, bucket, site, requestId };
  const key = decodePath(path.slice(1));
  if (site.RedirectAllRequestsTo) return redirectTo(one, key, undefined, { ...site.RedirectAllRequestsTo });
  const rule = site.RoutingRules?.find((each) => isAbout(each, key, undefined));
  if (rule) return redirectTo(one, key, rule, rule.Redirect!);
  try {
    return await page(one, key);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.status === 304) return { status: 304, headers: { ...error.headers, 'x-amz-request-id': requestId } };
    const byError = site.RoutingRules?.find((each) => isAbout(each, key, error.status));
    if (byError) return redirectTo(one, key, byError, byError.Redirect!);
    return (await errorDocument(one, error.status)) ?? errorPage(error, requestId);
  }
}

/** The object of a page, the index of a folder, or the way to it. */
async function page(one: Visit, key: string): Promise<WireAnswer> {
  const suffix = one.site.IndexDocument!.Suffix!;
  const folder = key === '' || key.endsWith('/');
  try {
    return await serveObject(one, folder ? key + suffix : key, 200);
  } catch (error) {
    const { objects } = one.s3;
    const index = folder ? undefined : objects.latest(one.bucket, `${key}/${suffix}`);
    if (!(error instanceof AwsError) || error.status !== 404 || !index || index.marker) throw error;
    return { status: 302, headers: { location: `/${encodeURI(key)}/` } };
  }
}

/** As nobody: a website's visitors are who the bucket's policy lets everybody be. */
async function serveObject(
  { s3, getObject, request, bucket, requestId }: Visit,
  Key: string,
  status: number,
): Promise<WireAnswer> {
  const call = createCall(s3.kernel, {
    service: 's3',
    operation: 'GetObject',
    principal: anonymousPrincipal,
    region: bucket.region,
    requestId,
    endpoint: request.endpoint,
    line: `${request.method} ${request.path}`,
    headers: request.headers,
  });
  const input: GetObjectRequest = { Bucket: bucket.name, Key, ...(status === 200 && conditionsOf(request)) };
  const found = await perform(s3.kernel, call, getObject, input, () => getObject.run(input, call));
  if (found.WebsiteRedirectLocation !== undefined) {
    return { status: 301, headers: { location: found.WebsiteRedirectLocation } };
  }
  const metadata = Object.entries(found.Metadata ?? {}).map(([name, text]) => [`x-amz-meta-${name}`, text]);
  return {
    status: found.ContentRange === undefined ? status : 206,
    headers: {
      ...Object.fromEntries(metadata),
      'content-type': found.ContentType ?? 'binary/octet-stream',
      'content-length': String(found.ContentLength ?? 0),
      'accept-ranges': 'bytes',
      ...(found.ContentRange !== undefined && { 'content-range': found.ContentRange }),
      ...(found.ContentDisposition !== undefined && { 'content-disposition': found.ContentDisposition }),
      ...(found.Expires && { expires: found.Expires.toUTCString() }),
      ...(found.VersionId !== undefined && { 'x-amz-version-id': found.VersionId }),
      ...(found.ETag !== undefined && { etag: found.ETag }),
      ...(found.LastModified && { 'last-modified': found.LastModified.toUTCString() }),
      ...(found.CacheControl !== undefined && { 'cache-control': found.CacheControl }),
      ...(found.ContentEncoding !== undefined && { 'content-encoding': found.ContentEncoding }),
      ...(found.ContentLanguage !== undefined && { 'content-language': found.ContentLanguage }),
      'x-amz-request-id': requestId,
    },
    body: request.method === 'HEAD' ? undefined : (found.Body as unknown as Body),
  };
}

/** What a browser has already, or wants of a page: it asks as RFC 9110 has it. */
function conditionsOf({ headers }: WireRequest): Partial<GetObjectRequest> {
  const date = (name: string) => {
    const time = new Date(headers[name] ?? Number.NaN);
    return Number.isNaN(time.getTime()) ? undefined : time;
  };
  return {
    Range: headers['range'],
    IfMatch: headers['if-match'],
    IfNoneMatch: headers['if-none-match'],
    IfModifiedSince: date('if-modified-since'),
    IfUnmodifiedSince: date('if-unmodified-since'),
  };
}

/** The site's own page for errors; undefined where there is none, or it cannot be read. */
async function errorDocument(one: Visit, status: number): Promise<WireAnswer | undefined> {
  const key = one.site.ErrorDocument?.Key;
  if (key === undefined) return undefined;
  try {
    return await serveObject(one, key, status);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/** Rules without an error are asked before the object, those with one after it. */
function isAbout({ Condition: condition }: RoutingRule, key: string, status: number | undefined): boolean {
  const { KeyPrefixEquals: prefix = '', HttpErrorCodeReturnedEquals: code } = condition ?? {};
  if ((code === undefined) !== (status === undefined)) return false;
  return key.startsWith(prefix) && (code === undefined || code === String(status));
}

function redirectTo({ request }: Visit, key: string, rule: RoutingRule | undefined, to: Redirect): WireAnswer {
  const prefix = rule?.Condition?.KeyPrefixEquals ?? '';
  const target =
    to.ReplaceKeyWith ??
    (to.ReplaceKeyPrefixWith === undefined ? key : to.ReplaceKeyPrefixWith + key.slice(prefix.length));
  const { host, protocol } = new URL(request.endpoint);
  const base = `${to.Protocol ?? protocol.replace(':', '')}://${to.HostName ?? host}`;
  return { status: Number(to.HttpRedirectCode ?? 301), headers: { location: `${base}/${encodeURI(target)}` } };
}

function errorPage({ code, message, status }: AwsError, requestId: string): WireAnswer {
  const title = `${status} ${code}`;
  const items = [`Code: ${code}`, `Message: ${message}`, `RequestId: ${requestId}`];
  const list = items.map((item) => `<li>${escapeHtml(item)}</li>`).join('');
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'x-amz-request-id': requestId },
    body: `<html><head><title>${title}</title></head><body><h1>${title}</h1><ul>${list}</ul></body></html>\n`,
  };
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
