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

const NUNIT3 = `<test-run id="2" result="Failed"><test-suite type="Assembly" name="Shop.dll"><test-suite type="TestFixture" name="TillTests">
  <test-case name="Pays" fullname="Shop.TillTests.Pays" classname="Shop.TillTests" result="Passed" duration="0.5"/>
  <test-case name="Breaks" fullname="Shop.TillTests.Breaks" classname="Shop.TillTests" result="Failed" label="Error" duration="0"><failure><message><![CDATA[no till]]></message><stack-trace>at Till</stack-trace></failure></test-case>
  <test-case name="Waits" fullname="Shop.TillTests.Waits" classname="Shop.TillTests" result="Skipped"/>
</test-suite></test-suite></test-run>`;

const NUNIT2 = `<test-results name="Shop.dll" total="3"><test-suite type="TestFixture" name="TillTests"><results>
  <test-case name="Shop.TillTests.Pays" executed="True" result="Success" time="0.500"/>
  <test-case name="Shop.TillTests.Breaks" executed="True" result="Error" time="0"><failure><message>no till</message><stack-trace>at Till</stack-trace></failure></test-case>
  <test-case name="Shop.TillTests.Waits" executed="False" result="Ignored"/>
</results></test-suite></test-results>`;

const TESTNG = `<testng-results failed="1"><suite name="TillTests"><test name="t"><class name="Shop.TillTests">
  <test-method status="PASS" name="setUp" is-config="true" duration-ms="9"/>
  <test-method status="PASS" name="Pays" duration-ms="500"/>
  <test-method status="FAIL" name="Breaks" duration-ms="0"><exception class="x"><message>no till</message><full-stacktrace>at Till</full-stacktrace></exception></test-method>
  <test-method status="SKIP" name="Waits" duration-ms="0"/>
</class></test></suite></testng-results>`;

const TRX = `<TestRun name="TillTests"><Results>
  <UnitTestResult testId="1" testName="Pays" outcome="Passed" duration="00:00:00.5000000"/>
  <UnitTestResult testId="2" testName="Breaks" outcome="Error" duration="00:00:00"><Output><ErrorInfo><Message>no till</Message><StackTrace>at Till</StackTrace></ErrorInfo></Output></UnitTestResult>
  <UnitTestResult testId="3" testName="Waits" outcome="NotExecuted"/></Results>
  <TestDefinitions>${[1, 2, 3].map((id) => `<UnitTest id="${id}"><TestMethod className="Shop.TillTests" name="x"/></UnitTest>`).join('')}</TestDefinitions></TestRun>`;

test.for([
  ['NUNIT3XML', NUNIT3, 'ERROR'],
  ['NUNITXML', NUNIT2, 'ERROR'],
  ['TESTNGXML', TESTNG, 'FAILED'],
  ['VISUALSTUDIOTRX', TRX, 'ERROR'],
] as const)('%s: what passed, what broke and what was left out', ([format, text, broken]) => {
  const common = { suite: 'TillTests', prefix: 'Shop.TillTests' };
  expect(readResults(format, text)).toEqual([
    { ...common, name: 'Pays', status: 'SUCCEEDED', nanoseconds: 500_000_000, message: '' },
    { ...common, name: 'Breaks', status: broken, nanoseconds: 0, message: 'no till\nat Till' },
    { ...common, name: 'Waits', status: 'SKIPPED', nanoseconds: 0, message: '' },
  ]);
});

test.for([
  ['JUNITXML', '<html/>'],
  ['JUNITXML', 'all tests passed'],
  ['NUNITXML', '<test-run/>'],
  ['NUNIT3XML', '<test-results/>'],
  ['TESTNGXML', '<testsuite/>'],
  ['VISUALSTUDIOTRX', '<Run/>'],
  ['CUCUMBERJSON', '{}'],
  ['CUCUMBERJSON', 'x'],
] as const)('%s refuses %s', ([format, text]) => {
  expect(() => readResults(format, text)).toThrow(ResultsError);
});
