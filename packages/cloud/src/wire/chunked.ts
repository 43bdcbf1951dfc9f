// The aws-chunked encoding: `<size in hex>[;chunk-signature=<hex>]\r\n<bytes>\r\n …`, an empty chunk, then trailing headers.
import { AwsError } from '../kernel/errors.ts';

/** A chunk as it is verified: its bytes and the signature over them. */
export interface SignedChunk {
  readonly data: Buffer;
  readonly signature: string | undefined;
}

/** S3 takes chunks of any size; what is held in memory at once is limited to this for signed ones, as a chunk is verified whole. */
const LARGEST_SIGNED_CHUNK = 64 * 1024 * 1024;

const LONGEST_LINE = 8 * 1024;

/** Decodes chunks as they come; each signed one is given to `verify` before its bytes go on. */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  verify: (chunk: SignedChunk) => void,
  readTrailers: (text: string) => void,
): AsyncGenerator<Buffer> {
  const reader = new ChunkReader(source);
  try {
    yield* decode(reader, verify);
    readTrailers(await reader.rest());
  } finally {
    await reader.leave();
  }
}

async function* decode(reader: ChunkReader, verify: (chunk: SignedChunk) => void): AsyncGenerator<Buffer> {
  for (;;) {
    const [size, signature] = readHeader(await reader.line());
    if (size === 0) {
      verify({ data: Buffer.alloc(0), signature });
      return;
    }
    if (signature === undefined) yield* reader.bytes(size);
    else {
      if (size > LARGEST_SIGNED_CHUNK) throw malformed(`a signed chunk of ${size} bytes`);
      const parts: Buffer[] = [];
      for await (const part of reader.bytes(size)) parts.push(part);
      const data = Buffer.concat(parts);
      verify({ data, signature });
      yield data;
    }
    if ((await reader.line()) !== '') throw malformed('a chunk is longer than it says');
  }
}

class ChunkReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end >= 0 && end <= LONGEST_LINE) {
        const line = this.#buffer.toString('latin1', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      if (this.#buffer.length > LONGEST_LINE) throw malformed('a line is too long');
      if (!(await this.#fill())) throw malformed('the body ends too early');
    }
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0;) {
      if (this.#buffer.length === 0 && !(await this.#fill())) throw malformed('the body ends too early');
      const part = this.#buffer.subarray(0, left);
      this.#buffer = this.#buffer.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async rest(): Promise<string> {
    while (await this.#fill()) if (this.#buffer.length > LONGEST_LINE) throw malformed('the trailer is too long');
    return this.#buffer.toString('latin1');
  }

  async leave(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value]);
    return true;
  }
}

function readHeader(line: string): [size: number, signature: string | undefined] {
  const match = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line);
  if (!match) throw malformed('a chunk does not begin with its size');
  return [Number.parseInt(match[1]!, 16), match[2]];
}

const malformed = (reason: string): AwsError =>
  new AwsError('IncompleteBody', `The request body terminated unexpectedly: ${reason}`);
