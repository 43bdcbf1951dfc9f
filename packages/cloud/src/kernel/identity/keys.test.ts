// Access keys are found whether memory still has them or the store alone.
import { expect, test } from 'vitest';

import { Store } from '../store.ts';
import { Keys } from './keys.ts';
import { rootPrincipal } from './principal.ts';

test('a session is found, changed and forgotten however many were begun after it', () => {
  const keys = new Keys(new Store());
  const begin = () => keys.createSession(rootPrincipal('000000000000'), 0, 3_600_000);
  const first = begin();
  for (let more = 0; more < 1_100; more++) begin();
  expect(keys.find(first.accessKeyId)).toEqual(first);
  keys.setActive(first.accessKeyId, false);
  expect(keys.find(first.accessKeyId)).toMatchObject({ active: false });
  keys.delete(first.accessKeyId);
  expect(keys.find(first.accessKeyId)).toBeUndefined();
});
