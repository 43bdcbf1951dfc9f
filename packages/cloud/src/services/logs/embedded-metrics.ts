// The embedded metric format: JSON lines that say which of their members are metrics.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import type { Measurement } from '../../kernel/feed.ts';
import type { LogEvent } from './log-events.ts';

interface Directive {
  readonly Namespace?: unknown;
  readonly Dimensions?: unknown;
  readonly Metrics?: unknown;
}

const MOST_METRICS = 100;
const MOST_DIMENSIONS = 30;
const MOST_VALUES = 100;

/** The measurements in an event; none where it is in another format, or breaks the specification. */
export function embeddedMetrics({ message, timestamp }: LogEvent, region: string): Measurement[] {
  // Parsing every line would be dear: those without the member need none.
  if (!message.includes('"_aws"')) return [];
  const document = parse(message);
  const aws = asObject(document?.['_aws']);
  const directives = asArray(aws?.['CloudWatchMetrics']);
  if (!document || !aws) return [];
  const at = typeof aws['Timestamp'] === 'number' ? aws['Timestamp'] : timestamp;
  return directives.flatMap((directive) => measurementsOf(document, asObject(directive) ?? {}, { region, at }));
}

function measurementsOf(
  document: Readonly<Record<string, unknown>>,
  { Namespace: namespace, Dimensions: sets, Metrics: metrics }: Directive,
  common: Pick<Measurement, 'region' | 'at'>,
): Measurement[] {
  if (typeof namespace !== 'string') return [];
  const dimensionSets = asArray(sets)
    .map((names) => dimensionsOf(document, asArray(names)))
    .filter((dimensions) => dimensions !== undefined);
  return asArray(metrics)
    .slice(0, MOST_METRICS)
    .flatMap((metric) => {
      const { Name: name, Unit: unit = 'None', StorageResolution: resolution = 60 } = asObject(metric) ?? {};
      if (typeof name !== 'string' || typeof unit !== 'string') return [];
      const found = document[name];
      const values = (Array.isArray(found) ? found.slice(0, MOST_VALUES) : [found]).filter(Number.isFinite) as number[];
      return dimensionSets.flatMap((dimensions) =>
        values.map((value) => ({
          ...common,
          namespace,
          name,
          unit,
          dimensions,
          value,
          resolutionSeconds: resolution === 1 ? 1 : 60,
        })),
      );
    });
}

/** The values of a set of dimensions; undefined where the document lacks one. */
function dimensionsOf(
  document: Readonly<Record<string, unknown>>,
  names: readonly unknown[],
): Record<string, string> | undefined {
  if (names.length > MOST_DIMENSIONS) return undefined;
  const entries = names.map((name): [string, unknown] => [String(name), document[String(name)]]);
  if (entries.some(([, value]) => value === undefined || typeof value === 'object')) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function parse(message: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(message));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
