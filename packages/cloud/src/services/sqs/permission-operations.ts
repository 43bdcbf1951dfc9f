// Permissions for other accounts, one statement of the queue's policy each.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
import type { AddPermissionCommandInput, RemovePermissionCommandInput } from '@aws-sdk/client-sqs';

import type { Call } from '../../kernel/service.ts';
import { onQueue } from './access.ts';
import { invalidParameter, missingParameter } from './errors.ts';
import type { Queue } from './queue.ts';
import type { Sqs } from './service.ts';

interface Policy {
  readonly Statement?: { readonly Sid?: string } | readonly { readonly Sid?: string }[];
}

const ACTIONS = [
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
];
const MOST_ACTIONS = 7;

export function permissionOperations({ queues }: Sqs) {
  const save = (queue: Queue, policy: Policy | undefined, { now }: Call) => {
    queues.setAttributes(queue, { Policy: policy ? JSON.stringify(policy) : '' }, now);
    return {};
  };

  return {
    AddPermission: {
      access: onQueue(queues, 'AddPermission'),
      run: ({ QueueUrl, Label, AWSAccountIds, Actions }: AddPermissionCommandInput, call: Call) => {
        const queue = queues.named(call, QueueUrl);
        const { arn } = queue.record;
        const label = Label ?? '';
        if (!/^[\w-]{1,80}$/.test(label)) {
          const reason = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
          throw invalidParameter('Label', label, reason);
        }
        const accounts = requireSome('AWSAccountIds', AWSAccountIds);
        const actions = requireSome('Actions', Actions);
        const other = actions.find((action) => !ACTIONS.includes(action));
        if (other !== undefined || actions.length > MOST_ACTIONS) {
          throw invalidParameter(
            'ActionName',
            other ?? actions.join(),
            `Only the following actions are allowed: ${ACTIONS.join()}.`,
          );
        }
        const policy = policyOf(queue);
        const statements = statementsOf(policy);
        if (statements.some(({ Sid }) => Sid === label)) throw invalidParameter('Label', label, 'Already exists.');
        const statement = {
          Sid: label,
          Effect: 'Allow',
          Principal: { AWS: one(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
          Action: one(actions.map((action) => `SQS:${action}`)),
          Resource: arn,
        };
        return save(
          queue,
          {
            Version: '2012-10-17',
            Id: `${arn}/SQSDefaultPolicy`,
            ...policy,
            Statement: [...statements, statement],
          } as Policy,
          call,
        );
      },
    },
    RemovePermission: {
      access: onQueue(queues, 'RemovePermission'),
      run: ({ QueueUrl, Label = '' }: RemovePermissionCommandInput, call: Call) => {
        const queue = queues.named(call, QueueUrl);
        const policy = policyOf(queue);
        const statements = statementsOf(policy);
        const left = statements.filter(({ Sid }) => Sid !== Label);
        if (left.length === statements.length) {
          throw invalidParameter('Label', Label, "can't find label on existing policy.");
        }
        return save(queue, left.length > 0 ? { ...policy, Statement: left } : undefined, call);
      },
    },
  };
}

const policyOf = ({ record }: Queue): Policy => JSON.parse(record.attributes['Policy'] ?? '{}') as Policy;

const statementsOf = ({ Statement = [] }: Policy): readonly { readonly Sid?: string }[] => [Statement].flat();

/** A list of one is written as its item, as AWS writes it. */
const one = (items: readonly string[]): string | readonly string[] => (items.length === 1 ? items[0]! : items);

function requireSome(name: string, items: readonly string[] | undefined): readonly string[] {
  if (!items || items.length === 0) throw missingParameter(name);
  return items;
}
