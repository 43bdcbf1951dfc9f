// The queues, topics, buckets, functions and event buses that records of invocations can go to.
import type { Principal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';

export interface RecordTarget {
  readonly kind: 'sqs' | 'sns' | 'lambda' | 'events' | 's3';
  /** Empty for a bucket, as is the account. */
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

export interface SentRecord {
  /** JSON. */
  readonly text: string;
  readonly objectKey: string;
  /** As an event bus gets it. */
  readonly busEntry?: Readonly<Record<string, unknown>>;
}

const TARGET = /^arn:aws[\w-]*:(?:(sqs|sns|lambda|events):([a-z0-9-]+):(\d{12})|(s3)::):(.+)$/;

/** What an ARN names; undefined for anything that no record can go to. */
export function readTarget(arn: string): RecordTarget | undefined {
  const [found, kind, region = '', account = '', bucket, name = ''] = TARGET.exec(arn) ?? [];
  return found === undefined ? undefined : { kind: (kind ?? bucket) as RecordTarget['kind'], region, account, name };
}

/** A queue's URL, at this cloud. */
export const queueUrl = ({ endpoint }: Pick<Kernel, 'endpoint'>, { account, name }: RecordTarget): string =>
  `${endpoint()}/${account}/${name}`;

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
export function objectKey(folder: string, now: number): string {
  const [day, time] = new Date(now).toISOString().slice(0, 19).split('T') as [string, string];
  return `aws/lambda/${folder}/${day.replaceAll('-', '/')}/${day}T${time.replaceAll(':', '.')}-${uuid()}`;
}

/** Sends a record as somebody; `region` is a bucket's. Rejects where it cannot be sent. */
export function sendTo(
  kernel: Pick<Kernel, 'endpoint' | 'invoke'>,
  { principal, region }: { principal: Principal; region: string },
  arn: string,
  { text, objectKey: Key, busEntry }: SentRecord,
): Promise<unknown> {
  const target = readTarget(arn)!;
  const as = { principal, region: target.region || region };
  const { invoke } = kernel;
  switch (target.kind) {
    case 'sqs':
      return invoke('sqs', 'SendMessage', { QueueUrl: queueUrl(kernel, target), MessageBody: text }, as);
    case 'sns':
      return invoke('sns', 'Publish', { TopicArn: arn, Message: text }, as);
    case 's3':
      return invoke('s3', 'PutObject', { Bucket: target.name, Key, Body: Buffer.from(text) }, as);
    case 'lambda':
      return invoke('lambda', 'Invoke', { FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(text) }, as);
    case 'events':
      return invoke('events', 'PutEvents', { Entries: [{ ...busEntry, EventBusName: arn }] }, as);
  }
}
