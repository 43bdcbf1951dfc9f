// Publish and PublishBatch.
import type {
  BatchResultErrorEntry,
  PublishBatchCommandInput,
  PublishBatchResultEntry,
  PublishCommandInput,
} from '@aws-sdk/client-sns';

import { AwsError } from '../../kernel/errors.ts';
import type { Call } from '../../kernel/service.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import { batchError, invalidParameter, kmsError, unsupported } from './errors.ts';
import { LARGEST_MESSAGE_BYTES, readDraft } from './message.ts';
import { isFifo } from './names.ts';
import { onTopic, type Sns } from './service.ts';
import type { Topic } from './topics.ts';

const MOST_ENTRIES = 10;

export function publishOperations(sns: Sns) {
  const { kernel, topics, publisher } = sns;

  return {
    Publish: {
      access: ({ TopicArn, TargetArn }: PublishCommandInput, call: Call) =>
        onTopic(sns, 'Publish', TopicArn ?? TargetArn, call),
      run: async (input: PublishCommandInput, call: Call) => {
        const { TopicArn, TargetArn } = input;
        if (TargetArn?.includes(':endpoint/')) throw unsupported('TargetArn', 'a push notification to a device');
        if (TopicArn !== undefined && TargetArn !== undefined) {
          throw invalidParameter('TopicArn or TargetArn Reason: no more than one of them may be given');
        }
        if (TopicArn === undefined && TargetArn === undefined) {
          throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
        }
        const topic = topics.require(TopicArn ?? TargetArn, call);
        const draft = readDraft(input, kindOf(topic));
        await askKms(sns, topic, call);
        return publisher.publish(topic, draft);
      },
    },
    PublishBatch: {
      access: ({ TopicArn }: PublishBatchCommandInput, call: Call) => onTopic(sns, 'Publish', TopicArn, call),
      run: async (input: PublishBatchCommandInput, call: Call) => {
        const entries = input.PublishBatchRequestEntries ?? [];
        const topic = topics.require(input.TopicArn, call);
        checkBatch(entries);
        await askKms(sns, topic, call);
        const Successful: PublishBatchResultEntry[] = [];
        const Failed: BatchResultErrorEntry[] = [];
        kernel.store.transaction(() => {
          for (const { Id, ...entry } of entries) {
            try {
              Successful.push({ Id, ...publisher.publish(topic, readDraft(entry, kindOf(topic))) });
            } catch (error) {
              if (!(error instanceof AwsError)) throw error;
              Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
            }
          }
        });
        return { Successful, Failed };
      },
    },
  };
}

const kindOf = ({ arn, attributes }: Topic) => ({
  fifo: isFifo(arn),
  contentBased: attributes['ContentBasedDeduplication'] === 'true',
});

function checkBatch(entries: NonNullable<PublishBatchCommandInput['PublishBatchRequestEntries']>): void {
  if (entries.length === 0) throw batchError('EmptyBatchRequest');
  if (entries.length > MOST_ENTRIES) throw batchError('TooManyEntriesInBatchRequest');
  if (entries.some(({ Id = '' }) => !/^[\w-]{1,80}$/.test(Id))) throw batchError('InvalidBatchEntryId');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) throw batchError('BatchEntryIdsNotDistinct');
  const bytes = entries.reduce((sum, { Message = '' }) => sum + Buffer.byteLength(Message), 0);
  if (bytes > LARGEST_MESSAGE_BYTES) throw batchError('BatchRequestTooLong');
}

// Whoever publishes to an encrypted topic needs the key.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
async function askKms({ kernel }: Sns, { arn, attributes }: Topic, call: Call): Promise<void> {
  const key = attributes['KmsMasterKeyId'];
  if (key === undefined) return;
  const kms = kmsFor(kernel, 'sns', call);
  const EncryptionContext = { 'aws:sns:topicArn': arn };
  try {
    const { CiphertextBlob } = await kms('GenerateDataKey', { KeyId: key, KeySpec: 'AES_256', EncryptionContext });
    await kms('Decrypt', { CiphertextBlob, EncryptionContext });
  } catch (error) {
    throw error instanceof AwsError ? kmsError(error) : error;
  }
}
