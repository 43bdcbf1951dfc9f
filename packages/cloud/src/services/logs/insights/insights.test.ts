// Logs Insights through the SDK: the commands and functions of AWS's documentation, on events as applications write them.
import {
  CreateLogGroupCommand,
  DeleteQueryDefinitionCommand,
  DescribeQueriesCommand,
  DescribeQueryDefinitionsCommand,
  GetLogRecordCommand,
  GetQueryResultsCommand,
  PutQueryDefinitionCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { groupWith, startLogs, type TestLogs } from '../test-logs.ts';

const REQUESTS = [
  { level: 'INFO', status: 200, path: '/a', milliseconds: 10, user: { name: 'ada', admin: true } },
  { level: 'INFO', status: 200, path: '/b', milliseconds: 20, user: { name: 'bob', admin: false } },
  { level: 'ERROR', status: 500, path: '/a', milliseconds: 31.5, user: { name: 'ada', admin: true } },
  { level: 'WARN', status: 404, path: '/c', milliseconds: 5, tags: ['x', 'y'] },
];

const REPORT =
  'REPORT RequestId: 8f5a3d1c-0000-4000-8000-000000000001\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\tInit Duration: 99.5 ms\t';

let logs: TestLogs;

beforeAll(async () => {
  logs = await startLogs();
  await groupWith(
    logs,
    'requests',
    REQUESTS.map((request) => JSON.stringify(request)),
  );
  await groupWith(logs, 'function', ['START RequestId: 8f5a3d1c-0000-4000-8000-000000000001 Version: $LATEST', REPORT]);
  await groupWith(logs, 'plain', [
    'user=ada, method:GET, latency := 12',
    'user=bob, method:PUT, latency := 7',
    'from 10.0.1.7 in 3 attempts',
  ]);
  await groupWith(
    logs,
    'numbers',
    [3, 1, 2, 10].map((n) => JSON.stringify({ n, s: `s${n}` })),
  );
});
afterAll(() => logs.cloud.stop());

/** The rows of a query as objects, without their pointers. */
async function ask(logGroupName: string, queryString: string, pointers = false) {
  const now = Math.ceil(logs.cloud.clock.now() / 1_000);
  const window = { startTime: now - 3_600, endTime: now };
  const { queryId } = await logs.client.send(new StartQueryCommand({ logGroupName, queryString, ...window }));
  for (;;) {
    const { status, results } = await logs.client.send(new GetQueryResultsCommand({ queryId }));
    if (status === 'Running') continue;
    expect(status).toBe('Complete');
    return results!.map((row) =>
      Object.fromEntries(row.flatMap(({ field, value }) => (pointers || field !== '@ptr' ? [[field, value]] : []))),
    );
  }
}

test('events come newest first, as their time and message where no field is asked for', async () => {
  const [newest, ...others] = await ask('plain', 'filter @message like /latency/');
  expect(newest).toEqual({
    '@timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/) as string,
    '@message': 'user=bob, method:PUT, latency := 7',
  });
  expect(others).toMatchObject([{ '@message': 'user=ada, method:GET, latency := 12' }]);
});

test.for([
  ['status = 200 and user.name = "ada"', ['/a']],
  ['status >= 400 or path = "/b"', ['/c', '/a', '/b']],
  ['not (status = 200)', ['/c', '/a']],
  ['level in ["WARN", "ERROR"]', ['/c', '/a']],
  ['level not in ["WARN", "ERROR"]', ['/b', '/a']],
  ['level like "RR"', ['/a']],
  ['level not like /(?i)info/', ['/c', '/a']],
  ['level =~ /^W/', ['/c']],
  ['level =~ /^(?i)error$/', ['/a']],
  ['user.admin = 1', ['/a', '/a']],
  ['ispresent(user.name)', ['/a', '/b', '/a']],
  ['user.name != "ada"', ['/c', '/b']],
  ['tags.1 = "y"', ['/c']],
  ['milliseconds * 2 + 1 > 60 # a comment', ['/a']],
  ['strlen(level) = 5 and milliseconds % 2 = 1.5', ['/a']],
] as [string, string[]][])('filter %s', async ([condition, paths]) => {
  expect(await ask('requests', `fields path | filter ${condition}`)).toEqual(paths.map((path) => ({ path })));
});

test.for([
  ['concat(level, "-", status)', 'ERROR-500'],
  ['toupper(path)', '/A'],
  ['substr(level, 1, 3)', 'RRO'],
  ['replace(level, "R", "rr")', 'ErrrrOrr'],
  ['trim("  x ")', 'x'],
  ['ltrim("--x-", "-")', 'x-'],
  ['strcontains(level, "ERR")', '1'],
  ['coalesce(nothing, status)', '500'],
  ['isblank(" ")', '1'],
  ['floor(milliseconds)', '31'],
  ['ceil(milliseconds)', '32'],
  ['greatest(status, 7, milliseconds)', '500'],
  ['2 ^ 3', '8'],
  ['10 % 3', '1'],
  ['abs(0 - status)', '500'],
  ['isIpv4InSubnet("10.0.1.7", "10.0.0.0/16")', '1'],
  ['isValidIpv6("10.0.1.7")', '0'],
  ['fromMillis(0)', '1970-01-01 00:00:00.000'],
  ['datefloor(fromMillis(1700000000000), 1d)', '2023-11-14 00:00:00.000'],
  ['dateceil(fromMillis(1700000000000), 1mo)', '2023-12-01 00:00:00.000'],
  ['toMillis(datefloor(fromMillis(1700000000000), 1w))', String(Date.UTC(2023, 10, 13))],
  ['strlen("\u{1F600}!")', '2'],
  ['ltrim("xyZfooxyZ", "xyZ")', 'fooxyZ'],
  ['round(milliseconds * 1.01, 1)', '31.8'],
  ['toInt("12.9")', '12'],
  ['if(status >= 500, "broken", "fine")', 'broken'],
  ['case(status = 200, "fine", status = 500, "broken", "odd")', 'broken'],
  ['case(status = 200, "fine", "odd")', 'odd'],
  ['regex_replace(path, /(a)/, "<\\1>")', '/<a>'],
  ['startsWith(level, "ERR")', '1'],
  ['endsWith(level, "ERR")', '0'],
  ['urldecode("a%20b+c")', 'a b c'],
  ['base64decode(base64encode(level))', 'ERROR'],
  ['md5("a")', '0cc175b9c0f1b6a831c399e269772661'],
  ['isPrivateIP("172.31.0.1")', '1'],
  ['isPublicIP("127.0.0.1")', '0'],
  ['ipv4ToNumber("1.2.3.4")', '16909060'],
  ['jsonStringify(jsonParse("{ \\"a\\": [1] }"))', '{"a":[1]}'],
] as [string, string][])('%s is %s', async ([expression, value]) => {
  expect(await ask('requests', `fields ${expression} as x | filter status = 500`)).toEqual([{ x: value }]);
});

test('parse takes fields out of texts, by asterisks and by named groups', async () => {
  const glob = 'parse @message "user=*, method:*, latency := *" as @user, @method, @latency';
  expect(await ask('plain', `fields @user, @latency | ${glob}`)).toHaveLength(3);
  expect(await ask('plain', `${glob} | filter ispresent(@user) | display @user, @method, @latency`)).toEqual([
    { '@user': 'bob', '@method': 'PUT', '@latency': '7' },
    { '@user': 'ada', '@method': 'GET', '@latency': '12' },
  ]);
  const regex = 'parse @message /from (?<ip>[\\d.]+) in (?<attempts>\\d+)/';
  expect(await ask('plain', `${regex} | filter attempts > 2 | display ip`)).toEqual([{ ip: '10.0.1.7' }]);
});

test('parse shows what it finds, beside what was asked for', async () => {
  const [newest] = await ask('plain', 'parse @message "user=*, method:*," as @user, @method | filter @user = "bob"');
  expect(Object.keys(newest!)).toEqual(['@timestamp', '@message', '@user', '@method']);
  expect(await ask('plain', 'fields @logStream | parse @message "user=*," as who | filter who = "ada"')).toEqual([
    { '@logStream': 'stream', who: 'ada' },
  ]);
});

test('parse reads the documentation’s line by both kinds of pattern', async () => {
  const line = '25 May 2019 10:24:39,474 [ERROR] {foo=2, bar=data} The error was: DataIntegrityException';
  await groupWith(logs, 'documented', [line]);
  const found = { level: 'ERROR', config: '{foo=2, bar=data}', exception: 'DataIntegrityException' };
  for (const pattern of [
    '"[*] * The error was: *" as level, config, exception',
    '/\\[(?<level>\\S+)\\]\\s+(?<config>\\{.*\\})\\s+The error was: (?<exception>\\S+)/',
  ]) {
    expect(await ask('documented', `parse @message ${pattern} | display level, config, exception`)).toEqual([found]);
  }
});

test('parse reads lines of logfmt and CSV, and every match where it is asked for', async () => {
  await groupWith(logs, 'formats', [
    'level=error msg="no \\"till\\", again" duration=12 retry',
    '2026-01-01,"WARN",slow, 7',
    'from 10.0.0.1 by 10.0.0.2',
  ]);
  expect(
    await ask(
      'formats',
      'parse @message logfmt as lf | filter lf.level = "error" | display lf.msg, lf.duration, lf.retry',
    ),
  ).toEqual([{ 'lf.msg': 'no "till", again', 'lf.duration': '12', 'lf.retry': 'true' }]);
  expect(
    await ask(
      'formats',
      'parse csv as day, level, what, count | filter level = "WARN" | display day, what, count + 1 as n',
    ),
  ).toEqual([{ day: '2026-01-01', what: 'slow', n: '8' }]);
  const addresses =
    'parse @message /(?<ip>\\d+\\.\\d+\\.\\d+\\.\\d+)/ multi | filter ispresent(ip) | stats count(*) as n by ip | sort ip';
  expect(await ask('formats', addresses)).toEqual([
    { ip: '10.0.0.1', n: '1' },
    { ip: '10.0.0.2', n: '1' },
  ]);
});

test('lists in JSON are unnested, and maps are reached into', async () => {
  await groupWith(logs, 'nested', [
    '{"id": 1, "events": [{"name": "exception", "spans": 3}, {"name": "user action", "spans": 4}], "odd.key": {"a": 1}}',
  ]);
  expect(
    await ask('nested', 'fields jsonParse(@message) as json | unnest json.events into event | display event.name, id'),
  ).toEqual([
    { 'event.name': 'exception', id: '1' },
    { 'event.name': 'user action', id: '1' },
  ]);
  expect(
    await ask(
      'nested',
      'fields jsonParse(@message) as json | fields json.events[1].name as second, json.events[9].name as none | display second, none',
    ),
  ).toEqual([{ second: 'user action' }]);
  const spans =
    'fields jsonParse(@message) as j | unnest j.events into e | stats sum(e.spans) as n, values(e.name) as names by id';
  expect(await ask('nested', spans)).toEqual([{ id: '1', n: '7', names: '["exception","user action"]' }]);
});

test('stats counts groups, names its results, and may be asked again about them', async () => {
  expect(
    await ask('requests', 'stats count(*) as n, avg(milliseconds), max(status) by level | sort n desc, level'),
  ).toEqual([
    { level: 'INFO', n: '2', 'avg(milliseconds)': '15', 'max(status)': '200' },
    { level: 'ERROR', n: '1', 'avg(milliseconds)': '31.5', 'max(status)': '500' },
    { level: 'WARN', n: '1', 'avg(milliseconds)': '5', 'max(status)': '404' },
  ]);
  expect(await ask('requests', 'stats count(*) as n by path | stats max(n) as most, count(*) as paths')).toEqual([
    { most: '2', paths: '3' },
  ]);
  expect(
    await ask('requests', 'stats count_distinct(user.name) as users, latest(path) as last, earliest(path)'),
  ).toEqual([{ users: '2', last: '/c', 'earliest(path)': '/a' }]);
  expect(
    await ask('numbers', 'stats sum(n), pct(n, 50), stddev(n), sortsFirst(n) as low, sortsLast(s) as high'),
  ).toEqual([{ 'sum(n)': '16', 'pct(n, 50)': '2', 'stddev(n)': '3.5355', low: '1', high: 's3' }]);
  expect(await ask('numbers', 'stats sum(n) / count(*) as mean, mean * 2 as twice')).toEqual([
    { mean: '4', twice: '8' },
  ]);
  expect(await ask('numbers', 'filter n > 99 | stats count(*) as n')).toEqual([{ n: '0' }]);
});

test('bin groups events by time', async () => {
  const [row, ...others] = await ask('requests', 'stats count(*) as n by bin(1y)');
  expect([row, ...others].reduce((sum, { n }) => sum + Number(n), 0)).toBe(4);
  expect(row).toMatchObject({ 'bin(1y)': expect.stringMatching(/^\d{4}-01-01 00:00:00\.000$/) as string });
});

test('sort, limit and dedup', async () => {
  expect(await ask('numbers', 'fields n | sort n asc | limit 2')).toEqual([{ n: '1' }, { n: '2' }]);
  expect(await ask('numbers', 'fields s | sort s desc')).toEqual([{ s: 's3' }, { s: 's2' }, { s: 's10' }, { s: 's1' }]);
  expect(await ask('requests', 'fields path, status | dedup path')).toEqual([
    { path: '/c', status: '404' },
    { path: '/a', status: '500' },
    { path: '/b', status: '200' },
  ]);
});

test('the lines of functions have fields of their own', async () => {
  const lambda =
    'filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as mb, max(@maxMemoryUsed / 1000 / 1000) as used, mb - used as over, max(@duration), max(@initDuration) by @requestId';
  expect(await ask('function', lambda)).toEqual([
    {
      '@requestId': '8f5a3d1c-0000-4000-8000-000000000001',
      mb: '128',
      used: '64',
      over: '64',
      'max(@duration)': '12.34',
      'max(@initDuration)': '99.5',
    },
  ]);
});

test('a pointer leads to the whole event', async () => {
  const [row] = await ask('requests', 'fields path | filter status = 500', true);
  const { logRecord } = await logs.client.send(new GetLogRecordCommand({ logRecordPointer: row!['@ptr'] }));
  expect(logRecord).toMatchObject({ '@log': '000000000000:requests', '@logStream': 'stream', 'user.name': 'ada' });
});

test.for([
  ['stats avg(x', "expecting ')'"],
  ['fields', 'unexpected the end of the query, expecting a field'],
  ['nonsense x', "unexpected 'nonsense'"],
  ['fields shout(x)', 'the function shout is not supported'],
  ['filter count(*) > 1', 'aggregate functions are for stats only'],
  ['pattern @message', 'the command pattern is not supported'],
  ['parse @message "a *" as x, y', 'the pattern has 1 asterisks for 2 fields'],
  ['fields @message filter x = 1', "unexpected 'filter', expecting '|'"],
] as [string, string][])('%s is refused', async ([query, reason]) => {
  await expect(ask('plain', query)).rejects.toMatchObject({
    name: 'MalformedQueryException',
    message: expect.stringContaining(reason) as string,
  });
});

test('queries are listed and stopped, and belong to groups that exist', async () => {
  await logs.client.send(new CreateLogGroupCommand({ logGroupName: 'long' }));
  const [startTime, endTime] = [0, Math.ceil(logs.cloud.clock.now() / 1_000)];
  const start = { startTime, endTime, queryString: 'fields x', logGroupNames: ['long', 'requests'] };
  await expect(logs.client.send(new StartQueryCommand({ ...start, logGroupNames: ['none'] }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  const { queryId } = await logs.client.send(new StartQueryCommand(start));
  const { queries } = await logs.client.send(new DescribeQueriesCommand({}));
  expect(queries![0]).toMatchObject({ queryId, queryString: 'fields x' });
  const results = new GetQueryResultsCommand({ queryId });
  while ((await logs.client.send(results)).status === 'Running');
  await expect(logs.client.send(new StopQueryCommand({ queryId }))).rejects.toMatchObject({
    name: 'InvalidParameterException',
  });
});

test('queries are kept under names', async () => {
  const definition = { name: 'errors', queryString: 'filter level = "ERROR"', logGroupNames: ['requests'] };
  const { queryDefinitionId } = await logs.client.send(new PutQueryDefinitionCommand(definition));
  await logs.client.send(new PutQueryDefinitionCommand({ ...definition, queryDefinitionId, queryString: 'limit 1' }));
  const list = new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: 'err' });
  expect((await logs.client.send(list)).queryDefinitions).toMatchObject([{ ...definition, queryString: 'limit 1' }]);
  await logs.client.send(new DeleteQueryDefinitionCommand({ queryDefinitionId }));
  expect((await logs.client.send(list)).queryDefinitions).toEqual([]);
});

test.each([
  ['without a name', { name: '' }, /name/],
  ['with a colon', { name: 'a:b' }, /name/],
  ['with an empty folder', { name: 'a//b' }, /name/],
  ['of nothing', { queryString: '' }, /queryString/],
  ['of another language', { queryLanguage: 'SQL' as const }, /SQL/],
  ['with parameters', { parameters: [{ name: 'x' }] }, /parameters/],
])('a definition %s is refused', async (_what, wrong, message) => {
  const input = { name: 'shop/errors', queryString: 'limit 1', ...wrong };
  await expect(logs.client.send(new PutQueryDefinitionCommand(input))).rejects.toThrow(message);
});

test('definitions are listed in pages', async () => {
  for (const name of ['pages/a', 'pages/b', 'pages/c']) {
    await logs.client.send(new PutQueryDefinitionCommand({ name, queryString: 'limit 1' }));
  }
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const list = new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: 'pages/', maxResults: 2, nextToken });
    const page = await logs.client.send(list);
    names.push(...page.queryDefinitions!.map(({ name }) => name!));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(names.toSorted()).toEqual(['pages/a', 'pages/b', 'pages/c']);
});

test('sums by group are those of a slow count', async () => {
  const values = fc.array(fc.record({ k: fc.constantFrom('a', 'b', 'c'), n: fc.integer({ min: -50, max: 50 }) }), {
    minLength: 1,
    maxLength: 20,
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(values, async (events) => {
      const group = `model-${count++}`;
      await groupWith(
        logs,
        group,
        events.map((event) => JSON.stringify(event)),
      );
      const expected = Object.entries(Object.groupBy(events, ({ k }) => k)).map(([k, of]) => ({
        k,
        s: String(of.reduce((sum, { n }) => sum + n, 0)),
        most: String(Math.max(...of.map(({ n }) => n))),
      }));
      const answer = await ask(group, 'stats sum(n) as s, max(n) as most by k | sort k');
      expect(answer).toEqual(expected.toSorted((a, b) => (a.k < b.k ? -1 : 1)));
    }),
    { numRuns: 25 },
  );
});
