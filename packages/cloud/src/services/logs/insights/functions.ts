// The functions of queries on one event: numbers, texts, addresses.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
import { createHash } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

import { parseStructure, Structure } from './structure.ts';
import { isTrue, Moment, toNumber, toText, type Value } from './value.ts';

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

const subnets = (...networks: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', prefix] = network.split('/');
    list.addSubnet(base, Number(prefix), isIP(base) === 6 ? 'ipv6' : 'ipv4');
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
};

const isPrivate = subnets('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7');

/** https://www.iana.org/assignments/iana-ipv4-special-registry */
const isReserved = subnets(
  '0.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  'fe80::/10',
  'ff00::/8',
  '2001:db8::/32',
);

/** Branches of `case`. */
const MOST_CASES = 10;

/** By name in lower case, as queries may write them in any. */
export const FUNCTIONS: Readonly<Record<string, QueryFunction>> = {
  abs: onNumber(Math.abs),
  ceil: onNumber(Math.ceil),
  floor: onNumber(Math.floor),
  log: onNumber(Math.log),
  sqrt: onNumber(Math.sqrt),
  round: {
    arity: [1, 2],
    run: (value, decimals = 0) => {
      const [number, places] = [toNumber(value), toNumber(decimals)];
      return number === undefined || places === undefined
        ? undefined
        : Math.round(number * 10 ** places) / 10 ** places;
    },
  },
  tonumber: onNumber((number) => number),
  todouble: onNumber((number) => number),
  toint: onNumber(Math.trunc),
  tolong: onNumber(Math.trunc),
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

  if: { arity: [3, 3], run: (condition, yes, no) => (isTrue(condition) ? yes : no) },
  case: {
    arity: [2, MOST_CASES * 2 + 1],
    run: (...values) => {
      const branch = values.findIndex((value, index) => index % 2 === 0 && index + 1 < values.length && isTrue(value));
      return branch >= 0 ? values[branch + 1] : values.length % 2 === 1 ? values.at(-1) : undefined;
    },
  },

  jsonparse: {
    arity: [1, 1],
    run: (value) => (value === undefined || value instanceof Structure ? value : parseStructure(toText(value))),
  },
  jsonstringify: {
    arity: [1, 1],
    run: (value) =>
      value === undefined ? undefined : JSON.stringify(value instanceof Structure ? value.content : value),
  },

  isvalidip: isAddress(4, 6),
  isvalidipv4: isAddress(4),
  isvalidipv6: isAddress(6),
  isipinsubnet: inSubnet(4, 6),
  isipv4insubnet: inSubnet(4),
  isipv6insubnet: inSubnet(6),

  isprivateip: { arity: [1, 1], run: (value) => isPrivate(toText(value)) },
  ispublicip: {
    arity: [1, 1],
    run: (value) => isIP(toText(value)) !== 0 && !isPrivate(toText(value)) && !isReserved(toText(value)),
  },
  isreservedip: { arity: [1, 1], run: (value) => isReserved(toText(value)) },
  ipv4tonumber: {
    arity: [1, 1],
    run: (value) =>
      isIP(toText(value)) === 4
        ? toText(value)
            .split('.')
            .reduce((number, part) => number * 256 + Number(part), 0)
        : undefined,
  },

  isempty: { arity: [1, 1], run: (value) => toText(value) === '' },
  isblank: { arity: [1, 1], run: (value) => toText(value).trim() === '' },
  concat: { arity: [1, Infinity], run: (...values) => values.map(toText).join('') },
  ltrim: trim(true, false),
  rtrim: trim(false, true),
  trim: trim(true, true),
  // In code points, not in half of one.
  strlen: onText([1, 1], (text) => Array.from(text).length),
  toupper: onText([1, 1], (text) => text.toUpperCase()),
  tolower: onText([1, 1], (text) => text.toLowerCase()),
  substr: onText([2, 3], (text, start, length) =>
    text.slice(Number(start), length === undefined ? undefined : Number(start) + Number(length)),
  ),
  replace: onText([3, 3], (text, wanted = '', other = '') => text.replaceAll(wanted, () => other)),
  startswith: onText([2, 2], (text, start = '') => (text.startsWith(start) ? 1 : 0)),
  endswith: onText([2, 2], (text, end = '') => (text.endsWith(end) ? 1 : 0)),
  split: onText([2, 2], (text, separator = '') => new Structure(text.split(separator))),
  urlencode: onText([1, 1], encodeURIComponent),
  urldecode: onText([1, 1], (text) => {
    try {
      return decodeURIComponent(text.replaceAll('+', ' '));
    } catch (error) {
      if (error instanceof URIError) return undefined;
      throw error;
    }
  }),
  base64encode: onText([1, 1], (text) => Buffer.from(text).toString('base64')),
  base64decode: onText([1, 1], (text) => Buffer.from(text, 'base64').toString()),
  md5: onText([1, 1], (text) => createHash('md5').update(text).digest('hex')),
  sha256: onText([1, 1], (text) => createHash('sha256').update(text).digest('hex')),
  // AWS answers 1 and 0 here.
  strcontains: onText([2, 2], (text, part = '') => (text.includes(part) ? 1 : 0)),
};
