// What an operation on a table needs allowed; those on its items are in item-operations.ts.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/attribute-based-access-control.html
import { resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import { tableArn, tableName } from './names.ts';
import type { Tables } from './tables.ts';

type Context = NonNullable<Access['context']>;

/** On the table, the index or the backup with this ARN, which need not exist. */
export function onArn(tables: Tables, action: string, arn: string, context: Context = {}): Access {
  const facts = factsOf(tables, arn);
  return {
    action: `dynamodb:${action}`,
    resource: arn,
    resourcePolicy: facts?.resourcePolicy,
    context: { ...facts?.context, ...context },
  };
}

/** On the table that a request names, by its name or its ARN. */
export const onTable = (
  tables: Tables,
  action: string,
  given: string | undefined,
  call: Call,
  context?: Context,
): Access => onArn(tables, action, tableArn(call, tableName(call, given)), context);

/** What IAM has to know of a table by its ARN; its indexes have its tags. */
export function factsOf(tables: Tables, arn: string): ResourceFacts | undefined {
  const [, region = '', name = ''] = /^arn:aws:dynamodb:([^:]*):\d{12}:table\/([^/]+)/.exec(arn) ?? [];
  const table = tables.find(region, name);
  return table && { context: resourceTags(table.tags ?? {}), resourcePolicy: table.policy?.document };
}
