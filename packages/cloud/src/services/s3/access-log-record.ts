// One request to a bucket, as a line of its access log.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
import type { FinishedCall } from '../../kernel/feed.ts';
import type { Call } from '../../kernel/service.ts';
import { canonicalUser } from './acl.ts';

interface Input {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly VersionId?: string;
}

interface Output {
  readonly ContentLength?: number;
  readonly ContentRange?: string;
  readonly VersionId?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What S3 calls an operation's resource, where it is not the operation's own noun. */
const RESOURCES: Readonly<Record<string, string>> = {
  ListObjects: 'BUCKET',
  ListObjectsV2: 'BUCKET',
  ListObjectVersions: 'BUCKETVERSIONS',
  ListMultipartUploads: 'UPLOADS',
  CreateMultipartUpload: 'UPLOADS',
  CompleteMultipartUpload: 'UPLOAD',
  AbortMultipartUpload: 'UPLOAD',
  ListParts: 'UPLOAD',
  UploadPart: 'PART',
  UploadPartCopy: 'PART',
  DeleteObjects: 'MULTI_OBJECT_DELETE',
  GetBucketPolicy: 'BUCKETPOLICY',
  PutBucketPolicy: 'BUCKETPOLICY',
  DeleteBucketPolicy: 'BUCKETPOLICY',
  GetBucketLogging: 'LOGGING_STATUS',
  PutBucketLogging: 'LOGGING_STATUS',
  GetBucketLifecycleConfiguration: 'LIFECYCLE',
  PutBucketLifecycleConfiguration: 'LIFECYCLE',
  DeleteBucketLifecycle: 'LIFECYCLE',
};

export function recordOf({ call, input, output, error }: FinishedCall, elapsed: number): string {
  const { Key: key, VersionId: asked } = (input ?? {}) as Input;
  const { ContentLength: length, ContentRange: range, VersionId: made, ...rest } = (output ?? {}) as Output;
  const method = call.line?.split(' ')[0];
  const { headers } = call;
  return [
    canonicalUser(call.account),
    (input as Input).Bucket!,
    `[${timeOf(call.now)}]`,
    call.line === undefined ? undefined : '127.0.0.1',
    requesterOf(call),
    call.requestId,
    operationOf(call, method),
    key === undefined ? undefined : encodeURIComponent(key).replaceAll('%2F', '/'),
    call.line === undefined ? undefined : `"${call.line} HTTP/1.1"`,
    String(error?.status ?? rest.$metadata?.httpStatusCode ?? (method === 'DELETE' ? 204 : 200)),
    error?.code,
    method === 'GET' && length !== undefined ? String(length) : undefined,
    range?.split('/')[1] ?? (length === undefined ? sentSize(headers) : String(length)),
    String(elapsed),
    String(elapsed),
    quoted(headers['referer']) ?? '"-"',
    quoted(headers['user-agent']) ?? '"-"',
    asked ?? made,
    Buffer.from(call.requestId).toString('base64'),
    ...signing(call),
    headers['host'],
    undefined,
    undefined,
    undefined,
  ]
    .map((field) => field ?? '-')
    .join(' ');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `06/Feb/2019:00:00:38 +0000` */
function timeOf(at: number): string {
  const time = new Date(at);
  const [year, month, day] = time.toISOString().slice(0, 10).split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.toISOString().slice(11, 19)} +0000`;
}

function requesterOf({ principal, account }: Call): string | undefined {
  if (principal.kind === 'anonymous') return undefined;
  return principal.kind === 'root' ? canonicalUser(account) : principal.arn;
}

/** `REST.GET.OBJECT` */
function operationOf({ operation }: Call, method = 'GET'): string {
  if (operation === 'CopyObject') return 'REST.COPY.OBJECT';
  const noun = operation
    .replace(/^(Get|Put|Delete|Head|Post|Create|List|Restore)/, '')
    .replace(/^Bucket(?=.)/, '')
    .replace(/(?<=.)Configuration$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toUpperCase();
  return `REST.${method}.${RESOURCES[operation] ?? noun}`;
}

const sentSize = (headers: Call['headers']): string | undefined =>
  headers['x-amz-decoded-content-length'] ?? headers['content-length'];

const quoted = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : `"${text.replaceAll('"', '%22')}"`;

/** Signature version, cipher suite and authentication type: what was signed, and where it stood. */
function signing({ line = '', headers }: Call): (string | undefined)[] {
  if (headers['authorization'] !== undefined) return ['SigV4', undefined, 'AuthHeader'];
  if (line.includes('X-Amz-Signature=')) return ['SigV4', undefined, 'QueryString'];
  if (line.includes('AWSAccessKeyId=')) return ['SigV2', undefined, 'QueryString'];
  return [undefined, undefined, undefined];
}
