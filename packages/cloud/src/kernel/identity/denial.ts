// How AWS says no: who, what, on what, and because of which kind of policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
import { AwsError } from '../errors.ts';
import type { Access, Call } from '../service.ts';
import type { Decision } from './decision.ts';

type Denied = Extract<Decision, { allowed: false }>;

/** The services whose access-denied error is not `AccessDeniedException`. */
const ACCESS_DENIED = new Set([
  's3',
  'iam',
  'sts',
  'rds',
  'elasticache',
  'elasticloadbalancing',
  'autoscaling',
  'cloudformation',
  'route53',
  'cloudfront',
]);

/** What services of JSON protocols call it where they speak the query protocol. */
const QUERY_CODES: Readonly<Record<string, { queryCode: string }>> = {
  sqs: { queryCode: 'AccessDenied' },
  cloudwatch: { queryCode: 'AccessDenied' },
};

/** The error for a denied action, in the words of the service that was called; its status is its protocol's affair. */
export function denial(access: Access, call: Call, decision: Denied): AwsError {
  const code = codeOf(call.service);
  const message =
    call.service === 's3' && call.principal.kind === 'anonymous' ? 'Access Denied' : sentence(access, call, decision);
  if (code === 'AccessDeniedException') return new AwsError(code, message, QUERY_CODES[call.service] ?? {});
  return new AwsError(code, message, { status: 403 });
}

function codeOf(service: string): string {
  if (service === 'sns') return 'AuthorizationError';
  return ACCESS_DENIED.has(service) ? 'AccessDenied' : 'AccessDeniedException';
}

/** The services that say nothing of what was acted on, where that is nothing in particular. */
const BRIEF = new Set(['s3', 'secretsmanager', 'cloudwatch', 'cloudtrail', 'codebuild', 'sts']);

/** The sentence alone; S3 puts the resource in quotes. */
export function sentence(
  { action, resource }: Pick<Access, 'action' | 'resource'>,
  { principal, service }: Pick<Call, 'principal' | 'service'>,
  decision: Denied,
): string {
  if (principal.kind === 'web-identity') return `Not authorized to perform ${action}`;
  const trust = decision.by === 'resource-based policy' && isRole(resource);
  const kind = trust ? 'role trust policy' : decision.by;
  const article = trust ? 'the' : /^[aeiou]/.test(kind) ? 'an' : 'a';
  const who = principal.kind === 'anonymous' ? 'anonymous' : principal.arn;
  const named = service === 's3' ? `"${resource}"` : resource;
  const what = resource === '*' && BRIEF.has(service) ? '' : ` on resource: ${named}`;
  // SQS says it in small letters, alone of all.
  const done = service === 'sqs' ? action.toLowerCase() : action;
  const why = decision.explicit
    ? `with an explicit deny in ${article} ${kind}`
    : `because no ${kind} allows the ${done} action`;
  return `User: ${who} is not authorized to perform: ${done}${what} ${why}`;
}

/** True for a role's ARN, whose resource policy is its trust policy. */
export const isRole = (arn: string): boolean => /^arn:[^:]+:iam::\d*:role\//.test(arn);
