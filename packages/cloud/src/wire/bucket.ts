// Where a request to S3 names its bucket: in the host or in the path.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
import { AwsError } from '../kernel/errors.ts';
import type { WireRequest } from './message.ts';

export interface BucketAndPath {
  readonly bucket: string | undefined;
  /** The path without the bucket, percent-encoded, beginning with a slash. */
  readonly path: string;
}

/** Undoes percent-encoding; throws S3's error where there is none to undo. */
export function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** Splits a request into bucket and path. Hosts such as `<bucket>.s3.localhost` and `<bucket>.localhost` name the bucket. */
export function bucketOf(request: Pick<WireRequest, 'host' | 'path'>): BucketAndPath {
  const virtual = virtualBucket(request.host);
  if (virtual !== undefined) return { bucket: virtual, path: request.path };
  const [, first = '', ...rest] = request.path.split('/');
  return { bucket: first === '' ? undefined : decodePath(first), path: `/${rest.join('/')}` };
}

function virtualBucket(host: string): string | undefined {
  if (!host.endsWith('.localhost')) return undefined;
  const name = host.slice(0, -'.localhost'.length);
  const endpoint = /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?$/.exec(name);
  return endpoint ? endpoint[1] : name;
}
