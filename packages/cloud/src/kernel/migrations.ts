// How a store of an earlier Plinth becomes one of this: numbered steps, each applied once, all of them or none.
import type { Store } from './store.ts';

/** A step from one version of the store's layout to the next. It may not be changed once a release has it. */
export interface Migration {
  /** What it changes, for the log. */
  readonly summary: string;
  readonly run: (store: Store) => void;
}

/** The first step makes version 1 of a store without a version, the second version 2, and so on. */
export const MIGRATIONS: readonly Migration[] = [
  {
    summary: 'documents in one table, by collection and key',
    run: (store) =>
      store.define(
        'CREATE TABLE IF NOT EXISTS documents (collection TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID',
      ),
  },
];

/** A store that a later Plinth has written: this one would misread it. */
export class NewerStoreError extends Error {
  readonly code = 'STORE_NEWER';

  constructor(found: number, known: number) {
    super(`The cloud’s store has version ${found}, and this Plinth knows versions up to ${known}.`);
  }
}

/** Brings a store up to the last step. Throws {@link NewerStoreError}, and changes nothing, where it is beyond it. */
export function migrate(store: Store, migrations: readonly Migration[]): void {
  const version = store.sql('PRAGMA user_version').get()!['user_version'] as number;
  if (version > migrations.length) throw new NewerStoreError(version, migrations.length);
  if (version === migrations.length) return;
  store.transaction(() => {
    for (const { run } of migrations.slice(version)) run(store);
    store.define(`PRAGMA user_version = ${migrations.length}`);
  });
}
