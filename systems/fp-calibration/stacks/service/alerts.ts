// Who is told, of what, and where it can be seen: topics, alarms with what to do about them, and the dashboard.
import {
  Alarm,
  Dashboard,
  Topic,
  type AlarmProps,
  type Function,
  type Queue,
  type Stack,
  type Table,
} from '@plinth/blocks';

import { ALARMS, METRICS, type EnvironmentName } from '../../contract.ts';

type Severity = 'critical' | 'warning';

interface Threshold {
  readonly above: number;
  readonly periodSeconds: number;
  readonly periods: number;
  readonly severity: Severity;
}

export interface Watched {
  /** By what each is called in this system, e.g. `ingest`. */
  readonly functions: Readonly<Record<string, Function>>;
  readonly tables: Readonly<Record<string, Table>>;
  readonly queue: Queue;
}

export function alerts(stack: Stack, environment: EnvironmentName, { functions, tables, queue }: Watched): void {
  const topics: Record<Severity, Topic> = { critical: topic(stack, 'critical'), warning: topic(stack, 'warning') };
  const alarm = (
    id: string,
    { above, periodSeconds, periods, severity }: Threshold,
    rest: Pick<AlarmProps, 'description' | 'metric' | 'statistic'>,
  ) =>
    new Alarm(stack, `alarm_${id}`, {
      name: `${PREFIX}-${id.replaceAll('_', '-')}-${environment}`,
      comparison: '>',
      threshold: above,
      periodSeconds,
      periods,
      tells: topics[severity],
      ...rest,
    });
  const own = (name: string) => ({ namespace: METRICS.namespace, name, dimensions: METRICS.dimensions(environment) });
  const { names } = METRICS;

  const service = [
    alarm('consent_check_failures', ALARMS.consentCheckFailures, {
      description:
        'The consent table cannot be read, so every event is refused with 503. Look at the table, and at the log of the ingestion.',
      metric: own(names.consentCheckFailures),
      statistic: 'Sum',
    }),
    alarm('anonymization_errors', ALARMS.anonymizationErrors, {
      description:
        'The salt cannot be read or is no salt: nothing is written. Look at the secret and its key; rotate it: plinth rotate fp-calibration salt.',
      metric: own(names.anonymizationErrors),
      statistic: 'Sum',
    }),
    alarm('ingestion_latency', ALARMS.ingestionLatency, {
      description:
        'Events take more than a second on average. Look at throttles, and at the duration of the ingestion.',
      metric: own(names.ingestionLatency),
      statistic: 'Average',
    }),
    alarm('rotation_overdue', ALARMS.saltAge, {
      description:
        'The salt is older than a month. Look at the log of the rotator, then: plinth rotate fp-calibration salt.',
      metric: own(names.saltAge),
      statistic: 'Maximum',
    }),
    alarm('breaker_trips', ALARMS.breakerTrips, {
      description:
        'A rule blocked too often or wrongly too often; it warns instead of blocking until its cooldown is over. Tell the rule’s owner.',
      metric: own(names.breakerTrips),
      statistic: 'Sum',
    }),
    alarm('breaker_unreadable', ALARMS.breakerUnreadable, {
      description:
        'The block counter cannot be read: breakers stay as they are, rules go on blocking. Look at the table.',
      metric: own(names.breakerUnreadable),
      statistic: 'Sum',
    }),
  ];

  const ofFunctions = Object.entries(functions).flatMap(([id, { name }]) => [
    alarm(`${id.replaceAll('-', '_')}_errors`, ALARMS.functionErrors, {
      description: `${name} fails. Its log says why: plinth logs fp-calibration ${id}.`,
      metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: name } },
      statistic: 'Sum',
    }),
    alarm(`${id.replaceAll('-', '_')}_throttles`, ALARMS.throttles, {
      description: `${name} is asked more often than it may run at once. Look at its concurrency, and at who calls.`,
      metric: { namespace: 'AWS/Lambda', name: 'Throttles', dimensions: { FunctionName: name } },
      statistic: 'Sum',
    }),
  ]);

  const ofTables = Object.entries(tables).flatMap(([id, { name }]) =>
    (['Read', 'Write'] as const).map((kind) =>
      alarm(`${id}_${kind.toLowerCase()}_throttles`, ALARMS.throttles, {
        description: `DynamoDB refuses calls on ${name} because there are too many. Look for one key that everybody wants.`,
        metric: { namespace: 'AWS/DynamoDB', name: `${kind}ThrottleEvents`, dimensions: { TableName: name } },
        statistic: 'Sum',
      }),
    ),
  );

  const deadLetters = alarm('dead_letters', ALARMS.deadLetters, {
    description:
      'Events could not be taken five times and lie in the dead-letter queue for 14 days. Read one, mend the cause, then redrive them.',
    metric: {
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queue.deadLettersName },
    },
    statistic: 'Maximum',
  });

  const lines = (metrics: readonly string[], statistic: 'Sum' | 'Average' | 'Maximum' = 'Sum') =>
    metrics.map((metric) => ({
      namespace: METRICS.namespace,
      metric,
      dimensions: METRICS.dimensions(environment),
      statistic,
    }));
  const ofLambda = (metric: string, statistic: 'Sum' | 'p99') =>
    Object.entries(functions).map(([label, { name }]) => ({
      namespace: 'AWS/Lambda',
      metric,
      dimensions: { FunctionName: name },
      statistic,
      label,
    }));
  const dashboard = new Dashboard(stack, 'dashboard', {
    name: `PhaseMirror-FPCalibration-${environment}`,
    rows: [
      [{ title: 'Alarms', alarms: [...service, deadLetters, ...ofFunctions, ...ofTables] }],
      [
        {
          title: 'Events',
          lines: lines([names.eventsStored, names.eventsDuplicate, names.eventsRefused, names.eventsThrottled]),
        },
        { title: 'Time to take an event', lines: lines([names.ingestionLatency], 'Average') },
      ],
      [
        { title: 'Consent and anonymity', lines: lines([names.consentCheckFailures, names.anonymizationErrors]) },
        { title: 'Age of the salt, hours', lines: lines([names.saltAge], 'Maximum') },
        { title: 'Breakers', lines: lines([names.breakerTrips, names.breakerUnreadable, names.falsePositiveWarnings]) },
      ],
      [
        { title: 'Invocations', lines: ofLambda('Invocations', 'Sum') },
        { title: 'Errors', lines: ofLambda('Errors', 'Sum') },
        { title: 'Duration, p99', lines: ofLambda('Duration', 'p99') },
      ],
    ],
  });

  stack.output('critical_alerts_topic_arn', topics.critical.resource.arn, 'Told of what cannot wait');
  stack.output('warning_alerts_topic_arn', topics.warning.resource.arn, 'Told of what can wait until morning');
  stack.output('dashboard_name', dashboard.resource.dashboardName, 'The dashboard in CloudWatch');
}

const PREFIX = 'phase-mirror-fp-calibration';

const topic = (stack: Stack, severity: Severity): Topic =>
  new Topic(stack, `${severity}_alerts`, {
    name: `${PREFIX}-${severity}-${stack.environment}`,
    displayName: `FP Calibration ${severity}`,
    emails: stack.list(`${severity}_alert_emails`, `Addresses that are told of ${severity} alarms`),
  });
