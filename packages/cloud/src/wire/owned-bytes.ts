// Bytes that one answer alone has: their memory goes back once they are sent, and the garbage collector, which large answers
// would keep busy, has nothing to do.

const owned = new WeakSet<Uint8Array>();

/** Memory for bytes that are made for one answer, and that nobody keeps once it is given. */
export function ownedBytes(size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  owned.add(bytes);
  return bytes;
}

/** Gives the memory back, where the bytes are an answer's own. They are gone then, for everybody. */
export function releaseBytes(bytes: Uint8Array): void {
  if (owned.delete(bytes)) (bytes.buffer as ArrayBuffer).transfer(0);
}
