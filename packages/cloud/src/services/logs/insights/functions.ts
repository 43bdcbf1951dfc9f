// The functions of queries on one event: numbers, texts, addresses.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
import { BlockList, isIP } from 'node:net';

import { Moment, toNumber, toText, type Value } from './value.ts';

export interface QueryFunction {
  /** How many arguments it takes: the fewest, and the most. */
  readonly arity: readonly [number, number];
  readonly run: (...values: Value[]) => Value;
}

const onNumber = (run: (number: number) => number): QueryFunction => ({
  arity: [1, 1],
  run: (value) => {
    const number = toNumber(value);
    return number === undefined ? undefined : run(number);
  },
});

const onNumbers = (run: (...numbers: number[]) => number): QueryFunction => ({
  arity: [1, Infinity],
  run: (...values) => {
    const numbers = values.flatMap((value) => toNumber(value) ?? []);
    return numbers.length === 0 ? undefined : run(...numbers);
  },
});

/** A function of texts that answers nothing where its first one is missing. */
const onText = (arity: QueryFunction['arity'], run: (text: string, ...others: string[]) => Value): QueryFunction => ({
  arity,
  run: (value, ...others) => (value === undefined ? undefined : run(toText(value), ...others.map(toText))),
});

const trim = (start: boolean, end: boolean): QueryFunction =>
  onText([1, 2], (text, set = ' \t\r\n') => {
    let [from, to] = [0, text.length];
    while (start && from < to && set.includes(text[from]!)) from++;
    while (end && from < to && set.includes(text[to - 1]!)) to--;
    return text.slice(from, to);
  });

const isAddress = (...versions: readonly number[]): QueryFunction => ({
  arity: [1, 1],
  run: (value) => versions.includes(isIP(toText(value))),
});

const inSubnet = (...versions: readonly number[]): QueryFunction => ({
  arity: [2, 2],
  run: (value, subnet) => {
    const [network = '', prefix = ''] = toText(subnet).split('/');
    const address = toText(value);
    if (!versions.includes(isIP(address)) || isIP(network) === 0) return false;
    const list = new BlockList();
    const family = (ip: string) => (isIP(ip) === 6 ? 'ipv6' : 'ipv4');
    list.addSubnet(network, Number(prefix), family(network));
    return list.check(address, family(address));
  },
});

/** By name in lower case, as queries may write them in any. */
export const FUNCTIONS: Readonly<Record<string, QueryFunction>> = {
  abs: onNumber(Math.abs),
  ceil: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  log: onNumber(Math.log),
  sqrt: onNumber(Math.sqrt),
  greatest: onNumbers(Math.max),
  least: onNumbers(Math.min),

  frommillis: {
    arity: [1, 1],
    run: (value) => {
      const milliseconds = toNumber(value);
      return milliseconds === undefined ? undefined : new Moment(milliseconds);
    },
  },
  tomillis: { arity: [1, 1], run: (value) => (value instanceof Moment ? value.milliseconds : toNumber(value)) },

  ispresent: { arity: [1, 1], run: (value) => value !== undefined },
  coalesce: { arity: [1, Infinity], run: (...values) => values.find((value) => value !== undefined) },

  isvalidip: isAddress(4, 6),
  isvalidipv4: isAddress(4),
  isvalidipv6: isAddress(6),
  isipinsubnet: inSubnet(4, 6),
  isipv4insubnet: inSubnet(4),
  isipv6insubnet: inSubnet(6),

  isempty: { arity: [1, 1], run: (value) => toText(value) === '' },
  isblank: { arity: [1, 1], run: (value) => toText(value).trim() === '' },
  concat: { arity: [1, Infinity], run: (...values) => values.map(toText).join('') },
  ltrim: trim(true, false),
  rtrim: trim(false, true),
  trim: trim(true, true),
  strlen: onText([1, 1], (text) => text.length),
  toupper: onText([1, 1], (text) => text.toUpperCase()),
  tolower: onText([1, 1], (text) => text.toLowerCase()),
  substr: onText([2, 3], (text, start, length) =>
    text.slice(Number(start), length === undefined ? undefined : Number(start) + Number(length)),
  ),
  replace: onText([3, 3], (text, wanted = '', other = '') => text.replaceAll(wanted, () => other)),
  // AWS answers 1 and 0 here.
  strcontains: onText([2, 2], (text, part = '') => (text.includes(part) ? 1 : 0)),
};
