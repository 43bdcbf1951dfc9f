// A streamed request body: decoded from aws-chunked where it is, and checked against what was declared while it is read.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { AwsError } from '../kernel/errors.ts';
import type { ChunkSigner } from '../kernel/identity/signature.ts';
import { decodeChunks, type SignedChunk } from './chunked.ts';

export interface BodyOptions {
  /** The declared SHA-256 in hex, `UNSIGNED-PAYLOAD` or a `STREAMING-…` word. */
  readonly payload: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly chunks?: ChunkSigner | undefined;
}

/**
 * What an operation with a streaming input reads. The stream fails with AWS's error where a length, a hash or a chunk's
 * signature is not as declared, so what was read may be kept only once it has ended.
 */
export class RequestBody extends Readable {
  /** Headers that follow the body, e.g. `x-amz-checksum-crc32`; complete once the stream has ended. */
  readonly trailers: Readonly<Record<string, string>> = {};
  /** How many bytes the decoded body has, where the client says so. */
  readonly declaredLength: number | undefined;
  readonly #chunks: AsyncGenerator<Buffer>;

  constructor(source: Readable, options: BodyOptions) {
    super();
    // What is left unread is the server's to deal with: destroying the request would cut off the answer.
    const bytes = source.iterator({ destroyOnReturn: false }) as AsyncGenerator<Buffer>;
    const { headers, payload } = options;
    const chunked = payload.startsWith('STREAMING-') || isAwsChunked(headers);
    this.declaredLength = lengthOf(headers[chunked ? 'x-amz-decoded-content-length' : 'content-length']);
    const decoded = chunked
      ? decodeChunks(
          bytes,
          (chunk) => verifyChunk(chunk, options),
          (text) => this.#readTrailers(text, options),
        )
      : bytes;
    this.#chunks = verified(decoded, this.declaredLength, isHash(payload) ? payload : undefined);
  }

  override _read(): void {
    this.#chunks.next().then(
      ({ done, value }) => this.push(done ? null : value),
      (error: unknown) => this.destroy(error as Error),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#chunks.return(undefined).catch(() => {
      // The source failed while it was being left; whoever destroys this has the reason.
    });
    done(error);
  }

  #readTrailers(text: string, { chunks, payload, headers }: BodyOptions): void {
    const lines = text.split(/\r?\n/).filter((line) => line !== '');
    const all = lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
    const trailers = all.filter(([name]) => name !== 'x-amz-trailer-signature');
    Object.assign(this.trailers, Object.fromEntries(trailers));
    for (const name of (headers['x-amz-trailer'] ?? '').split(',').map((entry) => entry.trim().toLowerCase())) {
      if (name !== '' && !(name in this.trailers)) throw malformedTrailer();
    }
    if (!chunks || !payload.endsWith('-TRAILER')) return;
    const signature = all.find(([name]) => name === 'x-amz-trailer-signature')?.[1] ?? '';
    const canonical = trailers.map(([name, value]) => `${name}:${value}\n`).join('');
    if (!chunks.verifyTrailer(createHash('sha256').update(canonical).digest('hex'), signature)) throw badSignature();
  }
}

/** True for a SHA-256 in hex, false for the words that may stand in its place. */
export const isHash = (payload: string): boolean => /^[0-9a-f]{64}$/.test(payload);

/** The whole body; rejects where it is larger than `limit` bytes. */
export function readWhole(source: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      source.off('data', take).pause();
      reject(tooLarge(limit));
    };
    source.on('data', take);
    source.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    source.once('error', reject);
  });
}

/** The error where a body is not what its declared hash says. */
export const hashMismatch = (declared: string, computed: string): AwsError =>
  new AwsError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { members: { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: computed } },
  );

function isAwsChunked(headers: BodyOptions['headers']): boolean {
  const encodings = (headers['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim().toLowerCase());
  return encodings.includes('aws-chunked');
}

function lengthOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (!/^\d{1,15}$/.test(header)) throw new AwsError('InvalidArgument', `${header} is not a content length`);
  return Number(header);
}

function verifyChunk({ data, signature }: SignedChunk, { chunks }: BodyOptions): void {
  if (!chunks) return;
  if (!chunks.verify(createHash('sha256').update(data).digest('hex'), signature ?? '')) throw badSignature();
}

async function* verified(
  source: AsyncIterable<Buffer>,
  length: number | undefined,
  declared: string | undefined,
): AsyncGenerator<Buffer> {
  const hash = declared === undefined ? undefined : createHash('sha256');
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (length !== undefined && size > length) throw incompleteBody();
    hash?.update(chunk);
    yield chunk;
  }
  if (length !== undefined && size !== length) throw incompleteBody();
  const computed = hash?.digest('hex');
  if (declared !== undefined && computed !== declared) throw hashMismatch(declared, computed!);
}

const tooLarge = (limit: number): AwsError =>
  new AwsError('RequestEntityTooLargeException', `The request body is larger than ${limit} bytes.`, { status: 413 });

const incompleteBody = (): AwsError =>
  new AwsError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header');

const malformedTrailer = (): AwsError =>
  new AwsError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );

const badSignature = (): AwsError =>
  new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { status: 403 },
  );
