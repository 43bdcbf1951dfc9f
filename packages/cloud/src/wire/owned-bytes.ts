// Bytes that one answer alone has: their memory goes back once they are sent, and the garbage collector, which large answers
// would keep busy, has nothing to do.

const owned = new WeakSet<Uint8Array>();

/** Memory for bytes that are made for one answer, and that nobody keeps once it is given. */
export function ownedBytes(size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  owned.add(bytes);
  return bytes;
}

export const isOwned = (bytes: Uint8Array): boolean => owned.has(bytes);

/** Gives the memory of an answer's own bytes back. They are gone then, for everybody. */
export const releaseBytes = (bytes: Uint8Array): void => void (bytes.buffer as ArrayBuffer).transfer(0);
