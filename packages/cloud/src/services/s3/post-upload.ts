// Uploads by a browser's form: POST to a bucket, with a policy that somebody signed.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
import type { Readable } from 'node:stream';

import type { PutObjectOutput, PutObjectRequest } from '@aws-sdk/client-s3';

import { createCall, perform } from '../../calls.ts';
import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Operation } from '../../kernel/service.ts';
import { readWhole } from '../../wire/body.ts';
import { bucketOf } from '../../wire/bucket.ts';
import { answerable, faultOf } from '../../wire/faults.ts';
import type { WireAnswer, WireRequest } from '../../wire/message.ts';
import { protocolOf } from '../../wire/protocols/index.ts';
import { xmlElement, xmlText, XML_DECLARATION } from '../../wire/xml.ts';
import { crossOriginHeaders } from './cors.ts';
import { invalidArgument, malformedXml, notSupported } from './errors.ts';
import { requireAllowed, signerOf, type FormFields } from './post-policy.ts';
import type { S3 } from './service.ts';

/** Forms are read whole; larger files have presigned URLs and uploads in parts. */
const LARGEST_FORM = 256 * 1024 * 1024;

/** Fields of a form that are a PutObject's members, by name. */
const MEMBERS: Readonly<Record<string, keyof PutObjectRequest>> = {
  acl: 'ACL',
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
  'content-type': 'ContentType',
  'x-amz-storage-class': 'StorageClass',
  'x-amz-website-redirect-location': 'WebsiteRedirectLocation',
  'x-amz-server-side-encryption': 'ServerSideEncryption',
  'x-amz-server-side-encryption-aws-kms-key-id': 'SSEKMSKeyId',
  'x-amz-server-side-encryption-context': 'SSEKMSEncryptionContext',
  'x-amz-server-side-encryption-customer-algorithm': 'SSECustomerAlgorithm',
  'x-amz-server-side-encryption-customer-key': 'SSECustomerKey',
  'x-amz-server-side-encryption-customer-key-md5': 'SSECustomerKeyMD5',
  'content-md5': 'ContentMD5',
  'x-amz-checksum-crc32': 'ChecksumCRC32',
  'x-amz-checksum-crc32c': 'ChecksumCRC32C',
  'x-amz-checksum-crc64nvme': 'ChecksumCRC64NVME',
  'x-amz-checksum-sha1': 'ChecksumSHA1',
  'x-amz-checksum-sha256': 'ChecksumSHA256',
  'x-amz-checksum-sha512': 'ChecksumSHA512',
  'x-amz-checksum-md5': 'ChecksumMD5',
  'x-amz-grant-full-control': 'GrantFullControl',
  'x-amz-grant-read': 'GrantRead',
  'x-amz-grant-read-acp': 'GrantReadACP',
  'x-amz-grant-write-acp': 'GrantWriteACP',
  'x-amz-object-lock-mode': 'ObjectLockMode',
  'x-amz-object-lock-legal-hold': 'ObjectLockLegalHoldStatus',
};

/** Fields that would be members of a PutObject, and are not served. */
const UNSERVED = /^(x-amz-object-lock-event-hold.*|x-amz-checksum-xxhash.*|x-amz-write-offset-bytes|if-(none-)?match)$/;

const BUCKET_KEY = 'x-amz-server-side-encryption-bucket-key-enabled';

/** Fields that are a PutObject's dates. */
const DATES: Readonly<Record<string, keyof PutObjectRequest>> = {
  expires: 'Expires',
  'x-amz-object-lock-retain-until-date': 'ObjectLockRetainUntilDate',
};

interface Form {
  readonly fields: FormFields;
  readonly file: File;
}

/** Answers a form upload; undefined for any other request. */
export function answerForm(
  s3: S3,
  putObject: Operation<PutObjectRequest, PutObjectOutput>,
  request: WireRequest,
  source: Readable,
): Promise<WireAnswer> | undefined {
  const type = request.headers['content-type'] ?? '';
  if (request.method !== 'POST' || !type.startsWith('multipart/form-data')) return undefined;
  const { bucket, path } = bucketOf(request);
  if (bucket === undefined || path !== '/') return undefined;
  const requestId = uuid();
  return upload(s3, putObject, { request, bucket, requestId, source, type })
    .catch((error: unknown) => {
      const fault = faultOf(answerable(error), undefined, false);
      return protocolOf('rest-xml', 's3').writeError(fault, { request, requestId, model: undefined });
    })
    .then((reply) => ({
      ...reply,
      headers: { ...reply.headers, ...crossOriginHeaders(s3.buckets.find(bucket), request) },
    }));
}

interface Arrived {
  readonly request: WireRequest;
  readonly bucket: string;
  readonly requestId: string;
  readonly source: Readable;
  readonly type: string;
}

