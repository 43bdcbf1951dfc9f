// A DynamoDB table whose keys, indexes and time to live are checked by the compiler, and which can be restored.
import { DynamodbTable } from '@cdktn/provider-aws/lib/dynamodb-table/index.js';
import type { TerraformVariable } from 'cdktn';
import { Construct } from 'constructs';

import { filledIn, validate, type Rule } from '../rules.ts';
import type { Key } from '../security/key.ts';
import { anyResource, type Grantee } from '../security/statement.ts';
import { Stack } from '../stack.ts';
import type { AttributeName, AttributeType, CheckedTable, TableShape } from './table-shape.ts';

/** What every table may be given besides its shape. */
export interface TableProps extends TableShape {
  /** The table's name. */
  readonly name: string;
  /** Refuses to delete the table until this is turned off. @default true in production */
  readonly deletionProtection?: boolean | TerraformVariable;
  /** Can be restored to any second of the last 35 days. @default true */
  readonly pointInTimeRecovery?: boolean | TerraformVariable;
  /** The key under which the table is encrypted. @default the account's own for DynamoDB */
  readonly key?: Key;
}

/**
 * A table billed by request, encrypted with a KMS key, with point-in-time recovery. Its props are one object:
 * attributes are declared once, and one that no key, index or time to live uses does not compile.
 */
export class Table<const P extends TableProps = TableProps> extends Construct {
  readonly resource: DynamodbTable;
  readonly name: string;
  readonly arn: string;
  readonly #key: Key | undefined;

  constructor(scope: Construct, id: string, props: P & CheckedTable<P>) {
    super(scope, id);
    validate(RULES, props);
    const stack = Stack.of(this);
    this.name = props.name;
    this.arn = stack.arnOf('dynamodb', `table/${props.name}`);
    this.#key = props.key;
    this.resource = new DynamodbTable(this, 'Resource', {
      name: props.name,
      billingMode: 'PAY_PER_REQUEST',
      hashKey: props.partitionKey,
      ...(props.sortKey !== undefined && { rangeKey: props.sortKey }),
      attribute: keyAttributes(props),
      ...(props.indexes && { globalSecondaryIndex: indexesOf(props.indexes) }),
      ...(props.timeToLive !== undefined && { ttl: { enabled: true, attributeName: props.timeToLive } }),
      pointInTimeRecovery: { enabled: switched(props.pointInTimeRecovery ?? true) },
      serverSideEncryption: { enabled: true, ...(props.key && { kmsKeyArn: props.key.arn }) },
      deletionProtectionEnabled: switched(props.deletionProtection ?? stack.production),
    });
  }

  /** Lets `to` read items, by key and by query, from the table and its indexes. */
  grantRead(to: Grantee): void {
    to.allow({
      actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'],
      resources: [this.arn, `${this.arn}/index/*`],
    });
    this.#key?.grantDecrypt(to, 'dynamodb');
  }

  /** Lets `to` put, change and delete items. */
  grantWrite(to: Grantee): void {
    to.allow({
      actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'],
      resources: [this.arn],
    });
    // A table's items are under a data key, which DynamoDB decrypts for whoever reads or writes them.
    this.#key?.grantDecrypt(to, 'dynamodb');
  }

  /** Lets Terraform, run by `to`, read the table's settings, but no item. */
  grantInspect(to: Grantee): void {
    to.allow({ actions: INSPECT_ACTIONS, resources: [this.arn] });
    // Terraform asks which key is the account's own for DynamoDB, to tell it from one that somebody chose.
    to.allow({
      actions: ['kms:DescribeKey'],
      resources: [Stack.of(this).arnOf('kms', 'key/*')],
      conditions: { StringEquals: { 'kms:RequestAlias': ['alias/aws/dynamodb'] } },
    });
  }

