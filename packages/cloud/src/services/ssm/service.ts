// What the operations of Parameter Store share: its parts, what they need allowed, and pages.
import { prefixed, resourceTags } from '../../kernel/identity/context.ts';
import { pageInOrder } from '../../kernel/page.ts';
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

/** One page of items, by AWS's largest page. */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, input: PageInput, largest: number) {
  const { MaxResults: size = largest, NextToken } = input;
  if (size < 1 || size > largest) throw validation(`MaxResults has to be between 1 and ${largest}.`);
  const found = pageInOrder(items, keyOf, size, NextToken);
  if (!found) throw invalidToken();
  return { items: found.items, rest: found.token === undefined ? {} : { NextToken: found.token } };
}