async function upload(
  s3: S3,
  putObject: Operation<PutObjectRequest, PutObjectOutput>,
  { request, bucket, requestId, source, type }: Arrived,
): Promise<WireAnswer> {
  const { fields, file } = await readForm(await readWhole(source, LARGEST_FORM), type);
  const { kernel } = s3;
  const { principal, region } = signerOf(fields, kernel.identity, kernel.clock.now());
  requireAllowed(fields, bucket, file.size, kernel.clock);
  const key = requireKey(fields).replaceAll('${filename}', file.name);
  const input = await inputOf(fields, file, bucket, key);
  const call = createCall(kernel, {
    service: 's3',
    operation: 'PostObject',
    principal,
    region: region ?? s3.buckets.require(bucket).region,
    requestId,
    endpoint: request.endpoint,
    ...(principal.kind !== 'anonymous' && { signed: { place: 'form', algorithm: 'AWS4-HMAC-SHA256' } }),
    line: `${request.method} ${request.path}`,
  });
  const { ETag: etag = '' } = await perform(kernel, call, putObject, input, () => putObject.run(input, call));
  return answer(fields, { bucket, key, etag, location: `${request.endpoint}/${bucket}/${encodeURIComponent(key)}` });
}

async function readForm(body: Buffer, type: string): Promise<Form> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch(() => {
    throw new AwsError('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.');
  });
  const fields = new Map<string, string>();
  for (const [name, value] of form) {
    // As S3 has it, what comes after the file is not looked at.
    if (name.toLowerCase() === 'file') {
      return { fields, file: typeof value === 'string' ? new File([value], '') : value };
    }
    if (typeof value === 'string') fields.set(name.toLowerCase(), value);
  }
  throw new AwsError('InvalidArgument', 'POST requires exactly one file upload per request.');
}

function requireKey(fields: FormFields): string {
  const key = fields.get('key');
  if (key) return key;
  throw new AwsError('InvalidArgument', "Bucket POST must contain a field named 'key'.");
}

async function inputOf(fields: FormFields, file: File, Bucket: string, Key: string): Promise<PutObjectRequest> {
  const members = Object.entries(MEMBERS).flatMap(([field, member]) => {
    const value = fields.get(field);
    return value === undefined ? [] : [[member, bytesOf(value)]];
  });
  const unserved = [...fields.keys()].find((field) => UNSERVED.test(field));
  if (unserved !== undefined) throw notSupported(`The form field ${unserved}`);
  const dates = Object.entries(DATES).flatMap(([field, member]) => {
    const text = fields.get(field);
    if (text === undefined) return [];
    const value = new Date(text);
    if (Number.isNaN(value.getTime())) throw invalidArgument('The date is not well formed.', field, text);
    return [[member, value]];
  });
  const bucketKey = fields.get(BUCKET_KEY);
  const metadata = [...fields].flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), bytesOf(value)]] : [],
  );
  const tagging = fields.get('tagging');
  return {
    Bucket,
    Key,
    Body: Buffer.from(await file.arrayBuffer()) as unknown as NonNullable<PutObjectRequest['Body']>,
    ...Object.fromEntries([...members, ...dates]),
    ...(bucketKey !== undefined && { BucketKeyEnabled: bucketKey.toLowerCase() === 'true' }),
    ...(metadata.length > 0 && { Metadata: Object.fromEntries(metadata) as Record<string, string> }),
    ...(tagging !== undefined && { Tagging: queryOfTags(tagging) }),
  };
}

/** A field's text as a header would have brought it: its bytes, one character each. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

/** The tags of a form are an XML document, those of a header a query. */
function queryOfTags(xml: string): string {
  const tags = [...xml.matchAll(/<Tag>\s*<Key>([^<]*)<\/Key>\s*<Value>([^<]*)<\/Value>\s*<\/Tag>/g)];
  if (tags.length === 0) throw malformedXml();
  return tags.map(([, key = '', value = '']) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
}

interface Posted {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly location: string;
}

function answer(fields: FormFields, { bucket, key, etag, location }: Posted): WireAnswer {
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag })) url.searchParams.set(name, value);
    return { status: 303, headers: { location: url.href, etag } };
  }
  const status = Number(fields.get('success_action_status') ?? 204);
  if (status !== 201) return { status: status === 200 ? 200 : 204, headers: { etag, location } };
  const document =
    xmlText('Location', location) + xmlText('Bucket', bucket) + xmlText('Key', key) + xmlText('ETag', etag);
  return {
    status,
    headers: { etag, location, 'content-type': 'application/xml' },
    body: XML_DECLARATION + xmlElement('PostResponse', document),
  };
}
