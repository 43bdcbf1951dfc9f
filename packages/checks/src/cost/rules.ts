// What each Terraform type costs: fixed by existing, by an assumed use, nothing, or unknown, and then why.
import { monthlyInvocations } from './invocations.ts';
import { PRICES, type PriceName } from './prices.ts';

export type CostLine =
  | { readonly kind: 'fixed'; readonly item: string; readonly monthlyUsd: number }
  | { readonly kind: 'usage'; readonly item: string; readonly monthlyUsd: number; readonly assumed: string }
  | { readonly kind: 'free'; readonly item: string }
  | { readonly kind: 'unpriced'; readonly item: string };

/** A resource's attributes as `terraform show -json` has them. */
export type Values = { readonly [name: string]: unknown };

export type Rule = (values: Values) => readonly CostLine[];

const HOURS_A_MONTH = 730;

/** Of a million requests that take a tenth of a second each. */
const SECONDS_OF_A_MILLION = 100_000;

export const RULES: Readonly<Record<string, Rule>> = {
  aws_cloudwatch_composite_alarm: () => [fixed('compositeAlarmMonth', 1)],
  aws_cloudwatch_dashboard: () => [fixed('dashboardMonth', 1)],
  aws_cloudwatch_metric_alarm: alarm,
  aws_cloudwatch_log_group: () => [usage('logsIngestGb', 1), usage('logsStorageGbMonth', 1)],
  aws_codebuild_project: ({ environment }) => [usage(buildMinute(environment), 60)],
  aws_dynamodb_table: (table) => [
    ...(table['billing_mode'] === 'PAY_PER_REQUEST'
      ? [usage('dynamodbWriteRequests', 1), usage('dynamodbReadRequests', 1)]
      : provisioned(table)),
    usage('dynamodbStorageGbMonth', 1),
    ...(isOn(table['point_in_time_recovery']) ? [usage('dynamodbBackupGbMonth', 1)] : []),
  ],
  aws_kms_key: () => [fixed('kmsKeyMonth', 1), usage('kmsRequests', 1)],
  aws_lambda_function: ({ architectures, memory_size }) => [
    usage('lambdaRequests', 1),
    usage(
      (architectures as readonly string[] | undefined)?.includes('arm64') ? 'lambdaArmGbSecond' : 'lambdaX86GbSecond',
      (Number(memory_size ?? 128) / 1_024) * SECONDS_OF_A_MILLION,
    ),
  ],
  aws_s3_bucket: () => [usage('s3StandardGbMonth', 10), usage('s3Puts', 10), usage('s3Gets', 100)],
  aws_scheduler_schedule: schedule,
  aws_secretsmanager_secret: () => [fixed('secretMonth', 1), usage('secretCalls', 1)],
  aws_sns_topic: () => [usage('snsPublishes', 1)],
  aws_sqs_queue: ({ fifo_queue }) => [usage(fifo_queue === true ? 'sqsFifoRequests' : 'sqsRequests', 1)],
  aws_ssm_parameter: ({ tier }) =>
    tier === 'Advanced' ? [fixed('ssmAdvancedParameterMonth', 1)] : [free('standard parameters cost nothing')],
};

/** Types that are settings of something else, or that AWS gives away. */
export const FREE: readonly RegExp[] = [
  /^aws_iam_/,
  /^aws_s3_bucket_/,
  /^aws_kms_(alias|grant|key_policy)$/,
  /^aws_(sns_topic|sqs_queue)_/,
  /^aws_scheduler_schedule_group$/,
];

/** Types that cost by what they hold, which is in the price of what holds them. */
export const INCLUDED: Readonly<Record<string, string>> = {
  aws_cloudwatch_log_metric_filter: 'in the log group’s price',
  aws_cloudwatch_log_stream: 'in the log group’s price',
  aws_cloudwatch_log_subscription_filter: 'in the log group’s price',
  aws_dynamodb_table_item: 'in the table’s price',
  aws_lambda_alias: 'in the function’s price',
  aws_lambda_event_source_mapping: 'in the function’s price',
  aws_lambda_function_event_invoke_config: 'in the function’s price',
  aws_lambda_function_url: 'in the function’s price',
  aws_lambda_permission: 'in the function’s price',
  aws_s3_object: 'in the bucket’s price',
  aws_secretsmanager_secret_policy: 'in the secret’s price',
  aws_secretsmanager_secret_rotation: 'in the secret’s price',
  aws_secretsmanager_secret_version: 'in the secret’s price',
};

/** Every invocation costs the same, however it ends; none is made of what is switched off. */
function schedule({ schedule_expression: expression, state }: Values): CostLine[] {
  if (state === 'DISABLED') return [free('switched off: nothing is invoked')];
  const count = monthlyInvocations(String(expression));
  if (count === undefined) return [{ kind: 'unpriced', item: `Plinth cannot read the schedule ${String(expression)}` }];
  return [usage('schedulerInvocation', Number(count.toPrecision(4)))];
}

/** An alarm costs by the metrics that it looks at: one, or those of its expression. */
function alarm({ period, metric_query }: Values): CostLine[] {
  const queries = (metric_query ?? []) as readonly { readonly metric?: readonly { readonly period?: number }[] }[];
  const metrics = queries.flatMap(({ metric = [] }) => metric);
  const shortest = Math.min(Number(period || 60), ...metrics.map((each) => each.period ?? 60));
  const price = shortest < 60 ? 'alarmMetricHighResolutionMonth' : 'alarmMetricMonth';
  return [fixed(price, Math.max(metrics.length, 1))];
}

function provisioned({ read_capacity, write_capacity, global_secondary_index }: Values): CostLine[] {
  const indexes = (global_secondary_index ?? []) as readonly Values[];
  const sum = (name: string, own: unknown) =>
    indexes.reduce((units, index) => units + Number(index[name] ?? 0), Number(own ?? 0)) * HOURS_A_MONTH;
  return [
    fixed('dynamodbWriteCapacityHour', sum('write_capacity', write_capacity)),
    fixed('dynamodbReadCapacityHour', sum('read_capacity', read_capacity)),
  ];
}

function buildMinute(environment: unknown): PriceName {
  const [{ compute_type = '' } = {}] = (environment ?? []) as readonly { compute_type?: string }[];
  if (compute_type.endsWith('LARGE')) return 'codeBuildLargeMinute';
  return compute_type.endsWith('MEDIUM') ? 'codeBuildMediumMinute' : 'codeBuildSmallMinute';
}

const isOn = (block: unknown): boolean =>
  (block as readonly { enabled?: boolean }[] | undefined)?.[0]?.enabled === true;

const fixed = (name: PriceName, amount: number): CostLine => ({
  kind: 'fixed',
  item: PRICES[name].per,
  monthlyUsd: amount * PRICES[name].usd,
});

const usage = (name: PriceName, amount: number): CostLine => ({
  kind: 'usage',
  item: PRICES[name].per,
  monthlyUsd: amount * PRICES[name].usd,
  assumed: `${amount} × ${PRICES[name].per}`,
});

export const free = (item: string): CostLine => ({ kind: 'free', item });
