// What Lambda is made of, and what its operations share.
import { requireWithin } from '../../kernel/constraint.ts';
import { pageOf } from '../../kernel/page.ts';
import type { Call, Kernel, Operation } from '../../kernel/service.ts';
import { onFunction } from './access.ts';
import { CodeEndpoint } from './code-endpoint.ts';
import { CodeStore } from './code.ts';
import { Concurrency } from './concurrency.ts';
import { invalidParameter, validation } from './errors.ts';
import { AsyncEvents } from './events.ts';
import { allVersions, Functions, type LambdaFunction, type Version } from './functions.ts';
import { Invoker } from './invoker.ts';
import { Mappings } from './mappings.ts';
import { Pollers } from './pollers.ts';
import { RoleSessions } from './role-sessions.ts';
import { UrlEndpoint } from './url-endpoint.ts';

export interface Lambda {
  readonly kernel: Kernel;
  readonly functions: Functions;
  readonly codes: CodeStore;
  readonly sessions: RoleSessions;
  readonly concurrency: Concurrency;
  readonly invoker: Invoker;
  readonly events: AsyncEvents;
  readonly mappings: Mappings;
  readonly pollers: Pollers;
  readonly codeEndpoint: CodeEndpoint;
  readonly urlEndpoint: UrlEndpoint;
}

export function createLambda(kernel: Kernel): Lambda {
  const functions = new Functions(kernel);
  const codes = new CodeStore(kernel.store.folder);
  const sessions = new RoleSessions(kernel);
  const concurrency = new Concurrency(functions);
  const invoker = new Invoker(kernel, { codes, sessions, concurrency });
  const events = new AsyncEvents(kernel, { functions, invoker, sessions });
  const mappings = new Mappings(kernel);
  const pollers = new Pollers({ kernel, functions, invoker, sessions, mappings });
  const codeEndpoint = new CodeEndpoint(codes, kernel.clock);
  const urlEndpoint = new UrlEndpoint(kernel, functions, invoker);
  return {
    kernel,
    functions,
    codes,
    sessions,
    concurrency,
    invoker,
    events,
    mappings,
    pollers,
    codeEndpoint,
    urlEndpoint,
  };
}

export interface FunctionInput {
  FunctionName: string | undefined;
  Qualifier?: string | undefined;
}

/** An operation on the function that its input names, allowed by one action of its own name. */
export function onOne<Input extends FunctionInput, Output>(
  { functions }: Lambda,
  action: string,
  run: (fn: LambdaFunction, input: Input, call: Call) => Output,
): Operation<Input, Awaited<Output>> {
  return {
    access: (input, call) => [onFunction(functions, action, call, input)],
    run: (input, call) => run(functions.named(call, input.FunctionName), input, call) as Awaited<Output>,
  };
}

/** Deletes packages that no function's version needs any more. */
export function sweepCode({ functions, codes }: Lambda): void {
  codes.keepOnly(functions.list().flatMap((fn) => allVersions(fn).map(({ code }) => code)));
}

export interface PageInput {
  MaxItems?: number | undefined;
  Marker?: string | undefined;
}

const MOST_ITEMS = 10_000;
const PAGE_SIZE = 50;

/** One page of items in the order of their keys. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxItems, Marker }: PageInput,
  { most = MOST_ITEMS, size = PAGE_SIZE } = {},
) {
  requireWithin(MaxItems, 'maxItems', [1, most], validation);
  const found = pageOf(items, {
    keyOf,
    limit: Math.min(MaxItems ?? size, size),
    token: Marker,
    invalidToken: () => invalidParameter('Invalid Marker.'),
  });
  return { items: found.items, rest: found.token === undefined ? {} : { NextMarker: found.token } };
}

/** A version's place among others, `$LATEST` the first. */
export const versionKey = ({ version }: Pick<Version, 'version'>): string => version.padStart(20, '0');
