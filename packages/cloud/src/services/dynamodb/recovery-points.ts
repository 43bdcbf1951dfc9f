import type { TableDescription } from '@aws-sdk/client-dynamodb';

// What a table was at a moment in the past: what it is, with every change since then taken back.
import { uuid } from '../../kernel/ids.ts';
import type { Changes } from './changes.ts';
import type { Copies } from './copies.ts';
import type { Journal } from './journal.ts';

export class RecoveryPoints {
  readonly #copies: Copies;
  readonly #changes: Changes;
  readonly #journal: Journal;

  constructor({ copies, changes, journal }: { copies: Copies; changes: Changes; journal: Journal }) {
    this.#copies = copies;
    this.#changes = changes;
    this.#journal = journal;
  }

  /** Makes a copy of a table's items as they were at a moment since which the journal has all its changes; answers its id. */
  async copy(region: string, { TableName, KeySchema }: TableDescription, moment: number): Promise<string> {
    const id = `point-${uuid()}`;
    await this.#copies.make(id, region, TableName!);
    // Items that changed while they were copied are among those that changed since the moment.
    this.#changes.collect(region);
    const before = this.#journal.before(region, TableName!, moment);
    const keys = KeySchema!.map(({ AttributeName }) => AttributeName!);
    this.#copies.rewind(id, before, keys);
    return id;
  }
}
