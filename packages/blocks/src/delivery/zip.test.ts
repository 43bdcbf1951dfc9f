import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';

import { zipFiles } from './zip.ts';

const files = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8})?$/), fc.uint8Array()), {
  selector: ([path]) => path,
  maxLength: 8,
});

test('an archive holds what was put in, and its bytes do not depend on the order', () => {
  fc.assert(
    fc.property(files, (entries) => {
      const { zip, digest } = zipFiles(new Map(entries));
      expect(Object.entries(unzipSync(zip)).map(([path, bytes]) => [path, [...bytes]])).toEqual(
        entries.map(([path, bytes]) => [path, [...bytes]]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      );
      expect(zipFiles(new Map(entries.toReversed())).digest).toBe(digest);
    }),
  );
});
