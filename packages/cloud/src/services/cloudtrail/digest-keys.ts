// The keys that sign digest files: one for each region and year, of which everybody may have the public half.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
import { createHash, createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';

import type { PublicKey } from '@aws-sdk/client-cloudtrail';

import type { Collection, Store } from '../../kernel/store.ts';

interface DigestKey {
  /** PEM. */
  readonly privateKey: string;
  /** Milliseconds on the cloud's clock. */
  readonly from: number;
  readonly to: number;
}

export interface Signature {
  /** In hexadecimal digits, as digest files have it. */
  readonly text: string;
  readonly fingerprint: string;
}

export const SIGNATURE_ALGORITHM = 'SHA256withRSA';

const KEY_BITS = 2_048;

const VALID_MILLISECONDS = 365 * 86_400_000;

export class DigestKeys {
  readonly #keys: Collection<DigestKey>;

  constructor(store: Store) {
    this.#keys = store.collection('cloudtrail.digest-keys');
  }

  /** Signs with the key of a region and moment; `textOf` is told by which key. */
  async sign(region: string, now: number, textOf: (fingerprint: string) => string): Promise<Signature> {
    const key = this.#at(region, now) ?? (await this.#make(region, now));
    const fingerprint = fingerprintOf(publicDer(key));
    return { fingerprint, text: sign('sha256', Buffer.from(textOf(fingerprint)), key.privateKey).toString('hex') };
  }

  /** The public halves of those that are valid at some moment between the two. */
  list(region: string, from: number, to: number): PublicKey[] {
    return this.#ofRegion(region)
      .filter((key) => key.from <= to && key.to >= from)
      .map((key) => {
        const Value = publicDer(key);
        return {
          Value,
          ValidityStartTime: new Date(key.from),
          ValidityEndTime: new Date(key.to),
          Fingerprint: fingerprintOf(Value),
        };
      });
  }

  async #make(region: string, now: number): Promise<DigestKey> {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
    // Somebody else may have made one meanwhile.
    const other = this.#at(region, now);
    if (other) return other;
    const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const key: DigestKey = { privateKey: pem, from: now, to: now + VALID_MILLISECONDS };
    this.#keys.put(`${region}|${now}`, key);
    return key;
  }

  #at(region: string, now: number): DigestKey | undefined {
    return this.#ofRegion(region).findLast(({ from, to }) => from <= now && now < to);
  }

  #ofRegion(region: string): DigestKey[] {
    return this.#keys.list({ prefix: `${region}|` }).map(({ value }) => value);
  }
}

const publicDer = ({ privateKey }: DigestKey): Buffer =>
  createPublicKey(privateKey).export({ type: 'pkcs1', format: 'der' });

const fingerprintOf = (der: Buffer): string => createHash('md5').update(der).digest('hex');
