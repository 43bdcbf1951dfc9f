// What Lambda tells CloudWatch of each invocation. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
import type { Kernel } from '../../kernel/service.ts';
import type { LambdaFunction } from './functions.ts';

export type Measure = (
  fn: Pick<LambdaFunction, 'name' | 'region'>,
  qualifier: string | undefined,
  name: string,
  value: number,
  unit?: 'Count' | 'Milliseconds',
) => void;

/** Publishes under the dimensions that AWS has: all functions, the function, and what of it was asked for. */
export function createMeasure({ measurements }: Pick<Kernel, 'measurements'>): Measure {
  return (fn, qualifier, name, value, unit = 'Count') => {
    const Resource = qualifier === undefined ? fn.name : `${fn.name}:${qualifier}`;
    for (const dimensions of [{}, { FunctionName: fn.name }, { FunctionName: fn.name, Resource }]) {
      measurements.publish({ namespace: 'AWS/Lambda', name, region: fn.region, dimensions, value, unit });
    }
  };
}
