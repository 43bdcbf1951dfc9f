// Results of tests in XML: JUnit's, NUnit's of its second and third version, TestNG's and Visual Studio's.
import type { TestResult, TestStatus } from './test-result.ts';
import { children, descendants, text, type Element } from './xml-elements.ts';

const SECOND = 1e9;

export function junit(document: Element): TestResult[] {
  const roots = [...children(document, 'testsuites'), ...children(document, 'testsuite')];
  if (roots.length === 0) throw new Error('there is no testsuite in it');
  return roots.flatMap((root) => casesOf(root, ''));
}

function casesOf(element: Element, outer: string): TestResult[] {
  const suite = text(element['name']) || outer;
  return [
    ...children(element, 'testcase').map((test): TestResult => {
      const [failure] = children(test, 'failure');
      const [error] = children(test, 'error');
      const skipped = 'skipped' in test;
      return {
        suite,
        prefix: text(test['classname']),
        name: text(test['name']),
        status: error ? 'ERROR' : failure ? 'FAILED' : skipped ? 'SKIPPED' : 'SUCCEEDED',
        nanoseconds: Math.round(Number(text(test['time']).replaceAll(',', '') || 0) * SECOND),
        message: messageOf(error ?? failure),
      };
    }),
    ...children(element, 'testsuite').flatMap((inner) => casesOf(inner, suite)),
  ];
}

const messageOf = (problem: Element | undefined): string =>
  problem ? [text(problem['message']), text(problem['#text'])].filter(Boolean).join('\n') : '';

function requireRoot(document: Element, name: string): Element {
  const [root] = children(document, name);
  if (!root) throw new Error(`there is no ${name} in it`);
  return root;
}

const NUNIT_STATUSES: Readonly<Record<string, TestStatus>> = {
  Success: 'SUCCEEDED',
  Passed: 'SUCCEEDED',
  Warning: 'SUCCEEDED',
  Failure: 'FAILED',
  Failed: 'FAILED',
  Error: 'ERROR',
  Ignored: 'SKIPPED',
  Skipped: 'SKIPPED',
  NotRunnable: 'SKIPPED',
};

/** A message and what it came through, as children of their own. */
const problemOf = (test: Element, name: string, message: string, trace: string): string =>
  children(test, name)
    .flatMap((problem) => [...children(problem, message), ...children(problem, trace)])
    .map((part) => text(part['#text']).trim())
    .filter(Boolean)
    .join('\n');

const seconds = (value: unknown): number => Math.round(Number(text(value) || 0) * SECOND);

export const nunit2 = (document: Element): TestResult[] => nunitSuites(requireRoot(document, 'test-results'), '');

export const nunit3 = (document: Element): TestResult[] => nunitSuites(requireRoot(document, 'test-run'), '');

function nunitSuites(element: Element, suite: string): TestResult[] {
  const inner = [...children(element, 'test-suite'), ...children(element, 'results')];
  return [
    ...children(element, 'test-case').map((test): TestResult => {
      const full = text(test['fullname']) || text(test['name']);
      const prefix = text(test['classname']) || full.slice(0, Math.max(full.lastIndexOf('.'), 0));
      const result = text(test['result']) || (text(test['executed']) === 'False' ? 'Ignored' : 'Success');
      return {
        suite,
        prefix,
        name: prefix && full.startsWith(`${prefix}.`) ? full.slice(prefix.length + 1) : full,
        // The third version calls an error a failure, and says so beside it.
        status: NUNIT_STATUSES[text(test['label']) === 'Error' ? 'Error' : result] ?? 'UNKNOWN',
        nanoseconds: seconds(test['duration'] ?? test['time']),
        message: problemOf(test, 'failure', 'message', 'stack-trace'),
      };
    }),
    ...inner.flatMap((each) => nunitSuites(each, text(each['name']) || suite)),
  ];
}

const TESTNG_STATUSES: Readonly<Record<string, TestStatus>> = { PASS: 'SUCCEEDED', FAIL: 'FAILED', SKIP: 'SKIPPED' };

export function testng(document: Element): TestResult[] {
  return children(requireRoot(document, 'testng-results'), 'suite').flatMap((suite) =>
    descendants(suite, 'class').flatMap((tested) =>
      children(tested, 'test-method')
        // What sets tests up is no test.
        .filter((method) => text(method['is-config']) !== 'true')
        .map((method): TestResult => ({
          suite: text(suite['name']),
          prefix: text(tested['name']),
          name: text(method['name']),
          status: TESTNG_STATUSES[text(method['status'])] ?? 'UNKNOWN',
          nanoseconds: Number(text(method['duration-ms']) || 0) * 1e6,
          message: problemOf(method, 'exception', 'message', 'full-stacktrace'),
        })),
    ),
  );
}

const TRX_STATUSES: Readonly<Record<string, TestStatus>> = {
  Passed: 'SUCCEEDED',
  Failed: 'FAILED',
  Error: 'ERROR',
  Timeout: 'ERROR',
  Aborted: 'ERROR',
  NotExecuted: 'SKIPPED',
  NotRunnable: 'SKIPPED',
};

export function trx(document: Element): TestResult[] {
  const run = requireRoot(document, 'TestRun');
  const classes = new Map(
    descendants(run, 'UnitTest').map((test) => [
      text(test['id']),
      text(children(test, 'TestMethod')[0]?.['className']),
    ]),
  );
  return descendants(run, 'UnitTestResult').map((test): TestResult => {
    const [, hours = 0, minutes = 0, rest = 0] = /^(\d+):(\d+):([\d.]+)$/.exec(text(test['duration'])) ?? [];
    const [output = {}] = children(test, 'Output');
    return {
      suite: text(run['name']),
      prefix: classes.get(text(test['testId'])) ?? '',
      name: text(test['testName']),
      status: TRX_STATUSES[text(test['outcome'])] ?? 'UNKNOWN',
      nanoseconds: Math.round((Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest)) * SECOND),
      message: problemOf(output, 'ErrorInfo', 'Message', 'StackTrace'),
    };
  });
}