  /** Lets Terraform, run by `to`, bring the table and its settings back, and `to` find the backup of what was in it. */
  grantRestore(to: Grantee): void {
    this.grantInspect(to);
    to.allow({ actions: RESTORE_ACTIONS, resources: [this.arn] });
    to.allow({
      actions: ['dynamodb:ListBackups'],
      resources: [anyResource('AWS defines no resource for ListBackups: a deleted table has no ARN to list by')],
    });
  }
}

// What hashicorp/aws reads of a table on every refresh.
const INSPECT_ACTIONS = [
  'dynamodb:DescribeTable',
  'dynamodb:DescribeContinuousBackups',
  'dynamodb:DescribeTimeToLive',
  'dynamodb:ListTagsOfResource',
] as const;

const RESTORE_ACTIONS = [
  'dynamodb:CreateTable',
  'dynamodb:UpdateTable',
  'dynamodb:UpdateContinuousBackups',
  'dynamodb:UpdateTimeToLive',
  'dynamodb:TagResource',
  'dynamodb:UntagResource',
] as const;

const TYPES: Readonly<Record<AttributeType, 'S' | 'N' | 'B'>> = {
  string: 'S',
  number: 'N',
  'epoch-seconds': 'N',
  binary: 'B',
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const INDEX_LIMIT = 20;
const PROJECTED_LIMIT = 100;

const RULES: readonly Rule<TableProps>[] = [
  {
    code: 'table-name',
    holds: ({ name }) => /^[\w.-]{3,255}$/.test(filledIn(name)),
    says: ({ name }) => `'${name}' is not a table name`,
    fix: 'Use 3 to 255 letters, digits, dots, dashes and underscores.',
  },
  {
    code: 'same-key-twice',
    holds: (props) => keySchemas(props).every(([partition, sort]) => partition !== sort),
    says: ({ name }) => `a key of '${name}' uses one attribute as partition key and sort key`,
    fix: 'Sort by another attribute, or leave the sort key out.',
  },
  {
    code: 'too-many-indexes',
    holds: ({ indexes = {} }) => Object.keys(indexes).length <= INDEX_LIMIT,
    says: ({ name, indexes = {} }) => `'${name}' has ${Object.keys(indexes).length} indexes`,
    fix: `DynamoDB allows ${INDEX_LIMIT}: drop one, or overload an index with prefixed keys.`,
  },
  {
    code: 'too-many-projected',
    holds: ({ indexes = {} }) =>
      Object.values(indexes).reduce((sum, { project }) => sum + (Array.isArray(project) ? project.length : 0), 0) <=
      PROJECTED_LIMIT,
    says: ({ name }) => `the indexes of '${name}' project more than ${PROJECTED_LIMIT} attributes`,
    fix: "Project 'all' where most attributes are needed.",
  },
];

const keySchemas = (props: TableShape): (readonly (string | undefined)[])[] =>
  [props, ...Object.values(props.indexes ?? {})].map(({ partitionKey, sortKey }) => [partitionKey, sortKey]);

const switched = (value: boolean | TerraformVariable) => (typeof value === 'boolean' ? value : value.booleanValue);

// DynamoDB wants the attributes of keys only; the others are declared for the compiler's sake.
function keyAttributes(props: TableShape): { name: AttributeName; type: string }[] {
  const names = new Set(
    keySchemas(props)
      .flat()
      .filter((name) => name !== undefined),
  );
  return [...names].sort().map((name) => ({ name, type: TYPES[props.attributes[name] ?? 'string'] }));
}

const indexesOf = (indexes: NonNullable<TableShape['indexes']>) =>
  Object.entries(indexes).map(([name, { partitionKey, sortKey, project = 'all' }]) => ({
    name,
    hashKey: partitionKey,
    ...(sortKey !== undefined && { rangeKey: sortKey }),
    ...(typeof project === 'string'
      ? { projectionType: project === 'all' ? 'ALL' : 'KEYS_ONLY' }
      : { projectionType: 'INCLUDE', nonKeyAttributes: [...project].sort() }),
  }));
