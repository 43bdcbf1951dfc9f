// The store's promises: all or nothing, and stores of other versions are brought forward or refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { MIGRATIONS, NewerStoreError, type Migration } from './migrations.ts';
import { Store, StoreInUseError } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function withStore<T>(use: (store: Store) => T, migrations?: readonly Migration[]): T {
  const store = new Store(folder, migrations);
  try {
    return use(store);
  } finally {
    store.close();
  }
}

const people = (store: Store) => store.collection<{ name: string }>('people');
const upperCase: Migration = {
  summary: 'names are upper case',
  run: (store) => {
    for (const { key, value } of people(store).list()) people(store).put(key, { name: value.name.toUpperCase() });
  },
};

test('a store without a version, as the first Plinth wrote it, keeps its documents', () => {
  withStore((store) => {
    people(store).put('1', { name: 'ada' });
    store.define('PRAGMA user_version = 0');
  });
  expect(withStore((store) => people(store).get('1'))).toEqual({ name: 'ada' });
});

test('each step runs once, in order', () => {
  withStore((store) => people(store).put('1', { name: 'ada' }));
  const mark: Migration = {
    summary: 'names end with a mark',
    run: (store) => people(store).put('1', { name: `${people(store).get('1')!.name}!` }),
  };
  const steps = [...MIGRATIONS, upperCase, mark];
  expect(withStore((store) => people(store).get('1'), steps)).toEqual({ name: 'ADA!' });
  expect(withStore((store) => people(store).get('1'), steps)).toEqual({ name: 'ADA!' });
});

test('a step that fails leaves the store as it was', () => {
  withStore((store) => people(store).put('1', { name: 'ada' }));
  const broken: Migration = {
    summary: 'never ends well',
    run: () => {
      throw new Error('broken');
    },
  };
  expect(() => new Store(folder, [...MIGRATIONS, upperCase, broken])).toThrow('broken');
  expect(withStore((store) => people(store).get('1'))).toEqual({ name: 'ada' });
});

test('a store of a newer Plinth is refused with both versions, and stays as it is', () => {
  withStore((store) => people(store).put('1', { name: 'ada' }), [...MIGRATIONS, upperCase]);
  expect(() => new Store(folder)).toThrow(NewerStoreError);
  expect(() => new Store(folder)).toThrow('The cloud’s store has version 2, and this Plinth knows versions up to 1.');
});

test('a store that is open is nobody else’s', () => {
  withStore((store) => {
    expect(() => new Store(folder)).toThrow(StoreInUseError);
    people(store).put('1', { name: 'ada' });
  });
  expect(withStore((store) => people(store).get('1'))).toEqual({ name: 'ada' });
});

test('a transaction that fails changes nothing', () => {
  withStore((store) => {
    const work = () =>
      store.transaction(() => {
        people(store).put('1', { name: 'ada' });
        throw new Error('no');
      });
    expect(work).toThrow('no');
    expect(people(store).list()).toEqual([]);
  });
});
