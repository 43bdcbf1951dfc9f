// An independent, slow and obvious model of IAM's evaluation, for tests to hold the evaluator against.
// It reads policies as JSON each time, expands what it can into sets, and follows AWS's flow chart word by word.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html

export interface ModelRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** The names by which a policy may mean the caller itself, its role, and its account. */
  readonly self: string;
  readonly role?: string;
  readonly account: string;
}

export interface ModelPolicies {
  readonly identity: readonly Json[];
  readonly boundary?: Json;
  readonly session: readonly Json[];
  readonly resource?: Json;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the model takes policies as they are written, not as they are parsed
export type Json = any;

export function modelDecision(request: ModelRequest, policies: ModelPolicies): 'deny' | 'implicit' | 'allow' {
  const resource = statements(policies.resource).filter((each) => names(each, request) !== undefined);
  const everything = [
    ...policies.identity.flatMap(statements),
    ...statements(policies.boundary),
    ...policies.session.flatMap(statements),
    ...resource,
  ];
  if (everything.some((each) => each.Effect === 'Deny' && fits(each, request))) return 'deny';
  const allows = (list: Json[]) => list.some((each) => each.Effect === 'Allow' && fits(each, request));
  const granting = (how: string) => allows(resource.filter((each) => names(each, request) === how));
  if (granting('self')) return 'allow';
  if (!allows(policies.identity.flatMap(statements)) && !granting('role')) return 'implicit';
  if (policies.boundary && !allows(statements(policies.boundary))) return 'implicit';
  if (policies.session.length > 0 && !allows(policies.session.flatMap(statements))) return 'implicit';
  return 'allow';
}

const list = (value: Json): Json[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const statements = (policy: Json): Json[] =>
  list(policy?.Statement).map((each) => ({ ...each, variables: policy.Version === '2012-10-17' }));

function names(statement: Json, request: ModelRequest): 'self' | 'role' | 'account' | undefined {
  const accounts = [request.account, `arn:aws:iam::${request.account}:root`];
  if (statement.NotPrincipal) {
    const spared = list(statement.NotPrincipal === '*' ? '*' : statement.NotPrincipal.AWS);
    if (spared.includes('*')) return undefined;
    const self = spared.includes(request.self);
    const role = request.role === undefined || spared.includes(request.role);
    const account = accounts.some((each) => spared.includes(each));
    if (statement.Effect === 'Deny') return self && role && account ? undefined : 'self';
    return self || (request.role !== undefined && role) || account ? undefined : 'self';
  }
  const named = list(statement.Principal === '*' ? '*' : statement.Principal.AWS);
  if (named.includes('*') || named.includes(request.self)) return 'self';
  if (request.role !== undefined && named.includes(request.role)) return 'role';
  return accounts.some((each) => named.includes(each)) ? 'account' : undefined;
}

function fits(statement: Json, request: ModelRequest): boolean {
  const some = (patterns: Json[], value: string, variables: boolean) =>
    patterns.some((pattern) => glob(pattern, value, variables ? request : undefined));
  const actions = list(statement.Action ?? statement.NotAction).map((each: string) => each.toLowerCase());
  if (some(actions, request.action.toLowerCase(), false) !== 'Action' in statement) return false;
  const resources = list(statement.Resource ?? statement.NotResource);
  if (some(resources, request.resource, statement.variables) !== 'Resource' in statement) return false;
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys as Json).every(([key, wanted]) =>
      holds(operator, find(key, request), list(wanted).map(String), statement.variables ? request : undefined),
    ),
  );
}

const find = (key: string, { context }: ModelRequest) =>
  Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];

function holds(operator: string, found: Json, wanted: string[], request: ModelRequest | undefined): boolean {
  if (operator === 'Null') return wanted.includes(found === undefined ? 'true' : 'false');
  if (operator.endsWith('IfExists')) {
    return found === undefined || holds(operator.replace('IfExists', ''), found, wanted, request);
  }
  if (operator.startsWith('ForAllValues:')) {
    return list(found).every((value) => single(operator.split(':')[1]!, value, wanted, request));
  }
  if (operator.startsWith('ForAnyValue:')) {
    return list(found).some((value) => single(operator.split(':')[1]!, value, wanted, request));
  }
  if (found === undefined) return operator.includes('Not');
  return operator.includes('Not')
    ? list(found).every((value) => single(operator, value, wanted, request))
    : list(found).some((value) => single(operator, value, wanted, request));
}

