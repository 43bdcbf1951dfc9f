// A policy's JSON, read into statements; refuses what IAM refuses.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
import { AwsError } from '../errors.ts';
import type { Conditions } from './conditions.ts';

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** Absent in identity policies. Values by kind: AWS, Service, Federated, CanonicalUser; `*` alone is `{ '*': ['*'] }`. */
  readonly principals: Readonly<Record<string, readonly string[]>> | undefined;
  readonly notPrincipals: boolean;
  readonly actions: readonly string[];
  readonly notActions: boolean;
  readonly resources: readonly string[] | undefined;
  readonly notResources: boolean;
  /** Operator → condition key (lower case) → values. */
  readonly conditions: Conditions;
  /** Policy variables stand for values in a policy of version 2012-10-17 only; in an older one they are text. */
  readonly variables: boolean;
}

export type PolicyKind = 'identity' | 'resource' | 'trust';

const STATEMENT_MEMBERS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

const VERSIONS = new Set(['2008-10-17', '2012-10-17']);

const parsed = new Map<string, readonly Statement[]>();

/** How many parsed documents are kept; a policy is read far more often than written. */
const PARSED_LIMIT = 1_000;

/** The statements of a policy that was valid when it was stored; parsed once for each text. */
export function statementsOf(text: string): readonly Statement[] {
  let statements = parsed.get(text);
  if (!statements) {
    if (parsed.size >= PARSED_LIMIT) parsed.clear();
    parsed.set(text, (statements = parsePolicy(text, 'resource')));
  }
  return statements;
}

/** Reads and validates a policy; throws MalformedPolicyDocument with what is wrong. */
export function parsePolicy(text: string, kind: PolicyKind): readonly Statement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed('This policy contains invalid Json');
  }
  if (!isObject(document)) throw malformed('Syntax errors in policy.');
  for (const member of Object.keys(document)) {
    if (!['Version', 'Id', 'Statement'].includes(member)) throw malformed(`Unknown field ${member}`);
  }
  if (document['Version'] !== undefined && !VERSIONS.has(document['Version'] as string)) {
    throw malformed('The policy must contain a valid version string');
  }
  const statements = list(document['Statement']);
  if (statements.length === 0) throw malformed('Syntax errors in policy.');
  const variables = document['Version'] === '2012-10-17';
  const read = statements.map((statement) => parseStatement(statement, kind, variables));
  if (kind !== 'resource') requireSids(read);
  return read;
}

function requireSids(statements: readonly Statement[]): void {
  const sids = statements.flatMap(({ sid }) => sid ?? []);
  for (const sid of sids) {
    if (!/^[0-9A-Za-z]*$/.test(sid)) {
      throw malformed(
        'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
      );
    }
  }
  if (new Set(sids).size < sids.length) throw malformed('Statement IDs (SID) in a single policy must be unique.');
}

function parseStatement(statement: unknown, kind: PolicyKind, variables: boolean): Statement {
  if (!isObject(statement)) throw malformed('Syntax errors in policy.');
  for (const member of Object.keys(statement)) {
    if (!STATEMENT_MEMBERS.has(member)) throw malformed(`Unknown field ${member}`);
  }
  const effect = statement['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Invalid effect: ${String(effect)}`);
  const actions = oneOf(statement, 'Action', 'NotAction', 'Policy statement must contain actions.');
  for (const action of actions.values) {
    if (action !== '*' && !/^[a-z0-9-*?]+:[a-z0-9*?]+$/i.test(action)) {
      throw malformed(`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.`);
    }
    if (kind === 'trust' && !/^sts:/i.test(action)) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
  const hasPrincipal = 'Principal' in statement || 'NotPrincipal' in statement;
  if ('Principal' in statement && 'NotPrincipal' in statement) {
    throw malformed('Statement cannot have both Principal and NotPrincipal');
  }
  if (kind === 'identity' && hasPrincipal) throw malformed('Policy document should not specify a principal.');
  if (kind === 'trust' && !hasPrincipal) throw malformed('Missing required field Principal');
  const hasResource = 'Resource' in statement || 'NotResource' in statement;
  if (kind === 'trust' && hasResource) throw malformed('Has prohibited field Resource');
  if (kind === 'identity' && !hasResource) throw malformed('Policy statement must contain resources.');
  const resources = hasResource
    ? oneOf(statement, 'Resource', 'NotResource', 'Policy statement must contain resources.')
    : undefined;
  for (const resource of resources?.values ?? []) {
    if (
      resource !== '*' &&
      kind === 'identity' &&
      !/^arn:[^:]+:[^:]*:[^:]*:[^:]*:.+/.test(resource) &&
      !resource.startsWith('*')
    ) {
      throw malformed(`Resource ${resource} must be in ARN format or "*".`);
    }
  }
  const sid = statement['Sid'];
  if (sid !== undefined && typeof sid !== 'string') throw malformed('Syntax errors in policy.');
  return {
    sid,
    effect,
    principals: hasPrincipal ? parsePrincipals(statement['Principal'] ?? statement['NotPrincipal']) : undefined,
    notPrincipals: 'NotPrincipal' in statement,
    actions: actions.values,
    notActions: actions.negated,
    resources: resources?.values,
    notResources: resources?.negated ?? false,
    conditions: parseConditions(statement['Condition']),
    variables,
  };
}

function oneOf(statement: Record<string, unknown>, plain: string, negated: string, missing: string) {
  if (plain in statement && negated in statement) throw malformed(`Statement cannot have both ${plain} and ${negated}`);
  const values = list(statement[plain] ?? statement[negated]);
  if (values.length === 0) throw malformed(missing);
  for (const value of values) if (typeof value !== 'string') throw malformed('Syntax errors in policy.');
  return { values: values as string[], negated: negated in statement };
}

function parsePrincipals(value: unknown): Record<string, readonly string[]> {
  if (value === '*') return { '*': ['*'] };
  if (!isObject(value)) throw malformed('Invalid principal in policy');
  return Object.fromEntries(
    Object.entries(value).map(([kind, names]) => {
      if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind))
        throw malformed('Invalid principal in policy');
      const values = list(names);
      if (values.some((name) => typeof name !== 'string')) throw malformed('Invalid principal in policy');
      return [kind, values as string[]];
    }),
  );
}

function parseConditions(value: unknown): Map<string, Map<string, readonly string[]>> {
  const conditions = new Map<string, Map<string, readonly string[]>>();
  if (value === undefined) return conditions;
  if (!isObject(value)) throw malformed('Syntax errors in policy.');
  for (const [operator, keys] of Object.entries(value)) {
    if (!OPERATOR.test(operator)) throw malformed(`Invalid Condition type : ${operator}`);
    if (!isObject(keys)) throw malformed('Syntax errors in policy.');
    conditions.set(
      operator,
      new Map(Object.entries(keys).map(([key, values]) => [key.toLowerCase(), list(values).map(String)])),
    );
  }
  return conditions;
}

const OPERATOR =
  /^(ForAllValues:|ForAnyValue:)?(String(Not)?Equals(IgnoreCase)?|String(Not)?Like|Numeric((Not)?Equals|LessThan(Equals)?|GreaterThan(Equals)?)|Date((Not)?Equals|LessThan(Equals)?|GreaterThan(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?$|^Null$/;

const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const malformed = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message);
