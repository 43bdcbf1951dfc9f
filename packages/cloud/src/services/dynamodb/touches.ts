// What a request for items touches: tables, indexes, keys and attributes, read from JSON that nobody has checked yet.
import { attributesOf, equalTo, type Names } from './expressions.ts';
import { statementTouch } from './partiql.ts';

type Json = Readonly<Record<string, unknown>>;

/** One thing that IAM has to allow: an action on a table or one of its indexes. */
export interface Touch {
  /** E.g. `GetItem`. */
  readonly action: string;
  /** A name or an ARN. */
  readonly table: unknown;
  readonly index?: string;
  /** Values of the partition key, given its name; empty where the request has none, as a scan. */
  readonly leadingKeys: (hashKey: string) => unknown[];
  /** Of a statement that selects: whether it reads all of the table, given the partition key's name. */
  readonly readsAll?: (hashKey: string) => boolean;
  readonly attributes: readonly string[];
  readonly select?: string | undefined;
  readonly returnValues?: string | undefined;
  /** The transaction or batch that this is part of, where IAM asks for the part's action. */
  readonly enclosing?: string;
}

/** Reads a request; what it does not understand touches nothing that IAM could allow by a narrow policy. */
export function touchesOf(operation: string, input: Json): Touch[] {
  switch (operation) {
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [itemTouch(operation, input)];
    case 'Query':
    case 'Scan':
      return [searchTouch(operation, input)];
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.entries(record(input['RequestItems'])).map(([table, request]) =>
        batchTouch(operation, table, request),
      );
    case 'TransactGetItems':
      return list(input['TransactItems']).map((item) => ({
        ...itemTouch('GetItem', record(item['Get'])),
        enclosing: operation,
      }));
    case 'TransactWriteItems':
      return list(input['TransactItems']).flatMap((item) => transactTouches(operation, item));
    case 'ExecuteStatement':
      return [statementTouch(input['Statement'], input['Parameters'])];
    case 'BatchExecuteStatement':
      return list(input['Statements']).map(({ Statement, Parameters }) => statementTouch(Statement, Parameters));
    case 'ExecuteTransaction':
      return list(input['TransactStatements']).map(({ Statement, Parameters }) => ({
        ...statementTouch(Statement, Parameters),
        enclosing: operation,
      }));
    default:
      throw new Error(`${operation} touches no items`);
  }
}

const EXPRESSIONS = [
  'ProjectionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ConditionExpression',
  'UpdateExpression',
];

/** Members of the API of before 2014 whose keys are attributes. */
const ATTRIBUTE_MAPS = ['Key', 'Item', 'AttributeUpdates', 'Expected', 'KeyConditions', 'QueryFilter', 'ScanFilter'];

function itemTouch(action: string, input: Json): Touch {
  const item = record(input['Key'] ?? input['Item']);
  const reads = action === 'GetItem';
  return {
    action,
    table: input['TableName'],
    leadingKeys: (hashKey) => (hashKey in item ? [item[hashKey]] : []),
    attributes: namedAttributes(input),
    select: reads ? selection(input, 'ALL_ATTRIBUTES') : undefined,
    returnValues: reads ? undefined : text(input['ReturnValues']),
  };
}

function searchTouch(action: string, input: Json): Touch {
  const names = record(input['ExpressionAttributeNames']);
  const values = record(input['ExpressionAttributeValues']);
  const index = text(input['IndexName']);
  const all = index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
  return {
    action,
    table: input['TableName'],
    ...(index !== undefined && { index }),
    leadingKeys: (hashKey) => {
      const legacy = list(record(record(input['KeyConditions'])[hashKey])['AttributeValueList']);
      const value = equalTo(hashKey, input['KeyConditionExpression'], names, values) ?? legacy[0];
      return value === undefined ? [] : [value];
    },
    attributes: namedAttributes(input),
    select: text(input['Select']) ?? selection(input, all),
  };
}

function batchTouch(action: string, table: string, request: unknown): Touch {
  const reads = action === 'BatchGetItem';
  const parts = reads
    ? list(record(request)['Keys']).map((Key) => ({ Key }))
    : list(request).map((entry) => record(entry['PutRequest'] ?? entry['DeleteRequest']));
  const items = parts.map((part) => record('Key' in part ? part['Key'] : part['Item']));
  return {
    action,
    table,
    leadingKeys: (hashKey) => items.flatMap((item) => (hashKey in item ? [item[hashKey]] : [])),
    attributes: [...items.flatMap((item) => Object.keys(item)), ...(reads ? namedAttributes(record(request)) : [])],
    select: reads ? selection(record(request), 'ALL_ATTRIBUTES') : undefined,
  };
}

const TRANSACTION_ACTIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

function transactTouches(enclosing: string, item: Json): Touch[] {
  return Object.entries(TRANSACTION_ACTIONS)
    .filter(([name]) => item[name] !== undefined)
    .map(([name, action]) => ({ ...itemTouch(action, record(item[name])), enclosing }));
}

function namedAttributes(input: Json): string[] {
  const names: Names = record(input['ExpressionAttributeNames']);
  const listed = Array.isArray(input['AttributesToGet']) ? input['AttributesToGet'].map(String) : [];
  return [
    ...ATTRIBUTE_MAPS.flatMap((name) => Object.keys(record(input[name]))),
    ...EXPRESSIONS.flatMap((name) => attributesOf(input[name], names)),
    ...listed,
  ];
}

const selection = (input: Json, otherwise: string): string =>
  input['ProjectionExpression'] === undefined && input['AttributesToGet'] === undefined
    ? otherwise
    : 'SPECIFIC_ATTRIBUTES';

const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(record) : []);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
