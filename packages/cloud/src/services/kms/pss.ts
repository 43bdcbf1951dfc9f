// EMSA-PSS of a digest, with a salt as long as the digest. https://www.rfc-editor.org/rfc/rfc8017#section-9.1
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const TRAILER = 0xbc;

/** What RSA signs, as long as the modulus. */
export function encodePss(
  digest: Uint8Array,
  hash: string,
  modulusBits: number,
  salt = randomBytes(digest.length),
): Buffer {
  const length = Math.ceil((modulusBits - 1) / 8);
  const sum = saltedHash(digest, salt, hash);
  const block = Buffer.alloc(length - sum.length - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  const masked = xor(block, mask(sum, block.length, hash));
  masked[0]! &= 0xff >> (8 * length - (modulusBits - 1));
  return Buffer.concat([masked, sum, Buffer.of(TRAILER)]);
}

/** True for an encoding of the digest. */
export function isPss(encoded: Buffer, digest: Uint8Array, hash: string, modulusBits: number): boolean {
  const { length: size } = digest;
  const blockLength = encoded.length - size - 1;
  const sum = encoded.subarray(blockLength, -1);
  const block = xor(encoded.subarray(0, blockLength), mask(sum, blockLength, hash));
  const expected = encodePss(digest, hash, modulusBits, Buffer.from(block.subarray(-size)));
  return expected.length === encoded.length && timingSafeEqual(expected, encoded);
}

const saltedHash = (digest: Uint8Array, salt: Uint8Array, hash: string): Buffer =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();

// MGF1. https://www.rfc-editor.org/rfc/rfc8017#appendix-B.2.1
function mask(seed: Uint8Array, length: number, hash: string): Buffer {
  const pieces: Buffer[] = [];
  for (let counter = 0, size = 0; size < length; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const piece = createHash(hash).update(seed).update(number).digest();
    pieces.push(piece);
    size += piece.length;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

const xor = (left: Uint8Array, right: Uint8Array): Buffer =>
  Buffer.from(left.map((byte, index) => byte ^ right[index]!));
