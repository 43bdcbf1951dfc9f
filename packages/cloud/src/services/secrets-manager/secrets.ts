// Secrets: what they are, which are there, and how a request names one.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
import { alphanumeric } from '../../kernel/ids.ts';
import type { Call } from '../../kernel/service.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import type { Envelope } from '../kms/envelope.ts';
import { markedForDeletion, notFound, validation } from './errors.ts';

/** A value under a KMS key. */
export interface SealedValue extends Envelope {
  readonly form: 'string' | 'binary';
  /** The key is the account's `alias/aws/secretsmanager`. */
  readonly byDefault?: true;
}

export interface Version {
  readonly id: string;
  readonly createdAt: number;
  /** A version that a rotation began has none until the rotation function puts one. */
  value?: SealedValue;
  /** A version without any is deprecated. */
  stages: string[];
  accessedAt?: number;
}

export interface Rotation {
  readonly functionArn: string;
  readonly days?: number | undefined;
  readonly schedule?: string | undefined;
  readonly duration?: string | undefined;
  nextAt?: number | undefined;
  /** It was cancelled: what it was is kept, and can be switched on again. */
  readonly off?: true;
}

/** A secret's replica in another region. */
export interface Replica {
  readonly region: string;
  /** Undefined for that region's `alias/aws/secretsmanager`. */
  readonly kmsKeyId?: string;
  readonly status: 'InProgress' | 'InSync' | 'Failed';
  readonly message?: string;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly createdAt: number;
  changedAt: number;
  description?: string | undefined;
  /** As the customer named it; undefined for the account's `alias/aws/secretsmanager`. */
  kmsKeyId?: string | undefined;
  tags: Record<string, string>;
  policy?: string | undefined;
  /** When a secret that is to be deleted goes, on the cloud's clock. */
  deletesAt?: number | undefined;
  rotation?: Rotation | undefined;
  rotatedAt?: number | undefined;
  /** The oldest first. */
  versions: Version[];
  replicas?: readonly Replica[] | undefined;
  /** Of a replica: where what it follows is. */
  primaryRegion?: string | undefined;
}

export class Secrets {
  /** To be told of each secret that was made or changed. */
  onSave = () => {};
  readonly #secrets: Collection<Secret>;

  constructor(store: Store) {
    this.#secrets = store.collection<Secret>('secretsmanager.secrets');
  }

  /** A secret by its name, its ARN, or its ARN without the random end. */
  find({ region, account }: Pick<Call, 'region' | 'account'>, id: string): Secret | undefined {
    if (!id.startsWith('arn:')) return this.#secrets.get(`${region}|${id}`);
    const prefix = `arn:aws:secretsmanager:${region}:${account}:secret:`;
    if (!id.startsWith(prefix)) return undefined;
    const name = id.slice(prefix.length);
    const whole = this.#secrets.get(`${region}|${name.replace(SUFFIX, '')}`);
    return whole?.arn === id ? whole : this.#secrets.get(`${region}|${name}`);
  }

  require(call: Pick<Call, 'region' | 'account'>, id: string | undefined): Secret {
    const secret = this.find(call, id ?? '');
    if (!secret) throw notFound();
    return secret;
  }

  /** One that is not about to be deleted. */
  requireLive(call: Pick<Call, 'region' | 'account'>, id: string | undefined): Secret {
    const secret = this.require(call, id);
    if (secret.deletesAt !== undefined) throw markedForDeletion();
    return secret;
  }

  save(secret: Secret): void {
    this.#secrets.put(`${secret.region}|${secret.name}`, secret);
    this.onSave();
  }

  delete({ region, name }: Secret): void {
    this.#secrets.delete(`${region}|${name}`);
  }

  list(region?: string): Secret[] {
    return this.#secrets.list(region === undefined ? {} : { prefix: `${region}|` }).map(({ value }) => value);
  }
}

const SUFFIX = /-[0-9A-Za-z]{6}$/;

const LONGEST_NAME = 512;

export function newArn({ region, account }: Pick<Call, 'region' | 'account'>, name: string): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${alphanumeric(6)}`;
}

export function requireName(name: string | undefined): string {
  if (name && /^[\w/+=.@!-]+$/.test(name) && name.length <= LONGEST_NAME) return name;
  throw validation(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}
