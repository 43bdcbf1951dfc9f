// What the cloud has not is found in a configuration, and pointed at.
import { expect, test } from 'vitest';

import { refusedAttributes } from './refused-attributes.ts';

test('an argument is refused where it asks for something, in whichever block', () => {
  const paths = ['badge', 'vpc', 'source.auth', 'source.status'];
  const found = (config: object) => refusedAttributes(config, paths).map(({ attribute }) => attribute);
  expect(found({ badge: true, vpc: [{}] })).toEqual(['badge', 'vpc']);
  expect(
    found({
      source: [
        { status: false, auth: [] },
        { status: true, auth: [{ type: 'x' }] },
      ],
    }),
  ).toEqual(['source.1.auth', 'source.1.status']);
  expect(found({ badge: 0, vpc: [] })).toEqual([]);
  expect(found({ badge: false, vpc: [], source: [{ auth: null, status: undefined }] })).toEqual([]);
});
