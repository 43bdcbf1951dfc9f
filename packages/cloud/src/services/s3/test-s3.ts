// A cloud with S3, and clients of it, for tests.
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

import { startCloud, type Cloud, type CloudOptions } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { sts } from '../sts/index.ts';
import { s3 } from './index.ts';

export interface TestS3 {
  readonly cloud: Cloud;
  /** The administrator's, in us-east-1. */
  readonly client: S3Client;
  clientFor(config: S3ClientConfig): S3Client;
  /** A bucket's name that no other test has. */
  name(): string;
  stop(): Promise<void>;
}

export async function startS3(options: CloudOptions = {}): Promise<TestS3> {
  const cloud = await startCloud({ services: [sts, iam, s3], ...options });
  const clients: S3Client[] = [];
  const clientFor = (config: S3ClientConfig): S3Client => {
    const client = new S3Client({
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      credentials: cloud.credentials,
      forcePathStyle: true,
      ...config,
    });
    clients.push(client);
    return client;
  };
  let names = 0;
  return {
    cloud,
    client: clientFor({}),
    clientFor,
    name: () => `test-bucket-${++names}`,
    stop: async () => {
      for (const client of clients) client.destroy();
      await cloud.stop();
    },
  };
}

/** The error that a call ends with, as a client sees it; a call that succeeds is a failure. */
export async function errorOf(
  call: Promise<unknown>,
): Promise<{ code: string; status: number | undefined; message: string }> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { code: name, status: $metadata?.httpStatusCode, message };
  }
  throw new Error('the call was expected to fail');
}

/** An error's code and status. */
export async function codeOf(call: Promise<unknown>): Promise<[code: string, status: number | undefined]> {
  const { code, status } = await errorOf(call);
  return [code, status];
}
