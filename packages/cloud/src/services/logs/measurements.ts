// What CloudWatch Logs tells CloudWatch of lines that come in.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
import type { Feed, Measurement } from '../../kernel/feed.ts';
import type { GroupKey, LogEvent } from './log-events.ts';

/** Publishes how many events came, and how large they are, for their group and for all groups. */
export function measureIncoming(
  measurements: Feed<Measurement>,
  { region, name }: GroupKey,
  events: readonly LogEvent[],
): void {
  if (!measurements.listened || events.length === 0) return;
  const bytes = events.reduce((total, { message }) => total + Buffer.byteLength(message), 0);
  for (const dimensions of [{}, { LogGroupName: name }]) {
    const common = { namespace: 'AWS/Logs', region, dimensions };
    measurements.publish({ ...common, name: 'IncomingLogEvents', value: events.length, unit: 'Count' });
    measurements.publish({ ...common, name: 'IncomingBytes', value: bytes, unit: 'Bytes' });
  }
}
