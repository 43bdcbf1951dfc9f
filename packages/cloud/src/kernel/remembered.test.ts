// What is remembered of the store is never older than the store, nor of a transaction that was undone.
import { expect, test } from 'vitest';

import { Remembered } from './remembered.ts';
import { Store } from './store.ts';

function counted() {
  const store = new Store();
  const numbers = store.collection<number>('numbers');
  let reads = 0;
  const remembered = new Remembered(store, (key) => {
    reads++;
    return numbers.get(key) ?? 0;
  });
  const put = (value: number) => {
    numbers.put('one', value);
    remembered.forget('one');
  };
  return { store, remembered, put, reads: () => reads };
}

test('is read once, until it changes', () => {
  const { remembered, put, reads } = counted();
  expect([remembered.get('one'), remembered.get('one'), reads()]).toEqual([0, 0, 1]);
  put(1);
  expect([remembered.get('one'), remembered.get('one'), reads()]).toEqual([1, 1, 2]);
});

test('is that of the store again where a transaction was undone', () => {
  const { store, remembered, put } = counted();
  put(1);
  expect(remembered.get('one')).toBe(1);
  const undone = () =>
    store.transaction(() => {
      put(2);
      expect(remembered.get('one')).toBe(2);
      throw new Error('undone');
    });
  expect(undone).toThrow('undone');
  expect(remembered.get('one')).toBe(1);
});
