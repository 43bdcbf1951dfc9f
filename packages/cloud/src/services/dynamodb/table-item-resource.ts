// aws_dynamodb_table_item. https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table_item
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

import type { Attributes, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { itemText, keyText, readItem, type Item } from './attribute-json.ts';
import type { DynamodbOperations } from './index.ts';

export const tableItemResource: ResourceType = {
  type: 'aws_dynamodb_table_item',
  replace: ['table_name', 'hash_key', 'range_key'],
  json: ['item'],
  validate: ({ item }) => {
    if (typeof item !== 'string') return [];
    try {
      readItem(item);
      return [];
    } catch (error) {
      return [{ attribute: 'item', message: `Invalid format of "item": ${(error as Error).message}` }];
    }
  },

  async create(planned, context) {
    const Item = readItem(planned['item']);
    // An item that is there already belongs to somebody else.
    await context.client<DynamodbOperations>('dynamodb')('PutItem', {
      TableName: planned['table_name'],
      Item,
      ConditionExpression: 'attribute_not_exists(#hash)',
      ExpressionAttributeNames: { '#hash': planned['hash_key'] },
    });
    return { id: idOf(planned, Item) };
  },

  async read(state, context) {
    const known: Item | undefined = state['item'] ? readItem(state['item']) : undefined;
    const found = await findItem(state['table_name'], keyOf(state, known ?? importedKey(state['id'])), context);
    if (!found) return null;
    // Attributes that others added to the item are theirs: only those of the configuration are Terraform's.
    const own = Object.entries(found).filter(([name]) => !known || name in known);
    return {
      id: idOf(state, found),
      item: itemText(Object.fromEntries(own)),
      hash_key_value: keyText(found[state['hash_key']]),
      range_key_value: state['range_key'] ? keyText(found[state['range_key']]) : undefined,
    };
  },

  async update(prior, planned, context) {
    const dynamodb = context.client<DynamodbOperations>('dynamodb');
    const TableName = planned['table_name'] as string;
    const before = readItem(prior['item']);
    const after = readItem(planned['item']);
    const key = keyOf(planned, after);
    const moved = JSON.stringify(keyOf(prior, before)) !== JSON.stringify(key);
    if (moved) await dynamodb('PutItem', { TableName, Item: after });
    else await updateItem(TableName, key, before, after, context);
    if (moved) await dynamodb('DeleteItem', { TableName, Key: keyOf(prior, before) });
  },

  async delete(state, context) {
    await context.client<DynamodbOperations>('dynamodb')('DeleteItem', {
      TableName: state['table_name'],
      Key: keyOf(state, readItem(state['item'])),
    });
  },

  importState: (id) => {
    const [table_name, hash_key, , , , range_key] = id.split('|');
    return { id, table_name, hash_key, range_key };
  },
};

function keyOf({ hash_key, range_key }: Attributes, item: Item): Item {
  const names = [hash_key, range_key].filter(Boolean) as string[];
  return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
}

/** As hashicorp/aws forms it: each key's name and value, the value in the place of its type. */
function idOf({ table_name, hash_key, range_key }: Attributes, item: Item): string {
  const part = (name: string) => {
    const { B, S = '', N = '' } = item[name] ?? {};
    return [name, B ? Buffer.from(B).toString('base64') : '', S, N];
  };
  return [table_name, ...part(hash_key), ...(range_key ? part(range_key) : [])].join('|');
}

/** The key in an id that {@link idOf} formed, of which nothing else is known yet. */
function importedKey(id: string): Item {
  const [, hash = '', ...rest] = id.split('|');
  const value = ([binary = '', S = '', N = '']: string[]): AttributeValue =>
    binary ? { B: new Uint8Array(Buffer.from(binary, 'base64')) } : N ? { N } : { S };
  const range = rest[3];
  return { [hash]: value(rest), ...(range !== undefined && { [range]: value(rest.slice(4)) }) };
}

async function findItem(TableName: string, Key: Item, context: ResourceContext): Promise<Item | undefined> {
  try {
    return (await context.client<DynamodbOperations>('dynamodb')('GetItem', { TableName, Key, ConsistentRead: true }))
      .Item;
  } catch (error) {
    // With the table its items are gone.
    if ((error as { code?: string }).code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

async function updateItem(
  TableName: string,
  Key: Item,
  before: Item,
  after: Item,
  context: ResourceContext,
): Promise<void> {
  const free = (name: string) => !(name in Key);
  const set = Object.keys(after).filter(
    (name) => free(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const removed = Object.keys(before).filter((name) => free(name) && !(name in after));
  const names = [...set, ...removed];
  if (names.length === 0) return;
  const placeholder = (name: string) => names.indexOf(name);
  const clauses = [
    set.length > 0 ? `SET ${set.map((name) => `#n${placeholder(name)} = :v${placeholder(name)}`).join(', ')}` : '',
    removed.length > 0 ? `REMOVE ${removed.map((name) => `#n${placeholder(name)}`).join(', ')}` : '',
  ];
  await context.client<DynamodbOperations>('dynamodb')('UpdateItem', {
    TableName,
    Key,
    UpdateExpression: clauses.filter(Boolean).join(' '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
    ...(set.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(set.map((name) => [`:v${placeholder(name)}`, after[name]!])),
    }),
  });
}
