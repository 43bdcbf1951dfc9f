// A cloud with KMS, people in it, and what its tests say of keys.
import { CreateKeyCommand, KMSClient, type CreateKeyCommandInput } from '@aws-sdk/client-kms';

import { startCloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { TestIdentity, type Keys } from '../iam/test-identity.ts';
import { sts } from '../sts/index.ts';
import { kms } from './index.ts';

export class TestKms extends TestIdentity {
  /** The administrator's, in us-east-1. */
  readonly client: KMSClient = new KMSClient(this.as());

  static override async start(): Promise<TestKms> {
    return new TestKms(await startCloud({ services: [iam, sts, kms] }));
  }

  kms(credentials: Keys): KMSClient {
    return new KMSClient(this.as(credentials));
  }

  /** Makes a key and answers its ARN. */
  async key(input: Partial<CreateKeyCommandInput> = {}): Promise<string> {
    return (await this.client.send(new CreateKeyCommand(input))).KeyMetadata!.Arn!;
  }
}

export const DAY = 86_400_000;
