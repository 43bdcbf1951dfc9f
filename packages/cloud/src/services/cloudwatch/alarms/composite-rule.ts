// The rule of a composite alarm: ALARM("one") AND NOT (OK("two") OR FALSE).
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
import { unsupported } from '../../../kernel/errors.ts';
import { validation } from '../errors.ts';
import { alarmName, type AlarmState } from './alarm.ts';

export type Rule =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'alarm'; readonly name: string; readonly state: AlarmState }
  | { readonly kind: 'not'; readonly of: Rule }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Rule[] };

const LONGEST = 10_240;
const MOST_ALARMS = 100;
const DEEPEST = 50;

/** Throws ValidationError for what is no rule. */
export function parseRule(text: string): Rule {
  if (text.length > LONGEST) throw validation(`AlarmRule must not be longer than ${LONGEST} characters.`);
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;
  const word = (expected: string): boolean => tokens[at]?.toUpperCase() === expected && (at++, true);
  const expect = (expected: string): void => {
    if (!word(expected)) throw malformed(`${expected} is missing`);
  };
  const any = (): Rule => {
    if (++depth > DEEPEST) throw malformed('it is nested too deeply');
    const parts = [all()];
    while (word('OR')) parts.push(all());
    depth--;
    return parts.length === 1 ? parts[0]! : { kind: 'or', of: parts };
  };
  const all = (): Rule => {
    const parts = [one()];
    while (word('AND')) parts.push(one());
    return parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
  };
  const one = (): Rule => {
    if (word('NOT')) return { kind: 'not', of: one() };
    if (word('TRUE')) return { kind: 'constant', value: true };
    if (word('FALSE')) return { kind: 'constant', value: false };
    if (word('(')) {
      const inner = any();
      expect(')');
      return inner;
    }
    if (word('AT_LEAST')) throw unsupported('AT_LEAST in an AlarmRule');
    const state = (['ALARM', 'OK', 'INSUFFICIENT_DATA'] as const).find((name) => word(name));
    if (!state) throw malformed(tokens[at] === undefined ? 'it ends too early' : `${tokens[at]} is not expected`);
    expect('(');
    const name = tokens[at++];
    if (name === undefined || name === ')') throw malformed('an alarm’s name is missing');
    expect(')');
    return { kind: 'alarm', name: alarmName(unquoted(name)), state };
  };
  const rule = any();
  if (at < tokens.length) throw malformed(`${tokens[at]} is not expected`);
  if (alarmsIn(rule).length > MOST_ALARMS) {
    throw validation(`AlarmRule must not refer to more than ${MOST_ALARMS} alarms.`);
  }
  return rule;
}

/** The names of the alarms that a rule asks for, each once. */
export function alarmsIn(rule: Rule): string[] {
  const names = new Set<string>();
  const visit = (each: Rule): void => {
    if (each.kind === 'alarm') names.add(each.name);
    else if (each.kind === 'not') visit(each.of);
    else if (each.kind !== 'constant') each.of.forEach(visit);
  };
  visit(rule);
  return [...names];
}

/** Whether a rule holds; `stateOf` is undefined for an alarm that is not there. */
export function holds(rule: Rule, stateOf: (name: string) => AlarmState | undefined): boolean {
  switch (rule.kind) {
    case 'constant':
      return rule.value;
    case 'alarm':
      return stateOf(rule.name) === rule.state;
    case 'not':
      return !holds(rule.of, stateOf);
    case 'and':
      return rule.of.every((each) => holds(each, stateOf));
    case 'or':
      return rule.of.some((each) => holds(each, stateOf));
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const token = /\s*(?:("(?:[^"\\]|\\.)*")|([()])|([^\s()"]+))/y;
  const end = text.trimEnd().length;
  while (token.lastIndex < end) {
    const match = token.exec(text);
    if (!match) throw malformed('a quote is not closed');
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
}

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll(/\\(.)/g, '$1') : name);

const malformed = (why: string) => validation(`AlarmRule must not contain syntax errors: ${why}.`);
