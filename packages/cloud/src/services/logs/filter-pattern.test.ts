// Filter patterns, with the examples of AWS's documentation, captured 2026-11.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
import { describe, expect, it } from 'vitest';

import { fieldValues } from './filter-fields.ts';
import { compilePattern } from './filter-pattern.ts';

describe('terms', () => {
  it.each([
    ['ERROR', '[ERROR] Unable to continue', true],
    ['ERROR', '[error] Unable to continue', false],
    ['ERROR ARGUMENTS', '[ERROR 400] INVALID ARGUMENTS', true],
    ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
    ['?ERROR ?ARGUMENTS', '[WARN] ARGUMENTS', true],
    ['?ERROR ?ARGUMENTS', '[WARN] REQUEST', false],
    ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
    ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL ERROR SERVER', false],
    ['ERROR -EXITING', '[ERROR] EXITING', false],
    ['ERROR -EXITING', '[ERROR] RESTARTING', true],
    ['%AUTHORIZED%', 'UNAUTHORIZED', true],
    ['ERROR', 'Exiting with ERRORCODE: -1', true],
    ['"ERROR" - "Exiting"', 'Exiting with ERRORCODE: -1', false],
    ['ERROR Exception', '[ERROR] Caught IllegalArgumentException', true],
    ['"Failed to process the request"', '[WARN] Failed to process the request', true],
    ['?ERROR ?WARN', 'WARN message', true],
    ['ERROR WARN', 'ERROR message', false],
    ['?ERROR ?ARGUMENTS 400', '[WARN 400]', true],
    ['%st[ao]p\\s[0-9]+%', 'stop 42', true],
    ['%^[hc]at%', 'a cat', false],
    ['%a{3,5}%', 'baaad', true],
    ['%\\x28now\\x29%', 'stop (now)', true],
    ['%[Ee]rror|[Ff]ail% job', 'job: Fail', true],
    ['', 'anything', true],
  ])('%s over %s: %s', (pattern, message, expected) => {
    expect(compilePattern(pattern)(message)).toBe(expected);
  });
});

describe('JSON selectors', () => {
  const event = JSON.stringify({
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    cluster: { name: 'c' },
    'cluster.name': 'dotted',
    ThisFlag: true,
    errorCode: 404,
  });

  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType = *Trail }', true],
    ['{ $.eventType = "Up*Trail" }', false],
    ['{ $.eventType = * }', true],
    ['{ $.eventType != "UpdateTrail" }', false],
    ['{ $.eventType = %Trail% }', true],
    [`{ $.['cluster.name'] = "dotted" }`, true],
    ['{ $.arrayKey = "value" }', false],
    ['{ $.arrayKey != "value" }', false],
    ['{ $.objectList[*].id = 2 }', true],
    ['{ $.errorCode < 10e3 }', true],
    ['{ $.errorCode > 10e-3 }', true],
    ['{ $.errorCode > +1000 }', false],
    ['{ $.errorCode != 500 }', true],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[1] = "value" }', false],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.ThisFlag IS FALSE }', false],
    ['{ $.errorCode >= 400 && $.errorCode < 500 }', true],
    ['{ $.errorCode = 5* || $.cluster.name = "c" }', true],
    ['{ ($.errorCode = 500 || $.errorCode = 404) && $.eventType = %^Update% }', true],
  ])('%s: %s', (pattern, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });

  const people = JSON.stringify({
    user: { id: 1, email: 'John.Stiles@example.com' },
    users: [
      { id: 2, email: 'John.Doe@example.com' },
      { id: 3, email: 'Jane.Doe@example.com' },
    ],
    actions: ['GET', 'PUT', 'DELETE'],
    coordinates: [
      [0, 1, 2],
      [4, 5, 6],
      [7, 8, 9],
    ],
  });

  it.each([
    ['{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', true],
    ['{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', false],
    ['{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }', true],
    [
      '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }',
      false,
    ],
    ['{ $.coordinates[1][2] = 6 }', true],
  ])('%s: %s', (pattern, expected) => {
    expect(compilePattern(pattern)(people)).toBe(expected);
  });

  it('match no message that is not JSON', () => {
    expect(compilePattern('{ $.a NOT EXISTS }')('plain text')).toBe(false);
    expect(compilePattern('{ $.a NOT EXISTS }')('{"a":')).toBe(false);
  });
});

