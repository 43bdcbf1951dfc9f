import { describe, expect, test } from 'vitest';

import { Topic } from '../events/topic.ts';
import { resource, testStack } from '../testing.ts';
import { Alarm } from './alarm.ts';
import { Dashboard } from './dashboard.ts';

const METRIC = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'orders' } };

function alarm(extra: Partial<ConstructorParameters<typeof Alarm>[2]> = {}) {
  const stack = testStack();
  const tells = new Topic(stack, 'alerts', { name: 'alerts' });
  const made = new Alarm(stack, 'errors', {
    name: 'orders-errors',
    description: 'Orders are lost: look at the log of the function orders.',
    metric: METRIC,
    statistic: 'Sum',
    comparison: '>',
    threshold: 10,
    tells,
    ...extra,
  });
  return { stack, made };
}

describe('Alarm', () => {
  test('the smallest use looks at five minutes, takes silence for health, and tells of both ends', () => {
    const { stack } = alarm();
    expect(resource(stack, 'aws_cloudwatch_metric_alarm.errors')).toMatchInlineSnapshot(`
      {
        "alarm_actions": [
          "arn:aws:sns:us-east-1:{account}:alerts",
        ],
        "alarm_description": "Orders are lost: look at the log of the function orders.",
        "alarm_name": "orders-errors",
        "comparison_operator": "GreaterThanThreshold",
        "datapoints_to_alarm": 1,
        "dimensions": {
          "FunctionName": "orders",
        },
        "evaluation_periods": 1,
        "metric_name": "Errors",
        "namespace": "AWS/Lambda",
        "ok_actions": [
          "arn:aws:sns:us-east-1:{account}:alerts",
        ],
        "period": 300,
        "statistic": "Sum",
        "threshold": 10,
        "treat_missing_data": "notBreaching",
      }
    `);
  });

  test('percentiles, M of N, and silence as a fault', () => {
    const { stack } = alarm({ statistic: 'p99', periods: 3, datapoints: 2, periodSeconds: 60, missing: 'wrong' });
    expect(resource(stack, 'aws_cloudwatch_metric_alarm.errors')).toMatchObject({
      extended_statistic: 'p99',
      evaluation_periods: 3,
      datapoints_to_alarm: 2,
      treat_missing_data: 'breaching',
    });
  });

  test.each([
    [{ description: 'Errors' }, 'does not say what to do'],
    [{ periodSeconds: 45 }, 'periods of 45 seconds'],
    [{ periods: 2, datapoints: 3 }, 'wants 3 of 2 periods'],
    [{ periodSeconds: 86_400, periods: 8 }, 'look back for more than a week'],
  ])('%j is refused', (wrong, message) => {
    expect(() => alarm(wrong)).toThrow(message);
  });
});

describe('Dashboard', () => {
  test('rows of graphs and alarms share the width', () => {
    const { stack, made } = alarm();
    new Dashboard(stack, 'board', {
      name: 'orders',
      rows: [
        [
          { title: 'Errors', lines: [{ ...METRIC, metric: 'Errors', statistic: 'Sum' }] },
          { title: 'Alarms', alarms: [made] },
        ],
      ],
    });
    const { widgets } = JSON.parse(resource(stack, 'aws_cloudwatch_dashboard.board')['dashboard_body'] as string) as {
      widgets: { x: number; width: number; properties: object }[];
    };
    expect(widgets.map(({ x, width }) => [x, width])).toEqual([
      [0, 12],
      [12, 12],
    ]);
    expect(widgets[0]!.properties).toMatchObject({
      metrics: [['AWS/Lambda', 'Errors', 'FunctionName', 'orders', { stat: 'Sum' }]],
    });
    expect(widgets[1]!.properties).toMatchObject({
      alarms: ['arn:aws:cloudwatch:us-east-1:{account}:alarm:orders-errors'],
    });
  });
});
