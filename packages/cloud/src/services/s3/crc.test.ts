// CRCs against published check values, against a bit-by-bit computation, and combined against computed whole.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { combineCrc, createCrc, type CrcName } from './crc.ts';

const NAMES: readonly CrcName[] = ['CRC32', 'CRC32C', 'CRC64NVME'];

const compute = (name: CrcName, ...chunks: Uint8Array[]): Buffer => {
  const crc = createCrc(name);
  for (const chunk of chunks) crc.update(chunk);
  return crc.digest();
};

// The check value of a CRC is that of the nine characters "123456789": https://reveng.sourceforge.io/crc-catalogue/all.htm
test.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
] as const)('%s of "123456789" is %s, as the catalogue of CRCs says', (name, expected) => {
  expect(compute(name, Buffer.from('123456789')).toString('hex')).toBe(expected);
});

test.each(NAMES)('%s is the same however the bytes are cut', (name) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const whole = compute(name, bytes);
      expect(compute(name, bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole);
    }),
  );
});

test.each(NAMES)('%s of two runs combines to that of both together', (name) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 5_000 }), (first, second) => {
      const combined = combineCrc(name, compute(name, first), compute(name, second), second.length);
      expect(combined).toEqual(compute(name, first, second));
    }),
  );
});
