// The operations on items: IAM asked here, everything else dynoxide's, whose JSON passes through as it is.
import type { Access, Call, Operation } from '../../kernel/service.ts';
import type { EngineOperation, Input, Output } from './api.ts';
import type { Engine } from './engine.ts';
import { indexArn, tableArn, tableName } from './names.ts';
import type { TableKeys } from './table-keys.ts';
import type { Tables } from './tables.ts';
import { touchesOf, type Touch } from './touches.ts';

export function itemOperations(engine: Engine, tables: Tables, keys: TableKeys) {
  // The tables of a call that are under customers' keys, from the look that IAM took to the work that follows it.
  const keyed = new WeakMap<Call, readonly string[]>();
  const access =
    (operation: string) =>
    (input: object, call: Call): Access[] =>
      remember(call, touchesOf(operation, input as Readonly<Record<string, unknown>>)).map((touch) =>
        accessOf(touch, call, tables),
      );
  const customerKey = (call: Call, table: string) => {
    const encryption = tables.find(call.region, table)?.encryption;
    return encryption?.kind === 'customer' ? encryption : undefined;
  };
  const remember = (call: Call, touches: readonly Touch[]): readonly Touch[] => {
    const names = touches.map(({ table }) => tableName(call, table)).filter((name) => customerKey(call, name));
    if (names.length > 0) keyed.set(call, [...new Set(names)]);
    return touches;
  };
  const requireKeys = async (call: Call): Promise<void> => {
    for (const name of keyed.get(call) ?? []) {
      const key = customerKey(call, name);
      if (key) await keys.requireUsable(call, name, key);
    }
  };

  const operation = <Name extends EngineOperation>(name: Name): Operation<Input<Name>, Output<Name>> => ({
    access: access(name),
    run: async (input, call) => {
      await requireKeys(call);
      return engine.call(call.region, name, withNames(input, call));
    },
    raw: async (json, call) => {
      if (keyed.has(call)) await requireKeys(call);
      return engine.ask(call.region, name, json.includes(ARN) ? withoutArns(json, call) : json);
    },
  });

  return {
    BatchExecuteStatement: operation('BatchExecuteStatement'),
    BatchGetItem: operation('BatchGetItem'),
    BatchWriteItem: operation('BatchWriteItem'),
    DeleteItem: operation('DeleteItem'),
    ExecuteStatement: operation('ExecuteStatement'),
    ExecuteTransaction: operation('ExecuteTransaction'),
    GetItem: operation('GetItem'),
    PutItem: operation('PutItem'),
    Query: operation('Query'),
    Scan: operation('Scan'),
    TransactGetItems: operation('TransactGetItems'),
    TransactWriteItems: operation('TransactWriteItems'),
    UpdateItem: operation('UpdateItem'),
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
function accessOf(touch: Touch, call: Call, tables: Tables): Access {
  const { action, index, attributes, select, returnValues, enclosing } = touch;
  const table = tableName(call, touch.table);
  const hashKey = tables.hashKey(call.region, table, index);
  // Of a table that is not known nobody can say whose item it is: no policy about keys may allow that.
  const leadingKeys = hashKey === undefined ? [UNKNOWN_KEY] : touch.leadingKeys(hashKey).map(keyText);
  return {
    action: `dynamodb:${action}`,
    resource: index === undefined ? tableArn(call, table) : indexArn(call, table, index),
    context: {
      'dynamodb:LeadingKeys': leadingKeys.length > 0 ? leadingKeys : undefined,
      'dynamodb:Attributes': attributes.length > 0 ? [...new Set(attributes)] : undefined,
      'dynamodb:Select': select,
      'dynamodb:ReturnValues': returnValues,
      'dynamodb:EnclosingOperation': enclosing,
    },
  };
}

const UNKNOWN_KEY = '\0';

/** A key's value as IAM compares it: text, a number's digits, binary data in base64. */
function keyText(value: unknown): string {
  const [plain] = Object.values((value ?? {}) as Record<string, unknown>);
  return plain instanceof Uint8Array ? Buffer.from(plain).toString('base64') : String(plain);
}

/** What a table's ARN in a request begins with. */
const ARN = '"arn:aws:dynamodb:';

const withoutArns = (json: Buffer, call: Call): string =>
  JSON.stringify(withNames(JSON.parse(json.toString()) as object, call));

/** dynoxide knows tables by name alone. */
function withNames<T extends object>(input: T, call: Call): T {
  const { TableName, RequestItems, TransactItems } = input as Readonly<Record<string, unknown>>;
  return {
    ...input,
    ...(TableName !== undefined && { TableName: named(TableName, call) }),
    ...(isRecord(RequestItems) && {
      RequestItems: Object.fromEntries(Object.entries(RequestItems).map(([table, part]) => [named(table, call), part])),
    }),
    ...(Array.isArray(TransactItems) && { TransactItems: TransactItems.map((item) => eachNamed(item, call)) }),
  };
}

const eachNamed = (item: unknown, call: Call): unknown =>
  isRecord(item)
    ? Object.fromEntries(
        Object.entries(item).map(([kind, part]) => [kind, isRecord(part) ? withNames(part, call) : part]),
      )
    : item;

const named = (value: unknown, call: Call): unknown => (typeof value === 'string' ? tableName(call, value) : value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
