// SEARCH expressions: which metrics they mean.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
import { MathError } from './math/syntax.ts';
import type { Metric } from './metrics.ts';

export type MetricTest = (metric: Metric) => boolean;

type Token = { readonly text: string; readonly exact: boolean; readonly sign: boolean };

/** A test of metrics; throws {@link MathError} for what is no search expression. */
export function parseSearch(text: string): MetricTest {
  const [, schema, rest = ''] = /^\s*\{([^}]*)\}(.*)$/s.exec(text) ?? [undefined, undefined, text];
  const inSchema = schema === undefined ? () => true : schemaTest(schema);
  const tokens = tokenize(rest);
  if (tokens.length === 0) return inSchema;
  let at = 0;
  const word = (name: string): boolean => tokens[at]?.text === name && !tokens[at]!.exact && (at++, true);
  const any = (): MetricTest => {
    const tests = [all()];
    while (word('OR')) tests.push(all());
    return (metric) => tests.some((test) => test(metric));
  };
  const all = (): MetricTest => {
    const tests = [term()];
    for (;;) {
      const explicit = word('AND');
      const next = tokens[at];
      if (!explicit && (!next || (next.sign && next.text === ')') || (next.text === 'OR' && !next.exact))) break;
      tests.push(term());
    }
    return (metric) => tests.every((test) => test(metric));
  };
  const term = (): MetricTest => {
    if (word('NOT')) {
      const test = term();
      return (metric) => !test(metric);
    }
    if (word('(')) {
      const test = any();
      if (!word(')')) throw new MathError('a parenthesis of the search is not closed');
      return test;
    }
    const token = tokens[at++];
    if (!token || token.sign) throw new MathError('the search expression ends too early');
    if (!word('=')) return (metric) => parts(metric).some(([name, value]) => fits(token, name) || fits(token, value));
    const wanted = word('(') ? group() : [operand()];
    return (metric) => {
      const found = property(metric, token.text);
      return found !== undefined && wanted.some((each) => fits(each, found));
    };
  };
  const group = (): Token[] => {
    const found = [operand()];
    while (!word(')')) {
      word('OR');
      found.push(operand());
    }
    return found;
  };
  const operand = (): Token => {
    const token = tokens[at++];
    if (!token || token.sign) throw new MathError('the search expression names no value');
    return token;
  };
  const test = any();
  if (at < tokens.length) throw new MathError(`${tokens[at]!.text} is not expected in the search`);
  return (metric) => inSchema(metric) && test(metric);
}

/** `{Namespace, Dimension…}`: metrics with exactly these dimensions. */
function schemaTest(schema: string): MetricTest {
  const [namespace, ...dimensions] = schema.split(',').map((part) => part.trim().replaceAll(/^"|"$/g, ''));
  const wanted = dimensions.toSorted().join('\n');
  return (metric) => metric.namespace === namespace && Object.keys(metric.dimensions).toSorted().join('\n') === wanted;
}

function tokenize(text: string): Token[] {
  const found = text.matchAll(/"([^"]*)"|([=()])|([^\s"=()]+)/g);
  return [...found].map(([, quoted, sign, word]) => ({
    text: quoted ?? sign ?? word ?? '',
    exact: quoted !== undefined,
    sign: sign !== undefined,
  }));
}

const parts = ({ namespace, name, dimensions }: Metric): [name: string, value: string][] => [
  ['Namespace', namespace],
  ['MetricName', name],
  ...Object.entries(dimensions),
];

const property = (metric: Metric, name: string): string | undefined =>
  parts(metric).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];

/** In quotes, the whole value; otherwise all of the words in it, which a change of case separates too. */
function fits({ text, exact }: Token, value: string): boolean {
  if (exact) return value === text;
  const words = wordsOf(value);
  return text.toLowerCase() === value.toLowerCase() || wordsOf(text).every((each) => words.includes(each));
}

const wordsOf = (text: string): string[] =>
  [
    ...text.toLowerCase().split(/[^a-z0-9]+/),
    ...text.split(/[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).map((word) => word.toLowerCase()),
  ].filter((word, index, all) => word !== '' && (all.length < 2 || all.indexOf(word) === index));
