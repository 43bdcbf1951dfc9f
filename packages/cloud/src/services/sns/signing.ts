// What proves that a notification is SNS's: a signature, made with the key whose certificate the cloud serves.
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

import type { Kernel } from '../../kernel/service.ts';
import type { WireAnswer, WireRequest } from '../../wire/message.ts';
import { selfSigned } from './certificate.ts';

interface StoredKey {
  /** PKCS #8, PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly serial: string;
}

/** What is signed, with the members in the order of their names. */
export type Signable = Readonly<
  Partial<
    Record<'Message' | 'MessageId' | 'Subject' | 'SubscribeURL' | 'Timestamp' | 'Token' | 'TopicArn' | 'Type', string>
  >
>;

export class Signing {
  readonly #kernel: Kernel;
  readonly #keys;
  #key: { readonly stored: StoredKey; readonly object: KeyObject } | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#keys = kernel.store.collection<StoredKey>('sns.signing');
  }

  /** Base64; version 1 is with SHA-1, version 2 with SHA-256. */
  sign(message: Signable, version: string): string {
    const members = Object.entries(message).filter(([, value]) => value !== undefined);
    const text = members
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .flat()
      .join('\n');
    return sign(version === '2' ? 'sha256' : 'sha1', Buffer.from(`${text}\n`), this.#own().object).toString('base64');
  }

  get certificateUrl(): string {
    return `${this.#kernel.endpoint()}${pathOf(this.#own().stored)}`;
  }

  /** The certificate; undefined where the request is for something else. */
  serve({ method, path }: WireRequest): Promise<WireAnswer> | undefined {
    if (method !== 'GET' || !path.startsWith('/SimpleNotificationService-')) return undefined;
    const { stored } = this.#own();
    if (path !== pathOf(stored)) return undefined;
    return Promise.resolve({
      status: 200,
      headers: { 'content-type': 'application/x-pem-file' },
      body: stored.certificate,
    });
  }

  // Made with the first notification, and kept: a certificate may be fetched long after a message was signed.
  #own() {
    if (this.#key) return this.#key;
    let stored = this.#keys.get('key');
    if (!stored) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const serial = randomBytes(16).toString('hex');
      const from = this.#kernel.clock.now() - DAY;
      stored = {
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
        certificate: selfSigned({ name: 'sns.amazonaws.com', privateKey, serial, from }),
        serial,
      };
      this.#keys.put('key', stored);
    }
    return (this.#key = { stored, object: createPrivateKey(stored.key) });
  }
}

/** A client's clock may be behind. */
const DAY = 86_400_000;

const pathOf = ({ serial }: StoredKey): string => `/SimpleNotificationService-${serial}.pem`;
