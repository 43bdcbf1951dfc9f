// What tests of CloudWatch Logs share: a cloud with a client, and lines put into groups.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';

import { startCloud, type Cloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import type { ServiceFactory } from '../index.ts';
import { logs } from './index.ts';

export interface TestLogs {
  readonly cloud: Cloud;
  readonly client: CloudWatchLogsClient;
}

export async function startLogs(...services: readonly ServiceFactory[]): Promise<TestLogs> {
  const cloud = await startCloud({ services: [iam, logs, ...services] });
  const { endpoint, credentials } = cloud;
  return { cloud, client: new CloudWatchLogsClient({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 }) };
}

/** A new group whose stream `stream` holds the messages, a second apart, the last one now. Answers when the first one was. */
export async function groupWith({ cloud, client }: TestLogs, logGroupName: string, messages: readonly string[]) {
  const logStreamName = 'stream';
  await client.send(new CreateLogGroupCommand({ logGroupName }));
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const first = cloud.clock.now() - (messages.length - 1) * 1_000;
  const logEvents = messages.map((message, index) => ({ message, timestamp: first + index * 1_000 }));
  if (messages.length > 0) await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  return first;
}
