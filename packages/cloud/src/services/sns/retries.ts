// When a delivery that failed is tried again.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
import type { RetryPolicy } from './delivery-policy.ts';

/** Phases of retries at AWS's own endpoints, queues and functions: over 23 days in all. */
const AT_ONCE = 3;
const BEFORE_BACKOFF = 2;
const BACKOFF = 10;
const AFTER_BACKOFF = 100_000;

const SHORTEST_MILLISECONDS = 1_000;
const LONGEST_MILLISECONDS = 20_000;

/** Milliseconds until the retry after so many failed attempts; undefined where there is none. */
export function waitAtAws(attempts: number): number | undefined {
  if (attempts <= AT_ONCE) return 0;
  if (attempts <= AT_ONCE + BEFORE_BACKOFF) return SHORTEST_MILLISECONDS;
  const step = attempts - AT_ONCE - BEFORE_BACKOFF;
  if (step <= BACKOFF) {
    return Math.round(SHORTEST_MILLISECONDS * (LONGEST_MILLISECONDS / SHORTEST_MILLISECONDS) ** (step / BACKOFF));
  }
  return step - BACKOFF <= AFTER_BACKOFF ? LONGEST_MILLISECONDS : undefined;
}

/** The same for an HTTP endpoint with a retry policy. */
export function waitAtHttp(attempts: number, policy: RetryPolicy): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (attempts > numRetries) return undefined;
  if (attempts <= numNoDelayRetries) return 0;
  if (attempts <= numNoDelayRetries + numMinDelayRetries) return policy.minDelayTarget * 1_000;
  const steps = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries;
  const step = attempts - numNoDelayRetries - numMinDelayRetries;
  return (step > steps ? policy.maxDelayTarget : backoff(policy, step / steps)) * 1_000;
}

function backoff({ minDelayTarget: min, maxDelayTarget: max, backoffFunction }: RetryPolicy, share: number): number {
  switch (backoffFunction) {
    case 'linear':
      return min + (max - min) * share;
    case 'arithmetic':
      return min + (max - min) * share ** 2;
    case 'geometric':
      return min + (max - min) * share ** 3;
    case 'exponential':
      return min * (max / min) ** share;
  }
}
