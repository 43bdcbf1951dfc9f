// What an operation on a function needs allowed.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
import { requestTags, resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, ResourceFacts } from '../../kernel/service.ts';
import { keyOfQualifier, type Functions, type LambdaFunction } from './functions.ts';
import { namedArn } from './names.ts';
import { policyText } from './policy.ts';

/** On the function that a request names, or on the version or alias of it. */
export function onFunction(
  functions: Functions,
  action: string,
  call: Call,
  { FunctionName, Qualifier }: { readonly FunctionName: string | undefined; readonly Qualifier?: string | undefined },
  context: NonNullable<Access['context']> = {},
): Access {
  const resource = namedArn(call, FunctionName, Qualifier);
  const facts = factsOf(functions, resource);
  return { action: `lambda:${action}`, resource, ...facts, context: { ...facts?.context, ...context } };
}

export const onNothing = (action: string): Access => ({ action: `lambda:${action}`, resource: '*' });

/** The right to hand a role to Lambda. */
export const passRole = (role: string | undefined): Access[] =>
  role === undefined
    ? []
    : [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } }];

/** What IAM has to know of a function by its ARN; its policy is that of the qualifier in the ARN. */
export function factsOf(functions: Functions, arn: string): ResourceFacts | undefined {
  const [, , , region = '', , , name = '', qualifier] = arn.split(':');
  const fn = functions.find(region, name);
  if (!fn || !arn.startsWith('arn:aws:lambda:')) return undefined;
  return policyFacts(fn, qualifier);
}

export function policyFacts(fn: LambdaFunction, qualifier: string | undefined): ResourceFacts {
  const policy = fn.policies[keyOfQualifier(qualifier)];
  return { ...(policy && { resourcePolicy: policyText(policy) }), context: resourceTags(fn.tags) };
}

export const tagContext = (tags: Readonly<Record<string, string>> | undefined): NonNullable<Access['context']> =>
  requestTags(tags ?? {});
