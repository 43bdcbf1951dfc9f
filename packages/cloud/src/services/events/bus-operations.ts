// Buses made, described and opened to others.
import type {
  CreateEventBusCommandInput,
  DescribeEventBusCommandInput,
  EventBus,
  ListEventBusesCommandInput,
  PutPermissionCommandInput,
  RemovePermissionCommandInput,
  UpdateEventBusCommandInput,
} from '@aws-sdk/client-eventbridge';

import { AwsError } from '../../kernel/errors.ts';
import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { busArn } from './arns.ts';
import type { Bus } from './buses.ts';
import { unsupported, validation } from './errors.ts';
import type { EventBridge } from './operations.ts';
import { page } from './page.ts';
import { fromTags } from './tags.ts';

interface Statement {
  readonly Sid?: string;
}

export function busOperations({ guard, buses, rules }: EventBridge) {
  const on =
    (action: string) =>
    (input: { Name?: string | undefined; EventBusName?: string | undefined }, call: Call): Access[] => [
      guard.bus(action, input.Name ?? input.EventBusName, call),
    ];
  const shape = (bus: Bus, call: Call): EventBus => ({
    Name: bus.name,
    Arn: busArn(call, bus.name),
    ...(bus.description && { Description: bus.description }),
    ...(bus.policy !== undefined && { Policy: bus.policy }),
    ...(bus.createdAt !== undefined && {
      CreationTime: new Date(bus.createdAt),
      LastModifiedTime: new Date(bus.createdAt),
    }),
  });
  const refuse = (input: UpdateEventBusCommandInput | CreateEventBusCommandInput) => {
    for (const member of ['KmsKeyIdentifier', 'DeadLetterConfig', 'EventSourceName', 'LogConfig']) {
      if ((input as Record<string, unknown>)[member] !== undefined) throw unsupported(member);
    }
  };

  return {
    CreateEventBus: {
      access: ({ Name, Tags }: CreateEventBusCommandInput, call: Call): Access[] => {
        const tags = fromTags(Tags);
        const access = guard.bus('CreateEventBus', Name, call, requestTags(tags));
        return [access, ...taggingAccess('events:TagResource', access.resource, tags)];
      },
      run: (input: CreateEventBusCommandInput, call: Call) => {
        refuse(input);
        const { Name: name = '', Description: description } = input;
        buses.create({ region: call.region, name, description, tags: fromTags(input.Tags), createdAt: call.now });
        return { EventBusArn: busArn(call, name), ...(description !== undefined && { Description: description }) };
      },
    },
    UpdateEventBus: {
      access: on('UpdateEventBus'),
      run: (input: UpdateEventBusCommandInput, call: Call) => {
        refuse(input);
        const bus = buses.require(call.region, input.Name);
        buses.save({ ...bus, description: input.Description });
        return { Arn: busArn(call, bus.name), Name: bus.name, Description: input.Description };
      },
    },
    DescribeEventBus: {
      access: on('DescribeEventBus'),
      run: (input: DescribeEventBusCommandInput, call: Call) => shape(buses.require(call.region, input.Name), call),
    },
    DeleteEventBus: {
      access: on('DeleteEventBus'),
      run: ({ Name: name = '' }: { Name: string | undefined }, { region }: Call) => {
        if (rules.list(region, name).length > 0) throw validation(`Event bus ${name} has rules: delete them first.`);
        buses.delete(region, name);
        return {};
      },
    },
    ListEventBuses: {
      access: (): Access[] => [{ action: 'events:ListEventBuses', resource: '*' }],
      run: (input: ListEventBusesCommandInput, call: Call) => {
        const named = buses.list(call.region).filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const { items, rest } = page(named, input);
        return { EventBuses: items.map((bus) => shape(bus, call)), ...rest };
      },
    },
    PutPermission: {
      access: on('PutPermission'),
      run: (input: PutPermissionCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.EventBusName);
        buses.save({ ...bus, policy: input.Policy ?? withStatement(bus, input, call) });
        return {};
      },
    },
    RemovePermission: {
      access: on('RemovePermission'),
      run: (input: RemovePermissionCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.EventBusName);
        const left = input.RemoveAllPermissions ? [] : statementsOf(bus).filter(({ Sid }) => Sid !== input.StatementId);
        if (!input.RemoveAllPermissions && left.length === statementsOf(bus).length) {
          throw new AwsError('ResourceNotFoundException', `Statement with the provided id does not exist.`);
        }
        buses.save({ ...bus, policy: left.length > 0 ? policyOf(left) : undefined });
        return {};
      },
    },
  };
}

function withStatement(bus: Bus, input: PutPermissionCommandInput, call: Call): string {
  const { StatementId: sid, Principal: principal, Action: action, Condition: condition } = input;
  if (!sid || !principal || !action) throw validation('StatementId, Principal and Action, or a Policy, are required.');
  const statement = {
    Sid: sid,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` },
    Action: action,
    Resource: busArn(call, bus.name),
    ...(condition && { Condition: { [condition.Type!]: { [condition.Key!]: condition.Value! } } }),
  };
  return policyOf([...statementsOf(bus).filter(({ Sid }) => Sid !== sid), statement]);
}

const statementsOf = ({ policy }: Bus): readonly Statement[] =>
  policy === undefined ? [] : [(JSON.parse(policy) as { Statement: Statement | Statement[] }).Statement].flat();

const policyOf = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