function single(operator: string, value: string, wanted: string[], request: ModelRequest | undefined): boolean {
  switch (operator) {
    case 'StringEquals':
      return wanted.some((want) => filled(want, request) === value);
    case 'StringNotEquals':
      return !wanted.some((want) => filled(want, request) === value);
    case 'StringLike':
      return wanted.some((want) => glob(want, value, request));
    case 'StringNotLike':
      return !wanted.some((want) => glob(want, value, request));
    case 'StringEqualsIgnoreCase':
      return wanted.some((want) => filled(want, request)?.toUpperCase() === value.toUpperCase());
    case 'StringNotEqualsIgnoreCase':
      return !wanted.some((want) => filled(want, request)?.toUpperCase() === value.toUpperCase());
    case 'BinaryEquals':
      return wanted.includes(value);
    case 'IpAddress':
      return wanted.some((want) => within(value, want));
    case 'NotIpAddress':
      return !wanted.some((want) => within(value, want));
    case 'ArnEquals':
    case 'ArnLike':
      return wanted.some((want) => arnFits(want, value, request));
    case 'ArnNotEquals':
    case 'ArnNotLike':
      return !wanted.some((want) => arnFits(want, value, request));
    case 'Bool':
      return wanted.some((want) => want.toLowerCase() === value.toLowerCase());
    default: {
      const [, kind, relation = ''] = /^(Numeric|Date)(\w+)$/.exec(operator) ?? [];
      if (kind === undefined) throw new Error(`the model does not know ${operator}`);
      const size = kind === 'Date' ? instant : Number;
      return relation === 'NotEquals'
        ? !wanted.some((want) => size(value) === size(want))
        : wanted.some((want) => RELATIONS[relation]!(size(value), size(want)));
    }
  }
}

const RELATIONS: Record<string, (left: number, right: number) => boolean> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  LessThanEquals: (left, right) => !(left > right) && !Number.isNaN(left - right),
  GreaterThan: (left, right) => left > right,
  GreaterThanEquals: (left, right) => !(left < right) && !Number.isNaN(left - right),
};

/** Milliseconds of a date, or of seconds since the epoch. */
const instant = (text: string): number => new Date(Number.isNaN(Number(text)) ? text : Number(text) * 1000).getTime();

/** Compares an address with a range bit by bit. */
function within(address: string, range: string): boolean {
  const [network = '', length] = range.split('/');
  const [left, right] = [bits(address), bits(network)];
  if (left.length !== right.length || right === '') return false;
  const common = length === undefined ? right.length : Number(length);
  return common <= right.length && left.slice(0, common) === right.slice(0, common);
}

function bits(address: string): string {
  const inBase = (digits: string, base: number, width: number) =>
    parseInt(digits, base).toString(2).padStart(width, '0');
  if (/^\d+(\.\d+){3}$/.test(address))
    return address
      .split('.')
      .map((part) => inBase(part, 10, 8))
      .join('');
  if (!address.includes(':')) return '';
  const [head = [], tail] = address.split('::').map((half) => half.split(':').filter(Boolean));
  const missing = tail ? 8 - head.length - tail.length : 0;
  const parts = [...head, ...Array.from({ length: missing }, () => '0'), ...(tail ?? [])];
  return parts.map((part) => inBase(part, 16, 16)).join('');
}

/** Six parts, each matched by itself; a variable's name may have a colon of its own. */
function arnFits(want: string, value: string, request: ModelRequest | undefined): boolean {
  const six = (text: string) => {
    const parts = [''];
    let depth = 0;
    for (const each of text) {
      depth += each === '{' ? 1 : each === '}' ? -1 : 0;
      if (each === ':' && depth === 0 && parts.length < 6) parts.push('');
      else parts[parts.length - 1] += each;
    }
    return parts;
  };
  const [wanted, given] = [six(want), six(value)];
  return wanted.length === given.length && wanted.every((part, index) => glob(part, given[index]!, request));
}

/** Text with its variables replaced; null where one has no value. */
function filled(text: string, request: ModelRequest | undefined): string | null {
  if (!request) return text;
  const pieces = text
    .split(/(\$\{[^}]*\})/)
    .map((piece) => (piece.startsWith('${') ? variable(piece, request) : piece));
  return pieces.includes(null) ? null : pieces.join('');
}

function variable(piece: string, request: ModelRequest): string | null {
  const body = piece.slice(2, -1);
  if (['*', '?', '$'].includes(body)) return body;
  const [key = '', rest] = body.split(',').map((part) => part.trim());
  const value = find(key, request);
  return typeof value === 'string' ? value : (rest?.slice(1, -1) ?? null);
}

// Tries every way in which a star may match, one character at a time.
function glob(pattern: string, value: string, request: ModelRequest | undefined): boolean {
  if (request && pattern.includes('${')) {
    const pieces = pattern.split(/(\$\{[^}]*\})/);
    const values = pieces.map((piece) => (piece.startsWith('${') ? variable(piece, request) : undefined));
    if (values.includes(null)) return false;
    return star(
      pieces.flatMap((piece, index) =>
        typeof values[index] === 'string'
          ? Array.from(values[index]!, (each) => ({ literal: each }))
          : Array.from(piece, (each) => (each === '*' || each === '?' ? each : { literal: each })),
      ),
      Array.from(value),
    );
  }
  return star(
    Array.from(pattern, (each) => (each === '*' || each === '?' ? each : { literal: each })),
    Array.from(value),
  );
}

function star(pattern: (string | { literal: string })[], value: string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return value.length === 0;
  if (first === '*') return star(rest, value) || (value.length > 0 && star(pattern, value.slice(1)));
  if (value.length === 0) return false;
  return (first === '?' || (first as { literal: string }).literal === value[0]) && star(rest, value.slice(1));
}
