// What operators get to see: structured log lines without anybody's name in them, and metrics that CloudWatch reads from the log.
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

import { METRICS, SERVICE } from '../../contract.ts';
import { redactText } from '../domain/redaction.ts';
import { setting } from './settings.ts';

/** Names and ids of whoever is being served; no line that is logged meanwhile has one of them in it. */
const secrets = new Set<string>();

export const logger = new Logger({
  serviceName: SERVICE,
  jsonReplacerFn: (_, value: unknown) => (typeof value === 'string' ? redactText(value, [...secrets]) : value),
});

/** From now on these are cut out of every line, until the next invocation begins. */
export function keepSecret(...texts: readonly (string | undefined)[]): void {
  for (const text of texts) if (text !== undefined && text.trim() !== '') secrets.add(text);
}

const UNITS = {
  Count: MetricUnit.Count,
  Milliseconds: MetricUnit.Milliseconds,
  None: MetricUnit.NoUnit,
} as const;

let metrics: Metrics | undefined;

/** Adds to one of the application's metrics. */
export function measure(name: keyof typeof METRICS.names, value: number, unit: keyof typeof UNITS = 'Count'): void {
  metrics ??= new Metrics({
    namespace: METRICS.namespace,
    serviceName: SERVICE,
    defaultDimensions: { environment: METRICS.dimensions(setting('environment')).environment },
  });
  metrics.addMetric(METRICS.names[name], UNITS[unit], value);
}

/**
 * Runs one invocation. A fault that nobody foresaw fails the function, so that the alarm on its errors sees it; its text is
 * logged redacted, and not by the runtime as it is.
 */
export async function observed<T>(requestId: string, run: () => Promise<T>): Promise<T> {
  secrets.clear();
  logger.resetKeys();
  logger.appendKeys({ requestId });
  try {
    return await run();
  } catch (error) {
    logger.error('A fault of the function', { error: error instanceof Error ? error : String(error) });
    throw new Error(`A fault of the function; its log has more for request ${requestId}`);
  } finally {
    if (metrics?.hasStoredMetrics() === true) metrics.publishStoredMetrics();
  }
}
