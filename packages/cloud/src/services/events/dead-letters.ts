// Queues for dead letters. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
import { validation } from './errors.ts';

/** Throws for what is no standard queue: those in order are not for dead letters of EventBridge's. */
export function requireQueue(arn: string): void {
  if (!/^arn:aws:sqs:[\w-]+:\d{12}:[\w-]+$/.test(arn))
    throw validation(`Parameter DeadLetterConfig.Arn is not valid. Reason: ${arn} is no standard queue.`);
}
