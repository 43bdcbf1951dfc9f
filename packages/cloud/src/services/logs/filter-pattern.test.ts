// Filter patterns, with the examples of AWS's documentation, captured 2026-11.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
import { describe, expect, it } from 'vitest';

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
    ['%st[ao]p [0-9]+%', 'stop 42', true],
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
    ThisFlag: true,
    errorCode: 404,
  });

  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType != "UpdateTrail" }', false],
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
  ])('%s: %s', (pattern, expected) => {
    expect(compilePattern(pattern)(request)).toBe(expected);
  });
});

it.each(['"open', '{ $.a = 1', '{ a = 1 }', '[ip', '{ $.a < "x" }', '{ ($.a = 1 }'])('%s is refused', (pattern) => {
  expect(() => compilePattern(pattern)).toThrow('Invalid filter pattern');
});
