// What SNS's tests share: a cloud with queues and functions that only listen, and ways to see what they were told.
import { createVerify, X509Certificate } from 'node:crypto';

import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
  type PublishCommandInput,
  type SubscribeCommandInput,
} from '@aws-sdk/client-sns';

import { startCloud, type Cloud } from '../../cloud.ts';
import type { AwsError } from '../../kernel/errors.ts';
import type { Measurement } from '../../kernel/feed.ts';
import type { Call, Service } from '../../kernel/service.ts';
import { iam } from '../iam/index.ts';
import { sns } from './index.ts';

export const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:letters';
export const DEAD = 'arn:aws:sqs:us-east-1:000000000000:dead';
export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:reader';

export interface Told {
  readonly QueueUrl?: string;
  readonly MessageBody?: string;
  readonly MessageAttributes?: object;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly Payload?: Uint8Array;
  readonly InvocationType?: string;
}

/** A notification, a confirmation or a mail, parsed. */
export interface Notification {
  readonly [member: string]: string;
}

export class TestSns {
  /** What queues and functions were told. */
  readonly told: { readonly input: Told; readonly call: Call }[] = [];
  readonly measured: Measurement[] = [];
  /** Why queues, but for `dead`, and functions take nothing now. */
  failure: AwsError | undefined;
  attempts = 0;
  readonly services = [iam, sns, this.#standIn('sqs', 'SendMessage'), this.#standIn('lambda', 'Invoke')];
  #cloud: Cloud | undefined;
  #client: SNSClient | undefined;
  #names = 0;

  get cloud(): Cloud {
    return this.#cloud!;
  }

  get client(): SNSClient {
    return this.#client!;
  }

  static clientOf({ endpoint, credentials }: Cloud): SNSClient {
    return new SNSClient({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 });
  }

  async start(): Promise<void> {
    this.#cloud = await startCloud({ services: this.services });
    this.#client = TestSns.clientOf(this.cloud);
    this.cloud.kernel.measurements.subscribe((measurement) => void this.measured.push(measurement));
  }

  /** Forgets what was told, and lets everything through again. */
  clear(): void {
    this.told.length = 0;
    this.measured.length = 0;
    this.failure = undefined;
    this.attempts = 0;
  }

  async topic(Attributes: Record<string, string> = {}, Name = `topic-${++this.#names}`): Promise<string> {
    return (await this.client.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn!;
  }

  async subscribe(TopicArn: string, more: Partial<SubscribeCommandInput> = {}): Promise<string> {
    const input = { TopicArn, Protocol: 'sqs', Endpoint: QUEUE, ReturnSubscriptionArn: true, ...more };
    return (await this.client.send(new SubscribeCommand(input))).SubscriptionArn!;
  }

  publish(TopicArn: string, Message = 'hello', more: Partial<PublishCommandInput> = {}) {
    return this.client.send(new PublishCommand({ TopicArn, Message, ...more }));
  }

  bodies(): string[] {
    return this.told.map(({ input }) => input.MessageBody!);
  }

  /** The next mail to an address, once there are so many. */
  async mailTo(address: string, count = 1): Promise<Notification> {
    for (;;) {
      const found = (await this.#mails()).filter(({ to }) => to === address);
      if (found.length >= count) return found[count - 1]!;
    }
  }

  /** Checks a notification or a confirmation as AWS says a subscriber should. */
  async isGenuine(message: Notification): Promise<boolean> {
    const members =
      message['Type'] === 'Notification'
        ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
    const text = members.filter((name) => message[name] !== undefined).map((name) => `${name}\n${message[name]}\n`);
    const certificate = new X509Certificate(await (await fetch(message['SigningCertURL']!)).text());
    if (certificate.subject !== 'CN=sns.amazonaws.com' || !certificate.verify(certificate.publicKey)) return false;
    return createVerify(message['SignatureVersion'] === '2' ? 'sha256' : 'sha1')
      .update(text.join(''))
      .verify(certificate.publicKey, message['Signature']!, 'base64');
  }

  async #mails(): Promise<Notification[]> {
    const { endpoint, token } = this.cloud;
    const answer = await fetch(`${endpoint}/_plinth/inbox`, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.text()).split('\n').flatMap((line) => (line ? [JSON.parse(line) as Notification] : []));
  }

  /** Stands in for a service that is told something. */
  #standIn(name: string, operation: string): () => Service {
    return () => ({
      name,
      client: name,
      resources: [],
      operations: {
        [operation]: {
          access: () => [],
          run: (input: Told, call: Call) => {
            this.attempts++;
            if (this.failure && !input.QueueUrl?.endsWith('/dead')) throw this.failure;
            this.told.push({ input, call });
            return {};
          },
        },
      },
    });
  }
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Long enough for what must not arrive. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
