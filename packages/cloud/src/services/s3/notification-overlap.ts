// Which rules of a notification configuration may stand side by side: no event of a key may fall under two of them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
import type { NotificationConfiguration } from '@aws-sdk/client-s3';

import { destinationsOf, type Destination } from './bucket-events.ts';
import { invalidArgument } from './errors.ts';

/** Refuses a configuration with two rules for one event whose prefixes and suffixes overlap. */
export function requireUnambiguous(configuration: NotificationConfiguration): void {
  const rules = destinationsOf(configuration);
  const overlapping = rules.some((rule, index) => rules.slice(index + 1).some((other) => overlap(rule, other)));
  if (!overlapping) return;
  throw invalidArgument(
    'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are ' +
      'overlapping for the same event type.',
    'NotificationConfiguration',
  );
}

const overlap = (one: Destination, other: Destination): boolean =>
  one.events.some((event) => other.events.some((each) => isSame(event, each))) &&
  (one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix)) &&
  (one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix));

const isSame = (one: string, other: string): boolean => covers(one, other) || covers(other, one);

const covers = (wide: string, event: string): boolean =>
  wide === event || (wide.endsWith('*') && event.startsWith(wide.slice(0, -1)));
