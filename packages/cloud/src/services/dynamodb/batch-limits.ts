// How many items one request may be about, said in AWS's words: the table engine's own contain the items themselves.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
import { validation } from './errors.ts';

type Input = Readonly<Record<string, unknown>>;

const BATCH_WRITES = 25;

const TRANSACTION_ITEMS = 100;

/** Throws where a request is about too many items. */
export function requireLimits(operation: string, input: Input): void {
  if (operation === 'BatchWriteItem') requireWrites(input['RequestItems']);
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    if (lengthOf(input['TransactItems']) > TRANSACTION_ITEMS) throw tooLong('transactItems', atMost(TRANSACTION_ITEMS));
  }
}

function requireWrites(tables: unknown): void {
  const counts = Object.values((tables ?? {}) as Input).map(lengthOf);
  if (counts.some((count) => count > BATCH_WRITES)) {
    const inside = `Map value must satisfy constraint: [${atMost(BATCH_WRITES)}, Member must have length greater than or equal to 1]`;
    throw tooLong('requestItems', inside);
  }
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all > BATCH_WRITES) throw validation('Too many items requested for the BatchWriteItem call');
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

const atMost = (length: number): string => `Member must have length less than or equal to ${length}`;

const tooLong = (at: string, constraint: string) =>
  validation(`1 validation error detected: Value at '${at}' failed to satisfy constraint: ${constraint}`);
