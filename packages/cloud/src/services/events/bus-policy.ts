// Event buses' policies: what EventBridge takes for one, and statements put into it and taken out.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
import type { PutPermissionCommandInput, RemovePermissionCommandInput } from '@aws-sdk/client-eventbridge';

import { AwsError } from '../../kernel/errors.ts';
import type { Directory } from '../../kernel/identity/directory.ts';
import { parsePolicy, type Statement } from '../../kernel/identity/policy-document.ts';
import { policyTooLong, statementNotFound, validation } from './errors.ts';

interface StatementJson {
  readonly Sid?: string;
}

const LARGEST_POLICY_BYTES = 10_240;

/** The policy, if EventBridge takes it. */
export function requirePolicy(policy: string, directory: Directory, account: string): string {
  if (Buffer.byteLength(policy) > LARGEST_POLICY_BYTES) throw policyTooLong();
  const statements = parse(policy);
  if (!statements.every(({ principals }) => principals)) throw invalidPolicy('a statement has no Principal');
  if (!statements.every(({ resources }) => resources)) throw invalidPolicy('a statement has no Resource');
  if (!statements.every(({ actions }) => actions.every((action) => /^(\*$|events:)/i.test(action)))) {
    throw invalidPolicy('an action is none of EventBridge');
  }
  const unknown = directory.findUnknownPrincipal(statements, account);
  if (unknown !== undefined) throw invalidPolicy(`${unknown} is no principal`);
  return policy;
}

/** The policy with a statement more, or with another of this id. */
export function withStatement(policy: string | undefined, input: PutPermissionCommandInput, busArn: string): string {
  const { StatementId: sid, Principal: principal, Action: action, Condition: condition } = input;
  if (!sid || !principal || !action) throw validation('StatementId, Principal and Action, or a Policy, are required.');
  if (!/^(\d{12}|\*)$/.test(principal)) throw validation(`Provided value in parameter 'principal' is not valid.`);
  if (action !== 'events:PutEvents') throw validation(`Provided value in parameter 'action' is not supported.`);
  if (condition && (condition.Type !== 'StringEquals' || condition.Key !== 'aws:PrincipalOrgID')) {
    throw validation('A condition has the type StringEquals and the key aws:PrincipalOrgID.');
  }
  const statement = {
    Sid: sid,
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` },
    Action: action,
    Resource: busArn,
    ...(condition && { Condition: { [condition.Type!]: { [condition.Key!]: condition.Value! } } }),
  };
  return policyOf([...statementsIn(policy).filter(({ Sid }) => Sid !== sid), statement]);
}

/** The policy without a statement, or without any; undefined where nothing is left. */
export function withoutStatement(policy: string | undefined, input: RemovePermissionCommandInput): string | undefined {
  const before = statementsIn(policy);
  const left = input.RemoveAllPermissions ? [] : before.filter(({ Sid }) => Sid !== input.StatementId);
  if (!input.RemoveAllPermissions && left.length === before.length) throw statementNotFound();
  return left.length > 0 ? policyOf(left) : undefined;
}

function parse(policy: string): readonly Statement[] {
  try {
    return parsePolicy(policy, 'resource');
  } catch (error) {
    if (error instanceof AwsError) throw invalidPolicy(error.message);
    throw error;
  }
}

const invalidPolicy = (why: string): AwsError => validation(`Parameter Policy is not valid. Reason: ${why}`);

const statementsIn = (policy: string | undefined): readonly StatementJson[] =>
  policy === undefined ? [] : [(JSON.parse(policy) as { Statement: StatementJson | StatementJson[] }).Statement].flat();

const policyOf = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
