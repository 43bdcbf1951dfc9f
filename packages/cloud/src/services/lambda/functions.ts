// Functions, their versions and aliases, as the cloud keeps them.
import { randomInt } from 'node:crypto';

import type { Kernel } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { Code } from './code.ts';
import { functionNotFound, notFound } from './errors.ts';
import { functionArn, LATEST, readName } from './names.ts';
import type { Policy } from './policy.ts';
import type { Settings } from './settings.ts';

/** One state of a function: `$LATEST`, which changes, or a published version, which never does. */
export interface Version {
  readonly version: string;
  readonly revisionId: string;
  /** Milliseconds on the cloud's clock. */
  readonly modifiedAt: number;
  readonly settings: Settings;
  readonly code: Code;
}

export interface Alias {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly revisionId: string;
  /** Further versions and the share of invocations that each gets, between 0 and 1. */
  readonly weights: Readonly<Record<string, number>>;
}

export interface EventInvokeConfig {
  readonly modifiedAt: number;
  readonly maximumRetryAttempts: number | undefined;
  readonly maximumEventAgeSeconds: number | undefined;
  readonly onSuccess: string | undefined;
  readonly onFailure: string | undefined;
}

export interface UrlConfig {
  readonly id: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly authType: 'AWS_IAM' | 'NONE';
  readonly cors: Cors | undefined;
}

/** In the API's own spelling: it is stored and answered. */
export interface Cors {
  readonly AllowCredentials?: boolean | undefined;
  readonly AllowHeaders?: string[] | undefined;
  readonly AllowMethods?: string[] | undefined;
  readonly AllowOrigins?: string[] | undefined;
  readonly ExposeHeaders?: string[] | undefined;
  readonly MaxAge?: number | undefined;
}

/** What belongs to a function or to one of its qualifiers: under `$LATEST` where none is named. */
export type ByQualifier<T> = Readonly<Record<string, T>>;

export interface LambdaFunction {
  readonly name: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly latest: Version;
  /** The published ones, oldest first. */
  readonly versions: readonly Version[];
  readonly lastVersion: number;
  readonly aliases: readonly Alias[];
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrency: number | undefined;
  readonly policies: ByQualifier<Policy>;
  readonly eventInvokes: ByQualifier<EventInvokeConfig>;
  readonly urls: ByQualifier<UrlConfig>;
}

/** A function as a request means it: with the version that runs and the ARN by which it was asked for. */
export interface Target {
  readonly fn: LambdaFunction;
  readonly version: Version;
  readonly qualifier: string | undefined;
}

interface Place {
  readonly region: string;
  readonly account: string;
}

/** Where a function's policies and settings for a qualifier are kept. */
export const keyOfQualifier = (qualifier: string | undefined): string => qualifier ?? LATEST;

export class Functions {
  readonly #functions: Collection<LambdaFunction>;
  readonly #account: string;
  readonly #store: Store;

  constructor({ store, account }: Pick<Kernel, 'store' | 'account'>) {
    this.#store = store;
    this.#functions = store.collection<LambdaFunction>('lambda.functions');
    this.#account = account;
  }

  find(region: string, name: string): LambdaFunction | undefined {
    return this.#functions.get(`${region}|${name}`);
  }

  require(place: Place, name: string): LambdaFunction {
    const found = this.find(place.region, name);
    if (!found) throw functionNotFound(functionArn(place, name));
    return found;
  }

  /** The function that an API request names, whatever qualifier it has. */
  named(place: Place, text: string | undefined): LambdaFunction {
    return this.require(place, readName(place, text).name);
  }

  /** The function and version that a name and a qualifier stand for; an alias with weights decides anew each time. */
  target(place: Place, text: string | undefined, asked?: string): Target {
    const { name, qualifier } = readName(place, text, asked);
    const fn = this.require(place, name);
    const version = findVersion(fn, qualifier);
    if (!version) throw functionNotFound(functionArn(place, name, qualifier));
    return { fn, version, qualifier };
  }

  save(fn: LambdaFunction): void {
    this.#functions.put(`${fn.region}|${fn.name}`, fn);
  }

  delete(fn: LambdaFunction): void {
    this.#functions.delete(`${fn.region}|${fn.name}`);
  }

  /** Functions of a region by name, or of all. */
  list(region?: string): LambdaFunction[] {
    return this.#functions.list(region === undefined ? {} : { prefix: `${region}|` }).map(({ value }) => value);
  }

  arnOf(region: string, name: string, qualifier?: string): string {
    return functionArn({ region, account: this.#account }, name, qualifier);
  }

  transaction<T>(work: () => T): T {
    return this.#store.transaction(work);
  }
}

/** The version that a qualifier stands for now. */
export function findVersion(fn: LambdaFunction, qualifier: string | undefined): Version | undefined {
  if (qualifier === undefined || qualifier === LATEST) return fn.latest;
  const alias = fn.aliases.find(({ name }) => name === qualifier);
  const number = alias ? route(alias) : qualifier;
  return number === LATEST ? fn.latest : fn.versions.find(({ version }) => version === number);
}

export function requireAlias(fn: LambdaFunction, name: string | undefined): Alias {
  const alias = fn.aliases.find((one) => one.name === name);
  if (!alias) throw notFound(`Cannot find alias arn: ${fn.arn}:${name}`);
  return alias;
}

/** Every state of the function, `$LATEST` first. */
export const allVersions = (fn: LambdaFunction): Version[] => [fn.latest, ...fn.versions];

const SHARES = 1_000_000;

function route({ version, weights }: Alias): string {
  let rest = randomInt(SHARES) / SHARES;
  for (const [other, weight] of Object.entries(weights)) {
    if (rest < weight) return other;
    rest -= weight;
  }
  return version;
}
