// What `plinth iam why` asks: the decision on one action of somebody on something, with all that led to it.
import type { Explanation } from '../kernel/identity/explanation.ts';
import { findPrincipal } from '../kernel/identity/named-principal.ts';
import { uuid } from '../kernel/ids.ts';
import type { Access, Call, Kernel, ResourceFacts } from '../kernel/service.ts';

/** As a service that knows the resource describes it. */
export type DescribeResource = (arn: string, action: string, call: Call) => ResourceFacts | undefined;

export interface WhyQuestion {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the request would bring, over those that are known anyway. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export type WhyAnswer =
  | Explanation
  | { readonly unknownPrincipal: string; readonly users: readonly string[]; readonly roles: readonly string[] };

/** Decides without a call; nothing is changed or counted. */
export function why(kernel: Kernel, describe: DescribeResource, question: WhyQuestion): WhyAnswer {
  const { directory, keys } = kernel.identity;
  const principal = findPrincipal(question.principal, {
    directory,
    account: kernel.account,
    findSession: (arn) => keys.findSession(arn, kernel.clock.now()),
  });
  if (!principal) {
    const names = (list: { key: string }[]) => list.map(({ key }) => key);
    return {
      unknownPrincipal: question.principal,
      users: names(directory.users.list()),
      roles: names(directory.roles.list()),
    };
  }
  const { action, resource } = question;
  const call: Call = {
    service: action.split(':')[0]!.toLowerCase(),
    operation: action.split(':')[1] ?? '',
    region: resource.split(':')[3] || 'us-east-1',
    account: kernel.account,
    principal,
    requestId: uuid(),
    now: kernel.clock.now(),
    endpoint: kernel.endpoint(),
    headers: {},
  };
  const { context, ...facts } = describe(resource, action, call) ?? {};
  const access: Access = { action, resource, ...facts, context: { ...context, ...question.context } };
  return kernel.identity.why(access, call);
}

/** Reads the question of a request's body; undefined where it is none. */
export function readQuestion(body: Buffer): WhyQuestion | undefined {
  let given: Partial<Record<keyof WhyQuestion, unknown>>;
  try {
    given = Object(JSON.parse(body.toString())) as typeof given;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { principal, action, resource, context = {} } = given;
  if (typeof principal !== 'string' || typeof action !== 'string' || typeof resource !== 'string') return undefined;
  if (!/^[\w-]+:\w+$/.test(action) || typeof context !== 'object' || context === null) return undefined;
  const entries = Object.entries(context as Record<string, unknown>).map(
    ([key, value]) => [key, Array.isArray(value) ? value.map(String) : String(value)] as const,
  );
  return { principal, action, resource, context: Object.fromEntries(entries) };
}
