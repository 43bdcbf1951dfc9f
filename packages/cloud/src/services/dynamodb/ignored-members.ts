// What the table engine passes over in requests for items: refused by name, as far as it asks for something.
import { notSupported } from '../../kernel/errors.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of PartiQL statements: the item is not told that a condition failed of. */
const OLD_ITEM = 'ReturnValuesOnConditionCheckFailure';

/** Of transactions, which tell nothing of item collections. */
const METRICS = 'ReturnItemCollectionMetrics';

/** The lists of statements in a request. */
const STATEMENTS: Readonly<Record<string, string>> = {
  BatchExecuteStatement: 'Statements',
  ExecuteTransaction: 'TransactStatements',
};

/** Throws NotImplemented for such a member. */
export function refuseIgnored(operation: string, input: Json): void {
  const refuse = (path: string): never => {
    throw notSupported(`The dynamodb action ${operation} is not supported here with ${path}.`);
  };
  if (operation === 'TransactWriteItems' && input[METRICS] === 'SIZE') refuse(METRICS);
  if (operation === 'ExecuteStatement' && input[OLD_ITEM] === 'ALL_OLD') refuse(OLD_ITEM);
  const list = STATEMENTS[operation];
  const statements = list === undefined ? undefined : input[list];
  if (Array.isArray(statements) && statements.some((one: Json | null) => one?.[OLD_ITEM] === 'ALL_OLD'))
    refuse(`${list}.${OLD_ITEM}`);
}
