// What Secrets Manager tells CloudWatch: every hour, how many secrets there are, those in their recovery window included.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-cloudwatch.html
import type { Kernel } from '../../kernel/service.ts';
import type { Secrets } from './secrets.ts';

const HOUR = 3_600_000;

/** Measures until the answer is called; as long as there is no secret, there is nothing to wake up for. */
export function measureHourly({ clock, measurements }: Pick<Kernel, 'clock' | 'measurements'>, secrets: Secrets) {
  let cancel: (() => void) | undefined;
  const arm = (after: number) => {
    const next = Math.floor(after / HOUR) * HOUR + HOUR;
    cancel = clock.at(next, () => measure(next));
  };
  const measure = (at: number) => {
    cancel = undefined;
    const counts = new Map<string, number>();
    for (const { region } of secrets.list()) counts.set(region, (counts.get(region) ?? 0) + 1);
    for (const [region, value] of counts) {
      const common = { namespace: 'AWS/SecretsManager', name: 'ResourceCount', region, unit: 'Count' };
      measurements.publish({ ...common, dimensions: {}, value });
    }
    if (counts.size > 0) arm(at);
  };
  secrets.onSave = () => {
    if (!cancel) arm(clock.now());
  };
  if (secrets.list().length > 0) arm(clock.now());
  return () => {
    secrets.onSave = () => {};
    cancel?.();
  };
}
