// Errors of AWS that mean something to the application.
import { TransactionCanceledException, type CancellationReason } from '@aws-sdk/client-dynamodb';

/** The first condition of a transaction that did not hold; undefined where it failed otherwise. */
export const failedCondition = (error: unknown): CancellationReason | undefined =>
  error instanceof TransactionCanceledException
    ? error.CancellationReasons?.find(({ Code }) => Code === 'ConditionalCheckFailed')
    : undefined;

/** Somebody else was writing the same items at the same moment: it may be tried again. */
export const isConflict = (error: unknown): boolean =>
  error instanceof TransactionCanceledException &&
  (error.CancellationReasons ?? []).some(({ Code }) => Code === 'TransactionConflict');

export const isNamed = (error: unknown, name: string): error is Error => error instanceof Error && error.name === name;
