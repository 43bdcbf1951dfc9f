// Who may use a topic besides those whose own policies say so.
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
import type { AddPermissionCommandInput } from '@aws-sdk/client-sns';

import { AwsError } from '../../kernel/errors.ts';
import { parsePolicy, type Statement as PolicyStatement } from '../../kernel/identity/policy-document.ts';
import { invalidParameter } from './errors.ts';

interface Statement {
  readonly Sid?: string;
  readonly [member: string]: unknown;
}

interface Policy {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: Statement | readonly Statement[];
}

const ACTIONS = [
  'GetTopicAttributes',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Subscribe',
  'ListSubscriptionsByTopic',
  'Publish',
];

/** Further actions that a topic's policy may name. */
const OTHER_ACTIONS = ['Receive', 'ListTagsForResource', 'GetDataProtectionPolicy', 'PutDataProtectionPolicy'];

const LARGEST_POLICY_BYTES = 30 * 1024;

/** What a topic has that nobody gave a policy: it is its owner's. */
export const defaultTopicPolicy = (arn: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ACTIONS.map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': arn.split(':')[4] } },
      },
    ],
  });

/** The statements of the policy; throws where a text cannot be the policy of the topic. */
export function readTopicPolicy(text: string, topicArn: string): readonly PolicyStatement[] {
  if (Buffer.byteLength(text) > LARGEST_POLICY_BYTES) throw invalidParameter('Policy Reason: Policy is too long');
  let statements;
  try {
    statements = parsePolicy(text, 'resource');
  } catch (error) {
    if (error instanceof AwsError) throw invalidParameter(`Policy Error: ${error.message}`);
    throw error;
  }
  for (const { actions, principals, resources = [] } of statements) {
    if (!principals) throw invalidParameter('Policy Error: a statement has no principal');
    if (!actions.every(isInScope)) throw invalidParameter('Policy statement action out of service scope!');
    if (!resources.every((resource) => resource === '*' || mayMean(resource, topicArn))) {
      throw invalidParameter('Policy Error: a statement speaks of another resource than the topic');
    }
  }
  return statements;
}

/** The policy with one more statement. https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
export function addPermission(policy: string, input: AddPermissionCommandInput, topicArn: string): string {
  const { Label: label = '', AWSAccountId: accounts = [], ActionName: actions = [] } = input;
  const before = JSON.parse(policy) as Policy;
  const statements = statementsIn(before);
  if (statements.some(({ Sid }) => Sid === label)) throw invalidParameter('Statement already exists');
  if (label === '' || accounts.length === 0) throw invalidParameter('Label and AWSAccountId must not be empty');
  if (!accounts.every((account) => /^\d{12}$/.test(account))) throw invalidParameter('AWSAccountId');
  if (actions.length === 0 || !actions.every((action) => [...ACTIONS, '*'].includes(action))) {
    throw invalidParameter('Policy statement action out of service scope!');
  }
  const principals = accounts.map((account) => `arn:aws:iam::${account}:root`);
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(principals) },
    Action: oneOrAll(actions.map((action) => `SNS:${action}`)),
    Resource: topicArn,
  };
  return JSON.stringify({ ...before, Statement: [...statements, statement] });
}

/** The policy without a statement. */
export function removePermission(policy: string, label: string | undefined): string {
  const before = JSON.parse(policy) as Policy;
  const statements = statementsIn(before);
  const left = statements.filter(({ Sid }) => Sid !== label);
  if (left.length === statements.length) {
    throw new AwsError('NotFound', 'Statement does not exist', { status: 404 });
  }
  return JSON.stringify({ ...before, Statement: left });
}

const statementsIn = ({ Statement }: Policy): readonly Statement[] => [Statement].flat() as readonly Statement[];

const oneOrAll = (values: readonly string[]) => (values.length === 1 ? values[0] : values);

function isInScope(action: string): boolean {
  const [service, name = ''] = action.split(':');
  if (action === '*' || (service?.toLowerCase() === 'sns' && name.includes('*'))) return true;
  return (
    service?.toLowerCase() === 'sns' &&
    [...ACTIONS, ...OTHER_ACTIONS].some((known) => known.toLowerCase() === name.toLowerCase())
  );
}

/** A pattern with wildcards may mean more than the topic. */
const mayMean = (resource: string, topicArn: string): boolean => /[*?]/.test(resource) || resource === topicArn;
