// A CloudWatch dashboard, declared as rows of graphs.
import { CloudwatchDashboard } from '@cdktn/provider-aws/lib/cloudwatch-dashboard/index.js';
import { Construct } from 'constructs';

import { validate, type Rule } from '../rules.ts';
import { Stack } from '../stack.ts';
import type { Alarm, Statistic } from './alarm.ts';

export interface GraphLine {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
  readonly label?: string;
}

export type Widget =
  | { readonly title: string; readonly lines: readonly GraphLine[] }
  | { readonly title: string; readonly alarms: readonly Alarm[] };

export interface DashboardProps {
  /** The dashboard's name. */
  readonly name: string;
  /** Rows from top to bottom; the widgets of one share its width. */
  readonly rows: readonly (readonly Widget[])[];
  /** Seconds of one point. @default 300 */
  readonly periodSeconds?: number;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export class Dashboard extends Construct {
  readonly resource: CloudwatchDashboard;
  readonly name: string;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    validate(RULES, props);
    this.name = props.name;
    const { region } = Stack.of(this);
    const widgets = props.rows.flatMap((row, index) =>
      row.map((widget, column) => {
        const width = Math.floor(COLUMNS / row.length);
        const place = { x: column * width, y: index * ROW_HEIGHT, width, height: ROW_HEIGHT };
        return { ...place, ...content(widget, region, props.periodSeconds ?? 300) };
      }),
    );
    this.resource = new CloudwatchDashboard(this, 'Resource', {
      dashboardName: props.name,
      dashboardBody: JSON.stringify({ widgets }),
    });
  }
}

/** The grid of a dashboard. */
const COLUMNS = 24;
const ROW_HEIGHT = 6;

function content(widget: Widget, region: string, period: number): object {
  if ('alarms' in widget) {
    const alarms = widget.alarms.map(({ arn }) => arn);
    return { type: 'alarm', properties: { title: widget.title, alarms } };
  }
  const metrics = widget.lines.map(({ namespace, metric, dimensions = {}, statistic, label }) => [
    namespace,
    metric,
    ...Object.entries(dimensions).flat(),
    { stat: statistic, ...(label !== undefined && { label }) },
  ]);
  return { type: 'metric', properties: { title: widget.title, view: 'timeSeries', region, period, metrics } };
}

const RULES: readonly Rule<DashboardProps>[] = [
  {
    code: 'dashboard-name',
    holds: ({ name }) => /^[\w-]{1,255}$/.test(name),
    says: ({ name }) => `'${name}' is not a dashboard's name`,
    fix: 'Use up to 255 letters, digits, dashes and underscores.',
  },
  {
    code: 'dashboard-row',
    holds: ({ rows }) => rows.length > 0 && rows.every((row) => row.length >= 1 && row.length <= 6),
    says: ({ name }) => `a row of '${name}' has no widget, or more than six`,
    fix: 'Put one to six widgets into each row.',
  },
];
