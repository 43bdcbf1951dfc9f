// What happens to objects, told to whom a bucket's notification configuration names: queues, topics, functions, EventBridge.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
import type { NotificationConfiguration } from '@aws-sdk/client-s3';

import { AwsError } from '../../kernel/errors.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { Bucket } from './buckets.ts';
import { bridgeEvent, eventKey, notificationRecord } from './event-records.ts';
import type { Entry } from './objects.ts';

/** One thing that happened to one object. */
export interface Happening {
  /** Without `s3:`, e.g. `ObjectCreated:Put`. */
  readonly name: string;
  readonly entry: Pick<Entry, 'id' | 'key' | 'version' | 'size' | 'etag' | 'marker' | 'about'>;
}

/** Who did it; undefined for S3's own work, such as a lifecycle rule's. */
export type Doer = Pick<Call, 'requestId' | 'principal' | 'now' | 'operation'> | undefined;

/** One rule of a notification configuration. */
export interface Destination {
  readonly id: string;
  readonly arn: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

interface Delivery {
  readonly bucket: string;
  readonly region: string;
  readonly arn: string;
  /** JSON. */
  readonly message: string;
  readonly startedAt: number;
  readonly attempts: number;
}

const LONGEST_DELIVERY_MILLISECONDS = 86_400_000;
const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 900_000;

export class BucketEvents {
  readonly #kernel: Kernel;
  readonly #deliveries: Collection<Delivery>;
  #stopped = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#deliveries = kernel.store.collection('s3.deliveries');
  }

  /** Tells whoever wants to know; kept until they have been told. */
  publish(bucket: Bucket, happening: Happening, doer: Doer): void {
    const { notification } = bucket.settings;
    if (!notification) return;
    const { clock, account, events } = this.#kernel;
    const now = doer?.now ?? clock.now();
    if (notification.EventBridgeConfiguration && events.listened) {
      const event = bridgeEvent(bucket, happening, doer, account);
      if (event) events.publish(event);
    }
    for (const destination of destinationsOf(notification)) {
      if (!wants(destination, happening)) continue;
      const message = JSON.stringify({
        Records: [notificationRecord(bucket, happening, doer, { ...destination, now, account })],
      });
      const { name, region } = bucket;
      const id = uuid();
      this.#deliveries.put(id, { bucket: name, region, arn: destination.arn, message, startedAt: now, attempts: 0 });
      setImmediate(() => void this.#deliver(id));
    }
  }

  /** Asks every destination of a configuration whether S3 may tell it. Throws S3's error for one that it may not. */
  async check(bucket: Bucket, configuration: NotificationConfiguration): Promise<void> {
    const test = {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: new Date(this.#kernel.clock.now()).toISOString(),
      Bucket: bucket.name,
      RequestId: uuid(),
      HostId: uuid(),
    };
    for (const { arn } of destinationsOf(configuration)) {
      const functionOnly = arn.startsWith('arn:aws:lambda:');
      try {
        await this.#tell(bucket, arn, functionOnly ? undefined : JSON.stringify(test));
      } catch (error) {
        if (error instanceof AwsError) throw unreachable(arn, error);
        throw error;
      }
    }
  }

  /** Takes up the deliveries that a stopped or killed cloud left. */
  resume(): void {
    for (const { key } of this.#deliveries.list()) void this.#deliver(key);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #deliver(id: string): Promise<void> {
    const delivery = this.#stopped ? undefined : this.#deliveries.get(id);
    if (!delivery) return;
    const { bucket: name, region, arn, message, startedAt, attempts } = delivery;
    try {
      await this.#tell({ name, region }, arn, message);
      if (!this.#stopped) this.#deliveries.delete(id);
    } catch (error) {
      if (this.#stopped) return;
      const { clock, log } = this.#kernel;
      const wait = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** attempts, LONGEST_RETRY_MILLISECONDS);
      if (clock.now() + wait > startedAt + LONGEST_DELIVERY_MILLISECONDS) {
        log('s3.notification-dropped', { bucket: name, destination: arn, reason: (error as Error).message });
        this.#deliveries.delete(id);
        return;
      }
      this.#deliveries.put(id, { ...delivery, attempts: attempts + 1 });
      clock.at(clock.now() + wait, () => this.#deliver(id));
    }
  }

  /** Without a message, a function is only asked whether it may be invoked. */
  #tell(bucket: Pick<Bucket, 'name' | 'region'>, arn: string, message: string | undefined): Promise<unknown> {
    const { account, endpoint, invoke } = this.#kernel;
    const [, , service = '', region = '', , name = ''] = arn.split(':');
    const as = {
      principal: servicePrincipal(account, 's3.amazonaws.com'),
      region,
      sourceArn: `arn:aws:s3:::${bucket.name}`,
    };
    switch (service) {
      case 'sqs':
        return invoke('sqs', 'SendMessage', { QueueUrl: `${endpoint()}/${account}/${name}`, MessageBody: message }, as);
      case 'sns':
        return invoke('sns', 'Publish', { TopicArn: arn, Message: message, Subject: 'Amazon S3 Notification' }, as);
      default: {
        const event =
          message === undefined
            ? { InvocationType: 'DryRun' }
            : { InvocationType: 'Event', Payload: Buffer.from(message) };
        return invoke('lambda', 'Invoke', { FunctionName: arn, ...event }, as);
      }
    }
  }
}

export function destinationsOf(configuration: NotificationConfiguration): Destination[] {
  const { QueueConfigurations = [], TopicConfigurations = [], LambdaFunctionConfigurations = [] } = configuration;
  return [
    ...QueueConfigurations.map((one) => ({ ...one, arn: one.QueueArn! })),
    ...TopicConfigurations.map((one) => ({ ...one, arn: one.TopicArn! })),
    ...LambdaFunctionConfigurations.map((one) => ({ ...one, arn: one.LambdaFunctionArn! })),
  ].map(({ Id, Events, Filter, arn }) => {
    const rules = Filter?.Key?.FilterRules ?? [];
    const valueOf = (wanted: string) => rules.find(({ Name }) => Name?.toLowerCase() === wanted)?.Value ?? '';
    return { id: Id ?? '', arn, events: Events ?? [], prefix: valueOf('prefix'), suffix: valueOf('suffix') };
  });
}

function wants({ events, prefix, suffix }: Destination, { name, entry }: Happening): boolean {
  // Filters may spell a key as events do.
  const spellings = [entry.key, eventKey(entry.key)];
  if (!spellings.some((key) => key.startsWith(prefix)) || !spellings.some((key) => key.endsWith(suffix))) return false;
  return events.some((event) => {
    const wanted = event.replace(/^s3:/, '');
    return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
  });
}

const unreachable = (arn: string, { message }: AwsError): AwsError =>
  new AwsError('InvalidArgument', `Unable to validate the following destination configurations: ${arn}: ${message}`, {
    members: { ArgumentName: arn, ArgumentValue: message },
  });
