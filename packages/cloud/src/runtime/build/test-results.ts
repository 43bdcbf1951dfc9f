// Results of tests, as test runners write them down: JUnit's XML and Cucumber's JSON.
// https://docs.aws.amazon.com/codebuild/latest/userguide/test-report.html
import { parseXML } from '@aws-sdk/xml-builder';

export type TestStatus = 'SUCCEEDED' | 'FAILED' | 'ERROR' | 'SKIPPED' | 'UNKNOWN';

export interface TestResult {
  readonly suite: string;
  /** The class, or the feature, that the test belongs to. */
  readonly prefix: string;
  readonly name: string;
  readonly status: TestStatus;
  readonly nanoseconds: number;
  /** Why it failed. */
  readonly message: string;
}

export const REPORT_FORMATS = ['JUNITXML', 'CUCUMBERJSON'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A file that is not what its format says. */
export class ResultsError extends Error {}

/** Reads one file of results. Throws ResultsError. */
export function readResults(format: ReportFormat, text: string): TestResult[] {
  try {
    return format === 'JUNITXML' ? junit(parseXML(text) as Element) : cucumber(JSON.parse(text));
  } catch (error) {
    throw new ResultsError(`is no ${format}: ${(error as Error).message}`);
  }
}

/** An element as the parser gives it: attributes and children alike, several of one name as a list. */
type Element = Readonly<Record<string, unknown>>;

const SECOND = 1e9;

function junit(document: Element): TestResult[] {
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

// An element without attributes is its text.
function children(element: Element, name: string): Element[] {
  const found = element[name];
  if (found === undefined) return [];
  return (Array.isArray(found) ? (found as unknown[]) : [found]).map((child) =>
    typeof child === 'object' && child !== null ? (child as Element) : { '#text': child },
  );
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

interface Feature {
  readonly name?: string;
  readonly elements?: readonly {
    readonly type?: string;
    readonly name?: string;
    readonly steps?: readonly {
      readonly name?: string;
      readonly result?: { readonly status?: string; readonly duration?: number; readonly error_message?: string };
    }[];
  }[];
}

function cucumber(document: unknown): TestResult[] {
  if (!Array.isArray(document)) throw new Error('it is no list of features');
  return (document as Feature[]).flatMap(({ name: feature = '', elements = [] }) =>
    elements
      .filter(({ type }) => type !== 'background')
      .map(({ name = '', steps = [] }): TestResult => {
        const statuses = steps.map(({ result }) => result?.status);
        const failed = steps.find(({ result }) => result?.status === 'failed');
        return {
          suite: feature,
          prefix: feature,
          name,
          status: failed ? 'FAILED' : scenarioStatus(statuses),
          nanoseconds: steps.reduce((sum, { result }) => sum + (result?.duration ?? 0), 0),
          message: failed?.result?.error_message ?? '',
        };
      }),
  );
}

function scenarioStatus(statuses: readonly (string | undefined)[]): TestStatus {
  if (statuses.every((status) => status === 'passed')) return 'SUCCEEDED';
  return statuses.some((status) => status === 'skipped' || status === 'pending') ? 'SKIPPED' : 'UNKNOWN';
}
