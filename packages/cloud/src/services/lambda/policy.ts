// Who may use a function besides those whose own policies say so: one resource policy for each of its qualifiers.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda';

import { requireOneOf } from '../../kernel/constraint.ts';
import { uuid } from '../../kernel/ids.ts';
import { conflict, invalidParameter, invalidValue, notFound, staleRevision, validation } from './errors.ts';

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: unknown;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Policy {
  readonly revisionId: string;
  readonly statements: readonly Statement[];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_POLICY = 20 * 1024;

export const policyText = ({ statements }: Policy): string =>
  JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });

/** The policy with one more statement; `resource` is the function's ARN, qualified where the permission is. */
export function addStatement(policy: Policy | undefined, input: AddPermissionCommandInput, resource: string): Policy {
  requireRevision(policy, input.RevisionId);
  const statement = readStatement(input, resource);
  if (policy?.statements.some(({ Sid }) => Sid === statement.Sid)) {
    throw conflict(
      `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  }
  const changed: Policy = { revisionId: uuid(), statements: [...(policy?.statements ?? []), statement] };
  if (Buffer.byteLength(policyText(changed)) > LARGEST_POLICY) {
    throw invalidParameter(`The final policy size is bigger than the limit (${LARGEST_POLICY}).`);
  }
  return changed;
}

/** The policy without a statement; undefined where none is left. */
export function removeStatement(
  policy: Policy | undefined,
  sid: string | undefined,
  revisionId?: string,
): Policy | undefined {
  if (!policy?.statements.some(({ Sid }) => Sid === sid)) {
    throw notFound(`Statement ${sid} is not found in resource policy.`);
  }
  requireRevision(policy, revisionId);
  const statements = policy.statements.filter(({ Sid }) => Sid !== sid);
  return statements.length === 0 ? undefined : { revisionId: uuid(), statements };
}

function requireRevision(policy: Policy | undefined, revisionId: string | undefined): void {
  if (revisionId !== undefined && revisionId !== policy?.revisionId) throw staleRevision();
}

function readStatement(input: AddPermissionCommandInput, resource: string): Statement {
  const { StatementId: sid = '', Action: action = '', Principal: principal = '' } = input;
  if (!/^[\w-]{1,100}$/.test(sid)) {
    throw invalidValue('statementId', sid, 'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)');
  }
  if (!/^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/.test(action)) {
    throw invalidValue(
      'action',
      action,
      'Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])',
    );
  }
  requireOneOf(input.FunctionUrlAuthType, 'functionUrlAuthType', ['AWS_IAM', 'NONE'], validation);
  if (input.FunctionUrlAuthType !== undefined && action !== 'lambda:InvokeFunctionUrl') {
    throw invalidParameter('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action');
  }
  if (input.InvokedViaFunctionUrl !== undefined && action !== 'lambda:InvokeFunction') {
    throw invalidParameter('InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action');
  }
  const equals = {
    ...(input.SourceAccount !== undefined && { 'AWS:SourceAccount': input.SourceAccount }),
    ...(input.PrincipalOrgID !== undefined && { 'aws:PrincipalOrgID': input.PrincipalOrgID }),
    ...(input.FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType }),
  };
  const condition = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(input.SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': input.SourceArn } }),
    ...(input.InvokedViaFunctionUrl && { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } }),
  };
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: readPrincipal(principal),
    Action: action,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function readPrincipal(principal: string): unknown {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (principal.startsWith('arn:')) return { AWS: principal };
  if (/^[a-z0-9.-]+\.(amazonaws\.com|amazon\.com|internal)$/.test(principal)) return { Service: principal };
  throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
}
