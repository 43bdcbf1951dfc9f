// How queues are named: by URL, under the endpoint that the client uses, and by ARN.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
import type { Call } from '../../kernel/service.ts';
import { queueNotFound } from './errors.ts';

type Place = Pick<Call, 'region' | 'account'>;

export const queueArn = ({ region, account }: Place, name: string): string =>
  `arn:aws:sqs:${region}:${account}:${name}`;

export const queueUrl = ({ endpoint, account }: Pick<Call, 'endpoint' | 'account'>, name: string): string =>
  `${endpoint}/${account}/${name}`;

/** The name in a queue's URL, whatever its host; a name alone will do, as in AWS. Throws where it is none of the account's. */
export function nameIn(url: string | undefined, { account }: Pick<Call, 'account'>): string {
  const [, owner = account, name] = /^(?:.*?\/)??(?:(\d{12})\/)?([\w-]{1,80}(?:\.fifo)?)\/?$/.exec(url ?? '') ?? [];
  if (name === undefined || owner !== account) throw queueNotFound();
  return name;
}