describe('fields', () => {
  const request = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

  it.each([
    ['[ip, user, username, timestamp, request, status_code = 4*, bytes]', true],
    ['[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]', true],
    ['[ip, user, username, timestamp, request, status_code = 4*, bytes > 2000]', false],
    ['[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]', true],
    ['[..., status_code = 404, bytes]', true],
    ['[ip = %127\\.0\\.0\\.[1-9]%, ...]', true],
    ['[ip, user, username, timestamp, request, status_code = 404 || status_code = 410, bytes]', true],
    ['[ip, user]', false],
    ['[..., status_code, bytes]', true],
    ['[ip, user, ..., status_code, bytes]', true],
    ['[ip, user, ...]', true],
    ['[..., request=*.html*, status_code=4*,]', true],
    ['[ip=%^\\d{1,3}\\.%, ..., bytes]', true],
    ['[ip, user, username, timestamp, request = "GET /index.html HTTP/1.0", ...]', true],
  ])('%s: %s', (pattern, expected) => {
    expect(compilePattern(pattern)(request)).toBe(expected);
  });
});

it.each([
  ['[w1=ERROR, w2]', [false, true, false]],
  ['[w1=ERROR || w1=WARN, w2]', [false, true, true]],
  ['[w1!=ERROR&&w1!=WARN, w2]', [false, false, false]],
])('%s over the three lines of the documentation: %s', (pattern, expected) => {
  const lines = ['ERROR WARN message', 'ERROR message', 'WARN message'];
  expect(lines.map(compilePattern(pattern))).toEqual(expected);
});

it('fields without a name go by their place', () => {
  const values = fieldValues('[..., request=*.html*, status_code=4*,]');
  expect(values('127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534')).toEqual({
    1: '127.0.0.1',
    2: '-',
    3: 'frank',
    4: '10/Oct/2000:13:25:15 -0700',
    request: 'GET /index.html HTTP/1.0',
    status_code: '404',
    7: '1534',
  });
});

it.each([
  ['"open', "Invalid character(s) in term '\"'"],
  ['""', `Invalid character(s) in term '""'`],
  ['err:code', "Invalid character(s) in term ':'"],
  ['8f5a3d1c-0000', "Invalid character(s) in term '-'"],
  ['status=SUCCESS*', "Invalid character(s) in term '='"],
  ['%something!%', "Invalid character(s) in term '!'"],
  ['%(a|b)%', "Invalid character(s) in term '('"],
  ['%[a%', 'is not a regular expression'],
  ['%a% %b% %c%', 'more than 2 regular expressions'],
  ['{ $.a = 1', "it must end with '}'"],
  ['{ a = 1 }', 'cannot read the condition'],
  ['{ $."detail-type" = 1 }', 'cannot read the selector'],
  ['{ $.a EXISTS }', 'cannot read the condition'],
  ['{ $.a IS NOT NULL }', 'cannot read the condition'],
  ['{ $.a < "x" }', 'needs a number'],
  ['{ $.a > 0x10 }', 'needs a number'],
  ['{ ($.a = 1 }', 'not closed'],
  ['[ip', "it must end with ']'"],
  ['[..., a, ...]', 'more than one ellipsis'],
  ['[status_code = 4* && bytes > 1000]', 'cannot read the field bytes > 1000'],
])('%s is refused', (pattern, reason) => {
  expect(() => compilePattern(pattern)).toThrow('Invalid filter pattern');
  expect(() => compilePattern(pattern)).toThrow(reason);
});
