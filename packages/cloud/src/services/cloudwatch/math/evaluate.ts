// The value of a metric math expression.
import { findFunction, type Place } from './functions.ts';
import { isList, isSeries, mapPoints, withPoints, type Series, type Value } from './series.ts';
import { MathError, type Node, type Operator } from './syntax.ts';

/** Where names get their values: other queries by their ids; undefined where there is none. */
export type Scope = Place & { readonly find: (id: string) => Value | undefined };

const WORDS = ['REPEAT', 'LINEAR', 'AVG', 'MIN', 'MAX', 'SUM', 'ASC', 'DESC'];

/** Throws {@link MathError} where types do not fit or a name is unknown. */
export function evaluateMath(node: Node, scope: Scope): Value {
  switch (node.kind) {
    case 'number':
    case 'text':
      return node.value;
    case 'name':
      return named(node.name, scope);
    case 'list':
      return node.items.flatMap((item) => {
        const value = evaluateMath(item, scope);
        if (typeof value === 'string' || typeof value === 'number') throw new MathError('an array holds time series');
        return value;
      });
    case 'negative':
      return apply('-', 0, evaluateMath(node.of, scope));
    case 'operation':
      return apply(node.operator, evaluateMath(node.left, scope), evaluateMath(node.right, scope));
    case 'call':
      return findFunction(node.name)(
        node.args.map((argument) => evaluateMath(argument, scope)),
        scope,
      );
  }
}

function named(name: string, scope: Scope): Value {
  const value = scope.find(name);
  if (value !== undefined) return value;
  if (WORDS.includes(name)) return name;
  throw new MathError(`there is no metric ${name}`);
}

const OPERATIONS: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  '<': (left, right) => Number(left < right),
  '>': (left, right) => Number(left > right),
  '<=': (left, right) => Number(left <= right),
  '>=': (left, right) => Number(left >= right),
  '&&': (left, right) => Number(left !== 0 && right !== 0),
  '||': (left, right) => Number(left !== 0 || right !== 0),
};

/** Point by point; a time at which one of two series has no value has none in the result. */
function apply(operator: Operator, left: Value, right: Value): Value {
  if (typeof left === 'string' || typeof right === 'string') throw new MathError(`${operator} takes no text`);
  if (isList(left)) return left.map((series, index) => apply(operator, series, partner(right, index, left)) as Series);
  if (isList(right)) return right.map((series) => apply(operator, left, series) as Series);
  const compute = OPERATIONS[operator];
  if (typeof left === 'number') {
    return typeof right === 'number' ? compute(left, right) : mapPoints(right, (value) => compute(left, value));
  }
  if (typeof right === 'number') return mapPoints(left, (value) => compute(value, right));
  return withPoints(
    { ...left, period: Math.min(left.period, right.period) },
    [...left.points].map(([at, value]) => {
      const other = right.points.get(at);
      return [at, other === undefined ? undefined : compute(value, other)] as const;
    }),
  );
}

function partner(right: number | Series | readonly Series[], index: number, left: readonly Series[]): Value {
  if (typeof right === 'number' || isSeries(right)) return right;
  if (right.length !== left.length) throw new MathError('arrays of different lengths cannot be combined');
  return right[index]!;
}
