// What DynamoDB tells CloudWatch of requests for items.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
//
// Gaps: consumed capacity, which the table engine counts only for requests that ask for it.
import type { Call, Kernel } from '../../kernel/service.ts';

/** Begins to measure a call on tables; the answer is to be told the error's code, if there is one. */
export type Measure = (call: Call, tables: readonly string[]) => ((error: string | undefined) => void) | undefined;

export function createMeasure({ measurements }: Pick<Kernel, 'measurements'>): Measure {
  return ({ operation, region }, tables) => {
    if (!measurements.listened) return undefined;
    // The machine's time: a person who moves the cloud's makes no request slower.
    const begun = performance.now();
    const publish = (name: string, dimensions: Readonly<Record<string, string>>, value = 1, unit = 'Count') =>
      measurements.publish({ namespace: 'AWS/DynamoDB', name, region, dimensions, value, unit });
    return (error) => {
      const elapsed = performance.now() - begun;
      if (error === 'ValidationException' || error === 'ResourceNotFoundException') publish('UserErrors', {});
      for (const TableName of new Set(tables)) {
        const dimensions = { TableName, Operation: operation };
        if (error === undefined) publish('SuccessfulRequestLatency', dimensions, elapsed, 'Milliseconds');
        else if (error === 'InternalServerError') publish('SystemErrors', dimensions);
        else if (error === 'ConditionalCheckFailedException') publish('ConditionalCheckFailedRequests', { TableName });
      }
    };
  };
}
