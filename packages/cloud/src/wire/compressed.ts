// Request bodies that a client compressed, as SDKs do with large ones of PutMetricData.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-compression.html
import { gunzipSync } from 'node:zlib';

import { AwsError } from '../kernel/errors.ts';
import type { WireRequest } from './message.ts';

/** The largest body that a small one may unfold into. */
const LARGEST_DECOMPRESSED = 16 * 1024 * 1024;

/** The body as it was before its content encoding; the signature covers it as it was sent. */
export function decompress({ headers }: WireRequest, body: Buffer): Buffer {
  if (headers['content-encoding']?.trim().toLowerCase() !== 'gzip') return body;
  try {
    return gunzipSync(body, { maxOutputLength: LARGEST_DECOMPRESSED });
  } catch (error) {
    throw new AwsError('SerializationException', `The body is no gzip: ${(error as Error).message}`);
  }
}
