import { expect, test } from 'vitest';

import { readResults, ResultsError } from './test-results.ts';

test('JUnit: suites within suites, failures, errors, what was skipped, and texts with entities', () => {
  const results = readResults(
    'JUNITXML',
    `<?xml version="1.0"?><testsuites><testsuite name="outer">
      <testcase classname="pkg.A" name="adds &amp; more" time="0.25"/>
      <testcase classname="pkg.A" name="fails"><failure message="1 is not 2">at <![CDATA[<line 3>]]></failure></testcase>
      <testsuite name="inner"><testcase name="breaks" time="1,000.5"><error>no server</error></testcase>
      <testcase name="later"><skipped/></testcase></testsuite></testsuite></testsuites>`,
  );
  expect(results).toEqual([
    {
      suite: 'outer',
      prefix: 'pkg.A',
      name: 'adds & more',
      status: 'SUCCEEDED',
      nanoseconds: 250_000_000,
      message: '',
    },
    {
      suite: 'outer',
      prefix: 'pkg.A',
      name: 'fails',
      status: 'FAILED',
      nanoseconds: 0,
      message: '1 is not 2\nat <line 3>',
    },
    {
      suite: 'inner',
      prefix: '',
      name: 'breaks',
      status: 'ERROR',
      nanoseconds: 1_000_500_000_000,
      message: 'no server',
    },
    { suite: 'inner', prefix: '', name: 'later', status: 'SKIPPED', nanoseconds: 0, message: '' },
  ]);
});

test('Cucumber: a scenario is as its steps were', () => {
  const step = (status: string, more = {}) => ({ result: { status, duration: 5, ...more } });
  const features = [
    {
      name: 'Till',
      elements: [
        { type: 'background', name: 'open', steps: [step('passed')] },
        { type: 'scenario', name: 'pays', steps: [step('passed'), step('passed')] },
        { type: 'scenario', name: 'breaks', steps: [step('failed', { error_message: 'no change' }), step('skipped')] },
        { type: 'scenario', name: 'waits', steps: [step('pending')] },
      ],
    },
  ];
  expect(readResults('CUCUMBERJSON', JSON.stringify(features))).toMatchObject([
    { name: 'pays', status: 'SUCCEEDED', nanoseconds: 10 },
    { name: 'breaks', status: 'FAILED', message: 'no change' },
    { name: 'waits', status: 'SKIPPED' },
  ]);
});

test.for([
  ['JUNITXML', '<html/>'],
  ['JUNITXML', 'all tests passed'],
  ['CUCUMBERJSON', '{}'],
  ['CUCUMBERJSON', 'x'],
] as const)('%s refuses %s', ([format, text]) => {
  expect(() => readResults(format, text)).toThrow(ResultsError);
});
