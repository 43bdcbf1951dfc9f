// S3 as a build's role sees it.
import { buffer } from 'node:stream/consumers';

import type { Body, Kernel, SessionCredentials } from '../../kernel/service.ts';
import type { Build } from './builds.ts';

export interface S3Place {
  readonly bucket: string;
  readonly key: string;
}

/** What a build, or the batch that reads its buildspec, needs of itself to reach S3. */
export type Builder = Pick<Build, 'settings' | 'region'>;

export class BuildS3 {
  readonly #invoke: <Output>(operation: string, input: object) => Promise<Output>;
  readonly #settings: Build['settings'];

  constructor(kernel: Kernel, { settings, region }: Builder, { principal }: SessionCredentials) {
    this.#invoke = (operation, input) => kernel.invoke('s3', operation, input, { principal, region });
    this.#settings = settings;
  }

  async get({ bucket, key }: S3Place, version?: string): Promise<Uint8Array> {
    const { Body } = await this.#invoke<{ Body: Body }>('GetObject', {
      Bucket: bucket,
      Key: key,
      VersionId: version,
    });
    return Body instanceof Uint8Array ? Body : buffer(Body);
  }

  /** Every key that begins with the place's, with the moment at which it was written, in milliseconds. */
  async list({ bucket, key }: S3Place): Promise<{ key: string; at: number }[]> {
    const found: { key: string; at: number }[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await this.#invoke<{
        Contents?: { Key: string; LastModified: Date }[];
        NextContinuationToken?: string;
      }>('ListObjectsV2', { Bucket: bucket, Prefix: key, ContinuationToken });
      found.push(...(page.Contents ?? []).map(({ Key, LastModified }) => ({ key: Key, at: LastModified.getTime() })));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found;
  }

  /** Under the project's own KMS key, where it has one, unless this is to lie open. */
  async put({ bucket, key }: S3Place, body: Uint8Array, open = false): Promise<void> {
    const { encryptionKey } = this.#settings;
    const encryption =
      open || !encryptionKey || encryptionKey.endsWith(':alias/aws/s3')
        ? {}
        : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryptionKey };
    await this.#invoke('PutObject', { Bucket: bucket, Key: key, Body: body, ...encryption });
  }
}
