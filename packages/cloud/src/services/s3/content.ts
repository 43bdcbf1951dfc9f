// The way of an object's bytes: received from a client while they are hashed, and read back as one run.
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import { AwsError } from '../../kernel/errors.ts';
import type { Body } from '../../kernel/service.ts';
import { INLINE_BYTES, type BlobFile, type BlobWriter, type Blobs, type Received, type Slice } from './blobs.ts';
import type { Hasher } from './checksums.ts';

/** Up to this many bytes are read at once; more are streamed in pieces of this size. */
const PIECE = 1024 * 1024;

/** How much is hashed before somebody else has a turn. */
const TURN = 4 * PIECE;

/** Takes a body in, through every hasher; memory holds no more than what may live in the database. */
export async function receive(
  blobs: Blobs,
  body: Body | undefined,
  hashers: readonly Hasher[],
  limit: number,
): Promise<Received> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let writer: BlobWriter | undefined;
  let complete = false;
  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : ((body ?? []) as AsyncIterable<Uint8Array>)) {
      size += chunk.length;
      if (size > limit) throw entityTooLarge(limit);
      for (const hasher of hashers) hasher.update(chunk);
      if (!writer && size > INLINE_BYTES) {
        writer = blobs.create();
        for (const held of chunks.splice(0)) writer.write(held);
      }
      if (writer) writer.write(chunk);
      else chunks.push(chunk);
    }
    complete = true;
  } finally {
    writer?.close();
    if (writer && !complete) blobs.discard({ blob: writer.blob, size });
  }
  return writer ? { blob: writer.blob, size } : { bytes: Buffer.concat(chunks), size };
}

export const sizeOf = (slices: readonly Slice[]): number => slices.reduce((total, { size }) => total + size, 0);

/** The part of a run of slices that holds the bytes from `start` up to, not including, `end`. */
export function cut(slices: readonly Slice[], start: number, end: number): Slice[] {
  const wanted: Slice[] = [];
  let at = 0;
  for (const { blob, offset, size } of slices) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, size);
    if (from < to) wanted.push({ blob, offset: offset + from, size: to - from });
    at += size;
  }
  return wanted;
}

/** The bytes of slices: at once where they are few, else as a stream that keeps them from being removed while it lasts. */
export function read(blobs: Blobs, slices: readonly Slice[]): Body {
  if (sizeOf(slices) > PIECE) return new SliceStream(blobs, slices);
  const pieces = [...piecesOf(blobs, slices)];
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** Hashes bytes that are already here, letting others have their turn on the way. */
export async function hashAll(blobs: Blobs, slices: readonly Slice[], hashers: readonly Hasher[]): Promise<void> {
  const release = blobs.hold(slices);
  try {
    let sinceBreath = 0;
    for (const piece of piecesOf(blobs, slices)) {
      for (const hasher of hashers) hasher.update(piece);
      sinceBreath += piece.length;
      if (sinceBreath < TURN) continue;
      sinceBreath = 0;
      await setImmediate();
    }
  } finally {
    release();
  }
}

class SliceStream extends Readable {
  readonly #pieces: Generator<Buffer>;
  readonly #release: () => void;

  constructor(blobs: Blobs, slices: readonly Slice[]) {
    super({ highWaterMark: PIECE });
    this.#pieces = piecesOf(blobs, slices);
    this.#release = blobs.hold(slices);
  }

  override _read(): void {
    try {
      const { done, value } = this.#pieces.next();
      this.push(done ? null : value);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#pieces.return(undefined);
    this.#release();
    callback(error);
  }
}

function* piecesOf(blobs: Blobs, slices: readonly Slice[]): Generator<Buffer> {
  for (const { blob, offset, size } of slices) {
    const inline = blobs.inline(blob);
    if (inline) yield inline.subarray(offset, offset + size);
    else yield* fileOf(blobs.open(blob, offset + size), offset, size);
  }
}

function* fileOf(file: BlobFile, offset: number, size: number): Generator<Buffer> {
  try {
    for (let at = 0; at < size;) {
      const piece = file.read(offset + at, Math.min(PIECE, size - at));
      if (piece.length === 0) throw new Error('a stored object is shorter than it was when it was written');
      at += piece.length;
      yield piece;
    }
  } finally {
    file.close();
  }
}

const entityTooLarge = (limit: number): AwsError =>
  new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    members: { MaxSizeAllowed: limit },
  });
