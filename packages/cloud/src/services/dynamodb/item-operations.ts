// The operations on items: IAM asked here, everything else dynoxide's, whose JSON passes through as it is.
import { AwsError } from '../../kernel/errors.ts';
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, Operation, RawAnswer } from '../../kernel/service.ts';
import type { EngineOperation, Input, Output } from './api.ts';
import { requireLimits } from './batch-limits.ts';
import type { Changes } from './changes.ts';
import { codeOf, type Engine } from './engine.ts';
import { refuseIgnored } from './ignored-members.ts';
import type { Measure } from './measurements.ts';
import { indexArn, tableArn, tableName } from './names.ts';
import { projected, projectedJson } from './projections.ts';
import type { TableKeys } from './table-keys.ts';
import type { Tables } from './tables.ts';
import type { Throughput } from './throughput.ts';
import { touchesOf, type Touch } from './touches.ts';

/** The operations that may change items. */
const WRITES: ReadonlySet<string> = new Set([
  'BatchExecuteStatement',
  'BatchWriteItem',
  'DeleteItem',
  'ExecuteStatement',
  'ExecuteTransaction',
  'PutItem',
  'TransactWriteItems',
  'UpdateItem',
] satisfies EngineOperation[]);

interface Parts {
  readonly engine: Engine;
  readonly tables: Tables;
  readonly keys: TableKeys;
  readonly changes: Changes;
  readonly measure: Measure;
  readonly throughput: Throughput;
}

export function itemOperations({ engine, tables, keys, changes, measure, throughput }: Parts) {
  // The tables of a call, from the look that IAM took to the work that follows it.
  const touched = new WeakMap<Call, readonly string[]>();
  const access =
    (operation: string) =>
    (input: object, call: Call): Access[] => {
      requireLimits(operation, input as Readonly<Record<string, unknown>>);
      refuseIgnored(operation, input as Readonly<Record<string, unknown>>);
      const touches = touchesOf(operation, input as Readonly<Record<string, unknown>>);
      const names = touches.map(({ table }) => tableName(call, table));
      touched.set(call, names);
      const { ReturnConsumedCapacity } = input as { ReturnConsumedCapacity?: unknown };
      const consumed = typeof ReturnConsumedCapacity === 'string' ? ReturnConsumedCapacity : undefined;
      const common = { 'dynamodb:ReturnConsumedCapacity': consumed };
      return touches.map((touch, index) => accessOf(touch, names[index]!, call, tables, common));
    };
  const requireKeys = async (call: Call): Promise<void> => {
    for (const name of new Set(touched.get(call))) {
      const encryption = tables.find(call.region, name)?.encryption;
      if (encryption?.kind === 'customer') await keys.requireUsable(call, name, encryption);
    }
  };
  const isKeyed = (call: Call): boolean =>
    touched.get(call)?.some((name) => tables.find(call.region, name)?.encryption.kind === 'customer') ?? false;
  // Asked once the work is done: a table may have come to be tracked meanwhile.
  const collect = (call: Call): void => {
    if (touched.get(call)?.some((name) => tables.find(call.region, name)?.tracked)) changes.collectOrWait(call.region);
  };

  const operation = <Name extends EngineOperation>(name: Name): Operation<Input<Name>, Output<Name>> => ({
    access: access(name),
    run: async (input, call) => {
      await requireKeys(call);
      const measured = measure(call, touched.get(call) ?? []);
      try {
        const names = touched.get(call) ?? [];
        const ask = (request: object) => engine.call(call.region, name, request as Input<Name>);
        const request = withNames(input, call);
        const output = throughput.counts(call, names)
          ? ((await throughput.count(call, names, { ...request }, ask as Ask)) as Output<Name>)
          : await ask(request);
        measured?.(undefined);
        return name === 'TransactGetItems' ? (projected(request, output) as Output<Name>) : output;
      } catch (error) {
        if (error instanceof AwsError) measured?.(error.code);
        throw error;
      } finally {
        if (WRITES.has(name)) collect(call);
      }
    },
    raw: async (json, call) => {
      if (isKeyed(call)) await requireKeys(call);
      const names = touched.get(call) ?? [];
      const measured = measure(call, names);
      const request = json.includes(ARN) ? withoutArns(json, call) : json;
      const ask = (text: string | Uint8Array) => engine.ask(call.region, name, text);
      const answer = await (throughput.counts(call, names)
        ? counted(throughput, call, names, request, ask)
        : ask(request));
      if (WRITES.has(name)) collect(call);
      measured?.(answer.status < 400 ? undefined : codeOf(answer));
      return name === 'TransactGetItems' ? projectedJson(request, answer) : answer;
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

type Ask = (request: object) => Promise<Readonly<Record<string, unknown>>>;

// Only a table with a limit pays for its JSON being read.
async function counted(
  throughput: Throughput,
  call: Call,
  tables: readonly string[],
  request: string | Uint8Array,
  ask: (text: string) => Promise<RawAnswer>,
): Promise<RawAnswer> {
  const read = (text: string | Uint8Array) => JSON.parse(Buffer.from(text).toString()) as Record<string, unknown>;
  let refused: RawAnswer | undefined;
  const answer = await throughput.count(call, tables, read(request), async (asked) => {
    const given = await ask(JSON.stringify(asked));
    if (given.status >= 400) refused = given;
    return refused ? {} : read(given.json);
  });
  return refused ?? { status: 200, json: Buffer.from(JSON.stringify(answer)) };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
function accessOf(touch: Touch, table: string, call: Call, tables: Tables, common: Access['context']): Access {
  const { action, index, attributes, select, returnValues, enclosing } = touch;
  const hashKey = tables.hashKey(call.region, table, index);
  // Of a table that is not known nobody can say whose item it is: no policy about keys may allow that.
  const leadingKeys = hashKey === undefined ? [UNKNOWN_KEY] : touch.leadingKeys(hashKey).map(keyText);
  return {
    action: `dynamodb:${action}`,
    resource: index === undefined ? tableArn(call, table) : indexArn(call, table, index),
    resourcePolicy: tables.find(call.region, table)?.policy?.document,
    context: {
      ...resourceTags(tables.find(call.region, table)?.tags ?? {}),
      'dynamodb:LeadingKeys': leadingKeys.length > 0 ? leadingKeys : undefined,
      'dynamodb:Attributes': attributes.length > 0 ? [...new Set(attributes)] : undefined,
      'dynamodb:Select': select,
      'dynamodb:ReturnValues': returnValues,
      'dynamodb:EnclosingOperation': enclosing,
      'dynamodb:FullTableScan': touch.readsAll && String(hashKey === undefined || touch.readsAll(hashKey)),
      ...common,
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
