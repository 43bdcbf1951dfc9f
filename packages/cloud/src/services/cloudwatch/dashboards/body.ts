// A dashboard's body, checked as CloudWatch checks it: every fault with the path at which it is.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch';

import { findStatistic } from '../statistic.ts';
import { isPeriod } from '../window.ts';

type Json = Readonly<Record<string, unknown>>;

/** Tells of a fault; `path` is as JSON pointers are. */
type Tell = (path: string, message: string) => void;

const MOST_WIDGETS = 500;
const MOST_METRICS = 500;
const COLUMNS = 24;
const MOST_ROWS = 1_000;
const VIEWS = ['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'];

const WIDGETS: Readonly<Record<string, (properties: Json, path: string, tell: Tell) => void>> = {
  metric: checkMetricWidget,
  text: (properties, path, tell) => requireText(properties, 'markdown', path, tell),
  log: (properties, path, tell) => {
    requireText(properties, 'region', path, tell);
    requireText(properties, 'query', path, tell);
  },
  alarm: (properties, path, tell) => {
    if (!Array.isArray(properties['alarms']) || properties['alarms'].length === 0) {
      tell(path, "Should have required property 'alarms'");
    } else {
      for (const [index, arn] of properties['alarms'].entries()) {
        if (typeof arn !== 'string' || !/^arn:aws[\w-]*:cloudwatch:[\w-]+:\d{12}:alarm:./.test(arn)) {
          tell(`${path}/alarms/${index}`, 'Should be the ARN of an alarm');
        }
      }
    }
  },
  explorer: () => {},
  custom: (properties, path, tell) => requireText(properties, 'endpoint', path, tell),
};

/** What is wrong with a body; empty where nothing is. Undefined where it is no JSON object. */
export function checkBody(text: string): DashboardValidationMessage[] | undefined {
  const body = parse(text);
  if (!body) return undefined;
  const messages: DashboardValidationMessage[] = [];
  const tell: Tell = (DataPath, Message) => void messages.push({ DataPath, Message });
  const { widgets, start, end, periodOverride } = body;
  if (!Array.isArray(widgets)) tell('', "Should have required property 'widgets'");
  else if (widgets.length > MOST_WIDGETS) tell('/widgets', `Should NOT have more than ${MOST_WIDGETS} items`);
  else for (const [index, widget] of widgets.entries()) checkWidget(widget, `/widgets/${index}`, tell);
  for (const [name, value] of Object.entries({ start, end, periodOverride })) {
    if (value !== undefined && typeof value !== 'string') tell(`/${name}`, 'Should be string');
  }
  if (end !== undefined && start === undefined) tell('', "Should have required property 'start'");
  if (typeof periodOverride === 'string' && !['auto', 'inherit'].includes(periodOverride)) {
    tell('/periodOverride', 'Should be equal to one of the allowed values');
  }
  return messages;
}

function parse(text: string): Json | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkWidget(widget: unknown, path: string, tell: Tell): void {
  if (!isObject(widget)) return tell(path, 'Should be object');
  const { type, properties, x, y } = widget;
  if (type === undefined) tell(path, "Should have required property 'type'");
  else if (typeof type !== 'string' || !Object.hasOwn(WIDGETS, type))
    tell(`${path}/type`, 'Should be equal to one of the allowed values');
  if ((x === undefined) !== (y === undefined))
    tell(path, `Should have required property '${x === undefined ? 'x' : 'y'}'`);
  checkNumber(widget, 'x', [0, COLUMNS - 1], path, tell);
  checkNumber(widget, 'y', [0, Infinity], path, tell);
  checkNumber(widget, 'width', [1, COLUMNS], path, tell);
  checkNumber(widget, 'height', [1, MOST_ROWS], path, tell);
  if (!isObject(properties)) return tell(path, "Should have required property 'properties'");
  if (typeof type === 'string' && Object.hasOwn(WIDGETS, type)) WIDGETS[type]!(properties, `${path}/properties`, tell);
}

function checkNumber(holder: Json, name: string, [least, most]: [number, number], path: string, tell: Tell): void {
  const value = holder[name];
  if (value === undefined) return;
  if (!Number.isInteger(value)) tell(`${path}/${name}`, 'Should be integer');
  else if ((value as number) < least) tell(`${path}/${name}`, `Should be >= ${least}`);
  else if ((value as number) > most) tell(`${path}/${name}`, `Should be <= ${most}`);
}

function checkMetricWidget(properties: Json, path: string, tell: Tell): void {
  const { metrics, annotations, view, stat, period } = properties;
  requireText(properties, 'region', path, tell);
  const alarms = isObject(annotations) ? annotations['alarms'] : undefined;
  if (metrics === undefined && !Array.isArray(alarms)) tell(path, "Should have required property 'metrics'");
  if (view !== undefined && !VIEWS.includes(view as string)) {
    tell(`${path}/view`, 'Should be equal to one of the allowed values');
  }
  checkStatistic(stat, `${path}/stat`, tell);
  checkPeriod(period, `${path}/period`, tell);
  if (metrics === undefined) return;
  if (!Array.isArray(metrics)) return tell(`${path}/metrics`, 'Should be array');
  if (metrics.length === 0) tell(`${path}/metrics`, 'Should NOT have fewer than 1 items');
  if (metrics.length > MOST_METRICS) tell(`${path}/metrics`, `Should NOT have more than ${MOST_METRICS} items`);
  for (const [index, metric] of metrics.entries()) checkMetric(metric, index, `${path}/metrics/${index}`, tell);
}

/** `["Namespace", "Metric", "Dimension", "value", …, {options}]`; a dot repeats what stands above it, three all of it. */
function checkMetric(metric: unknown, index: number, path: string, tell: Tell): void {
  if (!Array.isArray(metric)) return tell(path, 'Should be array');
  const last: unknown = metric.at(-1);
  const options = isObject(last) ? last : undefined;
  const texts: unknown[] = options ? metric.slice(0, -1) : metric;
  if (options) {
    checkStatistic(options['stat'], `${path}/${metric.length - 1}/stat`, tell);
    checkPeriod(options['period'], `${path}/${metric.length - 1}/period`, tell);
  }
  if (texts.some((text) => typeof text !== 'string')) return tell(path, 'Should hold strings, and options at the end');
  if (texts.length === 0) {
    if (options?.['expression'] === undefined) tell(path, 'Should NOT have fewer than 1 items');
    return;
  }
  const repeats = texts.includes('...') || texts.includes('.');
  if (repeats && index === 0) tell(path, 'Should not repeat a metric before the first one');
  if (texts.includes('...')) return;
  if (texts.length < 2) tell(path, 'Should NOT have fewer than 2 items');
  else if (texts.length % 2 === 1) tell(path, 'Should have a value for every dimension');
}

function checkStatistic(stat: unknown, path: string, tell: Tell): void {
  if (stat !== undefined && (typeof stat !== 'string' || !findStatistic(stat))) {
    tell(path, 'Should be a statistic');
  }
}

function checkPeriod(period: unknown, path: string, tell: Tell): void {
  if (period !== undefined && (typeof period !== 'number' || !isPeriod(period))) {
    tell(path, 'Should be 1, 5, 10, 20, 30 or a multiple of 60');
  }
}

function requireText(properties: Json, name: string, path: string, tell: Tell): void {
  if (typeof properties[name] !== 'string') tell(path, `Should have required property '${name}'`);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
