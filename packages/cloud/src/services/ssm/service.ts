// What the operations of Parameter Store share: its parts, what they need allowed, and pages.
import { prefixed, resourceTags } from '../../kernel/identity/context.ts';
import type { Access, Call, Kernel, ResourceFacts } from '../../kernel/service.ts';
import { invalidToken, validation } from './errors.ts';
import { Expirations } from './expirations.ts';
import { arnOf, Parameters, referenceOf, type Parameter, type Reference } from './parameters.ts';

export interface ParameterStore {
  readonly kernel: Kernel;
  readonly parameters: Parameters;
  readonly expirations: Expirations;
}

export function createParameterStore(kernel: Kernel): ParameterStore {
  const parameters = new Parameters(kernel.store);
  return { kernel, parameters, expirations: new Expirations(parameters, kernel) };
}

export function refer({ parameters }: ParameterStore, call: Call, text: string | undefined): Reference {
  return referenceOf(call, text ?? '', (name) => parameters.find(call, name) !== undefined);
}

/** On the parameter that a request names. */
export function onParameter(
  store: ParameterStore,
  operation: string,
  text: string | undefined,
  call: Call,
  context: Access['context'] = {},
): Access {
  const { name } = refer(store, call, text);
  const parameter = store.parameters.find(call, name);
  return {
    action: `ssm:${operation}`,
    resource: arnOf(call, name),
    context: { ...(parameter && factsOf(parameter).context), ...context },
  };
}

export const factsOf = ({ tags }: Parameter): ResourceFacts => ({
  context: { ...resourceTags(tags), ...prefixed('ssm:resourceTag/', tags) },
});

export interface PageInput {
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

/** One page of items, by AWS's largest page; the token is the key of the last one. */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, input: PageInput, largest: number) {
  const { MaxResults: size = largest, NextToken: token } = input;
  if (size < 1 || size > largest) throw validation(`MaxResults has to be between 1 and ${largest}.`);
  const last = token === undefined ? undefined : Buffer.from(token, 'base64url').toString();
  const before = last === undefined ? -1 : items.findIndex((item) => keyOf(item) === last);
  if (last !== undefined && before < 0) throw invalidToken();
  const found = items.slice(before + 1, before + 1 + size);
  const more = before + 1 + size < items.length;
  return { items: found, rest: more ? { NextToken: Buffer.from(keyOf(found.at(-1)!)).toString('base64url') } : {} };
}
