// Queues under a KMS key: it is asked as the caller, and a data key serves for as long as the queue says.
// The bytes lie in the cloud's store either way, readable by its owner alone; KMS decides who gets in and who gets them back.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
import { AwsError } from '../../kernel/errors.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import { numberOf } from './attributes.ts';
import { fromKms } from './errors.ts';
import type { Queue } from './queue.ts';

interface Used {
  readonly dataKey: string;
  readonly until: number;
}

export class DataKeys {
  readonly #kernel: Kernel;
  /** Data keys that somebody may use without asking KMS again, by who and what. */
  readonly #used = new Map<string, Used>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A data key for what the caller sends; undefined for a queue without a key of KMS. */
  forSending(queue: Queue, call: Call): Promise<string> | undefined {
    const KeyId = queue.record.attributes['KmsMasterKeyId'];
    if (KeyId === undefined) return undefined;
    return this.#once(queue, call, `send ${KeyId}`, async (kms, EncryptionContext) => {
      const { CiphertextBlob } = await kms('GenerateDataKey', { KeyId, KeySpec: 'AES_256', EncryptionContext });
      // As AWS does, to see that the new key is whole: a sender needs both permissions.
      await kms('Decrypt', { CiphertextBlob, EncryptionContext });
      return CiphertextBlob.toString('base64');
    });
  }

  /** Refuses to go on with a message that the caller may not decrypt. */
  async requireReadable(queue: Queue, dataKey: string, call: Call): Promise<void> {
    await this.#once(queue, call, `receive ${dataKey}`, async (kms, EncryptionContext) => {
      await kms('Decrypt', { CiphertextBlob: Buffer.from(dataKey, 'base64'), EncryptionContext });
      return dataKey;
    });
  }

  async #once(
    { record }: Queue,
    call: Call,
    what: string,
    ask: (kms: ReturnType<typeof kmsFor>, context: Record<string, string>) => Promise<string>,
  ): Promise<string> {
    const key = `${record.id} ${call.principal.id} ${what}`;
    const used = this.#used.get(key);
    if (used && used.until > call.now) return used.dataKey;
    this.#forgetBefore(call.now);
    try {
      const dataKey = await ask(kmsFor(this.#kernel, 'sqs', call), { 'aws:sqs:arn': record.arn });
      const until = call.now + numberOf(record.attributes, 'KmsDataKeyReusePeriodSeconds') * 1_000;
      this.#used.set(key, { dataKey, until });
      return dataKey;
    } catch (error) {
      if (error instanceof AwsError && error.status < 500) throw fromKms(error);
      throw error;
    }
  }

  #forgetBefore(now: number): void {
    for (const [key, { until }] of this.#used) if (until <= now) this.#used.delete(key);
  }
}
