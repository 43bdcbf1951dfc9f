// Cyclic redundancy checks that S3 offers beside the digests: computed step by step, and combined from those of parts.
import { crc32 } from 'node:zlib';

/** A reflected CRC of 32 or 64 bits, its running value as a number for 32 and as two halves for 64. */
export interface Crc {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

export type CrcName = 'CRC32' | 'CRC32C' | 'CRC64NVME';

interface Parameters {
  readonly bits: 32 | 64;
  /** The generator polynomial with its bits reversed, without its highest term. */
  readonly polynomial: bigint;
}

const PARAMETERS: Readonly<Record<CrcName, Parameters>> = {
  CRC32: { bits: 32, polynomial: 0xedb88320n },
  CRC32C: { bits: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n },
};

export function createCrc(name: CrcName): Crc {
  if (name === 'CRC32') return new ZlibCrc32();
  return name === 'CRC32C' ? new Crc32c() : new Crc64Nvme();
}

/**
 * The CRC of two runs of bytes one after the other, from the CRC of each and the length of the second: shifting the first
 * over the second's length is a multiplication by x^(8·length) modulo the polynomial.
 */
export function combineCrc(name: CrcName, first: Buffer, second: Buffer, secondLength: number): Buffer {
  const { bits, polynomial } = PARAMETERS[name];
  const one = 1n << BigInt(bits - 1);
  let factor = one;
  let power = one >> 8n;
  for (let length = BigInt(secondLength); length > 0n; length >>= 1n) {
    if (length & 1n) factor = multiply(factor, power, one, polynomial);
    power = multiply(power, power, one, polynomial);
  }
  const shifted = multiply(BigInt(`0x${first.toString('hex')}`), factor, one, polynomial);
  const sum = shifted ^ BigInt(`0x${second.toString('hex')}`);
  return Buffer.from(sum.toString(16).padStart(bits / 4, '0'), 'hex');
}

/** Multiplies two polynomials whose coefficient of x^0 is the highest bit. */
function multiply(a: bigint, b: bigint, one: bigint, polynomial: bigint): bigint {
  let product = 0n;
  for (let bit = one, shifted = b; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

class ZlibCrc32 implements Crc {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Buffer {
    return bigEndian(this.#value);
  }
}

/** Eight tables let eight bytes be taken at a time. */
const SLICES = 8;

// Both computations take eight bytes a step ("slicing by 8"): table s holds each byte's effect after s further bytes.
class Crc32c implements Crc {
  static #tables: readonly Uint32Array[] | undefined;
  #value = 0xffffffff;

  update(bytes: Uint8Array): void {
    const tables = (Crc32c.#tables ??= halves('CRC32C').low);
    const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as Tables;
    let value = this.#value;
    let at = 0;
    for (const end = bytes.length - (bytes.length % SLICES); at < end; at += SLICES) {
      value =
        t7[(value ^ bytes[at]!) & 255]! ^
        t6[((value >>> 8) ^ bytes[at + 1]!) & 255]! ^
        t5[((value >>> 16) ^ bytes[at + 2]!) & 255]! ^
        t4[(value >>> 24) ^ bytes[at + 3]!]! ^
        t3[bytes[at + 4]!]! ^
        t2[bytes[at + 5]!]! ^
        t1[bytes[at + 6]!]! ^
        t0[bytes[at + 7]!]!;
    }
    for (; at < bytes.length; at++) value = (value >>> 8) ^ t0[(value ^ bytes[at]!) & 255]!;
    this.#value = value;
  }

  digest(): Buffer {
    return bigEndian(~this.#value);
  }
}

class Crc64Nvme implements Crc {
  static #tables: { high: readonly Uint32Array[]; low: readonly Uint32Array[] } | undefined;
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(bytes: Uint8Array): void {
    const tables = (Crc64Nvme.#tables ??= halves('CRC64NVME'));
    const [h0, h1, h2, h3, h4, h5, h6, h7] = tables.high as Tables;
    const [l0, l1, l2, l3, l4, l5, l6, l7] = tables.low as Tables;
    let high = this.#high;
    let low = this.#low;
    let at = 0;
    for (const end = bytes.length - (bytes.length % SLICES); at < end; at += SLICES) {
      const b0 = (low ^ bytes[at]!) & 255;
      const b1 = ((low >>> 8) ^ bytes[at + 1]!) & 255;
      const b2 = ((low >>> 16) ^ bytes[at + 2]!) & 255;
      const b3 = (low >>> 24) ^ bytes[at + 3]!;
      const b4 = (high ^ bytes[at + 4]!) & 255;
      const b5 = ((high >>> 8) ^ bytes[at + 5]!) & 255;
      const b6 = ((high >>> 16) ^ bytes[at + 6]!) & 255;
      const b7 = (high >>> 24) ^ bytes[at + 7]!;
      high = h7[b0]! ^ h6[b1]! ^ h5[b2]! ^ h4[b3]! ^ h3[b4]! ^ h2[b5]! ^ h1[b6]! ^ h0[b7]!;
      low = l7[b0]! ^ l6[b1]! ^ l5[b2]! ^ l4[b3]! ^ l3[b4]! ^ l2[b5]! ^ l1[b6]! ^ l0[b7]!;
    }
    for (; at < bytes.length; at++) {
      const index = (low ^ bytes[at]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ l0[index]!;
      high = (high >>> 8) ^ h0[index]!;
    }
    this.#high = high;
    this.#low = low;
  }

  digest(): Buffer {
    return Buffer.concat([bigEndian(~this.#high), bigEndian(~this.#low)]);
  }
}

type Table = Uint32Array;
type Tables = [Table, Table, Table, Table, Table, Table, Table, Table];

/** The tables of a CRC, each entry split into its high and low 32 bits. */
function halves(name: CrcName): { high: Uint32Array[]; low: Uint32Array[] } {
  const { polynomial } = PARAMETERS[name];
  const high = Array.from({ length: SLICES }, () => new Uint32Array(256));
  const low = Array.from({ length: SLICES }, () => new Uint32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let slice = 0; slice < SLICES; slice++) {
      for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
      high[slice]![byte] = Number(value >> 32n);
      low[slice]![byte] = Number(value & 0xffffffffn);
    }
  }
  return { high, low };
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
