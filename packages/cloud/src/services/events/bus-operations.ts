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

import { requestTags, taggingAccess } from '../../kernel/identity/context.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { busArn } from './arns.ts';
import { requirePolicy, withoutStatement, withStatement } from './bus-policy.ts';
import type { Bus } from './buses.ts';
import { requireQueue } from './dead-letters.ts';
import { validation } from './errors.ts';
import type { EventBridge } from './operations.ts';
import { byName, page } from './page.ts';
import { fromTags } from './tags.ts';

export function busOperations({ kernel, guard, buses, rules }: EventBridge) {
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
      LastModifiedTime: new Date(bus.modifiedAt ?? bus.createdAt),
    }),
  });

  return {
    CreateEventBus: {
      access: ({ Name, Tags }: CreateEventBusCommandInput, call: Call): Access[] => {
        const tags = fromTags(Tags);
        const access = guard.bus('CreateEventBus', Name, call, requestTags(tags));
        return [access, ...taggingAccess('events:TagResource', access.resource, tags)];
      },
      run: (input: CreateEventBusCommandInput, call: Call) => {
        const { Name: name = '', Description: description } = input;
        const tags = fromTags(input.Tags);
        const deadLetters = queueIn(input);
        buses.create({ region: call.region, name, description, deadLetters, tags, createdAt: call.now });
        return {
          EventBusArn: busArn(call, name),
          ...(description !== undefined && { Description: description }),
          ...(deadLetters !== undefined && { DeadLetterConfig: { Arn: deadLetters } }),
        };
      },
    },
    UpdateEventBus: {
      access: on('UpdateEventBus'),
      run: (input: UpdateEventBusCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.Name);
        const deadLetters = queueIn(input);
        buses.save({ ...bus, description: input.Description, deadLetters, modifiedAt: call.now });
        return {
          Arn: busArn(call, bus.name),
          Name: bus.name,
          Description: input.Description,
          ...(deadLetters !== undefined && { DeadLetterConfig: { Arn: deadLetters } }),
        };
      },
    },
    DescribeEventBus: {
      access: on('DescribeEventBus'),
      run: (input: DescribeEventBusCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.Name);
        return {
          ...shape(bus, call),
          ...(bus.deadLetters !== undefined && { DeadLetterConfig: { Arn: bus.deadLetters } }),
        };
      },
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
      access: (_: unknown, call: Call): Access[] => [guard.bus('ListEventBuses', '*', call)],
      run: (input: ListEventBusesCommandInput, call: Call) => {
        const named = buses.list(call.region).filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
        const { items, rest } = page(named, byName, input);
        return { EventBuses: items.map((bus) => shape(bus, call)), ...rest };
      },
    },
    PutPermission: {
      access: on('PutPermission'),
      run: (input: PutPermissionCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.EventBusName);
        const policy =
          input.Policy === undefined
            ? withStatement(bus.policy, input, busArn(call, bus.name))
            : requirePolicy(input.Policy, kernel.identity.directory, call.account);
        buses.save({ ...bus, policy });
        return {};
      },
    },
    RemovePermission: {
      access: on('RemovePermission'),
      run: (input: RemovePermissionCommandInput, call: Call) => {
        const bus = buses.require(call.region, input.EventBusName);
        buses.save({ ...bus, policy: withoutStatement(bus.policy, input) });
        return {};
      },
    },
  };
}

const queueIn = ({ DeadLetterConfig: config }: Pick<CreateEventBusCommandInput, 'DeadLetterConfig'>) => {
  if (config?.Arn !== undefined) requireQueue(config.Arn);
  return config?.Arn;
};
