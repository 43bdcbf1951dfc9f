// Parameters and their versions, and how a request names one.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm';

import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { notFound, reservedName, tooManyLevels, validation, versionNotFound } from './errors.ts';
import type { ParameterPolicy } from './policies.ts';
import type { SecureValue } from './secure-values.ts';

export interface Version {
  readonly number: number;
  readonly type: ParameterType;
  readonly value: string | SecureValue;
  /** As the customer named it, for a SecureString. */
  readonly keyId?: string | undefined;
  readonly description?: string | undefined;
  readonly allowedPattern?: string | undefined;
  readonly tier: ParameterTier;
  readonly policies?: readonly ParameterPolicy[] | undefined;
  readonly dataType: string;
  readonly modifiedAt: number;
  /** The ARN of who put it. */
  readonly modifiedBy: string;
  labels: string[];
}

export interface Parameter {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  tags: Record<string, string>;
  /** The newest one last; at most a hundred. */
  versions: Version[];
}

type Place = Pick<Call, 'region' | 'account'>;

/** A name or an ARN, and the version or label behind its colon. */
export interface Reference {
  readonly name: string;
  readonly selector: string | undefined;
}

const LEVELS_LIMIT = 15;
const LONGEST_NAME = 1011;

export class Parameters {
  readonly #parameters: Collection<Parameter>;

  constructor(store: Store) {
    this.#parameters = store.collection<Parameter>('ssm.parameters');
  }

  find({ region }: Place, name: string): Parameter | undefined {
    return this.#parameters.get(`${region}|${name}`);
  }

  require(place: Place, name: string): Parameter {
    const parameter = this.find(place, name);
    if (!parameter) throw notFound();
    return parameter;
  }

  save(parameter: Parameter): void {
    this.#parameters.put(`${parameter.region}|${parameter.name}`, parameter);
  }

  delete({ region, name }: Parameter): void {
    this.#parameters.delete(`${region}|${name}`);
  }

  /** In the order of their names. */
  list(region?: string, prefix = ''): Parameter[] {
    return this.#parameters
      .list(region === undefined ? {} : { prefix: `${region}|${prefix}` })
      .map(({ value }) => value);
  }
}

export const latest = ({ versions }: Parameter): Version => versions.at(-1)!;

/** The version that a selector names, a number or a label; the newest one without. */
export function requireVersion(parameter: Parameter, selector: string | undefined): Version {
  if (selector === undefined) return latest(parameter);
  const found = parameter.versions.find(
    ({ number, labels }) => String(number) === selector || labels.includes(selector),
  );
  if (!found) throw versionNotFound(parameter.name, selector);
  return found;
}

export const arnOf = ({ region, account }: Place, name: string): string =>
  `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;

/** Reads what a request gives as a name; an ARN's path is a name with its slash, unless only the plain one exists. */
export function referenceOf(place: Place, text: string, isThere: (name: string) => boolean): Reference {
  const [, path] = /^arn:aws:ssm:[^:]*:\d{12}:parameter(\/.+)$/.exec(text) ?? [];
  const [name, selector] = splitSelector(path ?? text);
  if (path === undefined || isThere(name) || name.indexOf('/', 1) > 0) return { name, selector };
  return { name: isThere(name.slice(1)) ? name.slice(1) : name, selector };
}

/** Refuses names that Parameter Store refuses. */
export function requireName(name: string): string {
  const shape = /^[\w./-]+$/.test(name) && !name.endsWith('/') && !name.includes('//') && name.length <= LONGEST_NAME;
  if (!shape) {
    throw validation(
      `Parameter name: can't be empty, end with a slash or have other characters than a-zA-Z0-9_.-/ in it, and is ${name}.`,
    );
  }
  if (name.includes('/') && !name.startsWith('/')) throw validation('Parameter name must be a fully qualified name.');
  if (/^\/aws(\/|$)/i.test(name)) throw reservedName(name);
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validation('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (name.split('/').length - 1 > LEVELS_LIMIT) throw tooManyLevels(LEVELS_LIMIT);
  return name;
}

function splitSelector(text: string): [name: string, selector?: string] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
}
