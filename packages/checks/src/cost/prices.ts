// AWS's list prices in us-east-1, on demand, without the free tier: https://aws.amazon.com/pricing/

export interface Price {
  readonly usd: number;
  readonly per: string;
  /** When the price list was read. */
  readonly captured: string;
}

export const PRICES = {
  alarmMetricMonth: { usd: 0.1, per: 'metric of an alarm and month', captured: '2024-07-01' },
  alarmMetricHighResolutionMonth: {
    usd: 0.3,
    per: 'metric of a high-resolution alarm and month',
    captured: '2024-07-01',
  },
  codeBuildSmallMinute: { usd: 0.005, per: 'build minute, general1.small', captured: '2024-07-01' },
  codeBuildMediumMinute: { usd: 0.01, per: 'build minute, general1.medium', captured: '2024-07-01' },
  codeBuildLargeMinute: { usd: 0.02, per: 'build minute, general1.large', captured: '2024-07-01' },
  compositeAlarmMonth: { usd: 0.5, per: 'composite alarm and month', captured: '2024-07-01' },
  dashboardMonth: { usd: 3, per: 'dashboard and month', captured: '2024-07-01' },
  dynamodbBackupGbMonth: { usd: 0.2, per: 'GB-month of point-in-time recovery', captured: '2024-11-15' },
  dynamodbReadCapacityHour: { usd: 0.00013, per: 'read capacity unit-hour', captured: '2026-07-31' },
  dynamodbReadRequests: { usd: 0.125, per: 'million read requests', captured: '2026-09-29' },
  dynamodbStorageGbMonth: { usd: 0.25, per: 'GB-month', captured: '2026-09-29' },
  dynamodbWriteCapacityHour: { usd: 0.00065, per: 'write capacity unit-hour', captured: '2026-07-31' },
  dynamodbWriteRequests: { usd: 0.625, per: 'million write requests', captured: '2026-09-29' },
  kmsKeyMonth: { usd: 1, per: 'key and month', captured: '2026-09-11' },
  kmsRequests: { usd: 0.03, per: '10,000 requests', captured: '2026-09-11' },
  lambdaArmGbSecond: { usd: 0.0000133334, per: 'GB-second, arm64', captured: '2026-09-29' },
  lambdaRequests: { usd: 0.2, per: 'million requests', captured: '2026-09-29' },
  lambdaX86GbSecond: { usd: 0.0000166667, per: 'GB-second, x86_64', captured: '2026-09-29' },
  logsIngestGb: { usd: 0.5, per: 'GB ingested', captured: '2026-10-07' },
  logsStorageGbMonth: { usd: 0.03, per: 'GB-month', captured: '2026-10-07' },
  s3Gets: { usd: 0.0004, per: 'thousand GET requests', captured: '2026-09-29' },
  s3Puts: { usd: 0.005, per: 'thousand PUT requests', captured: '2026-09-29' },
  s3StandardGbMonth: { usd: 0.023, per: 'GB-month', captured: '2026-09-29' },
  schedulerInvocation: { usd: 0.000001, per: 'invocation', captured: '2026-03-13' },
  secretMonth: { usd: 0.4, per: 'secret and month', captured: '2026-09-11' },
  secretCalls: { usd: 0.05, per: '10,000 calls', captured: '2026-09-11' },
  snsPublishes: { usd: 0.5, per: 'million messages published', captured: '2024-12-04' },
  sqsFifoRequests: { usd: 0.5, per: 'million requests to a FIFO queue', captured: '2026-09-29' },
  sqsRequests: { usd: 0.4, per: 'million requests', captured: '2026-09-29' },
  ssmAdvancedParameterMonth: { usd: 0.05, per: 'advanced parameter and month', captured: '2025-08-28' },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
