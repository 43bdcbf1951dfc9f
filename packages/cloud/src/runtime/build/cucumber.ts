// Results of Cucumber, in its JSON.
import type { TestResult, TestStatus } from './test-result.ts';

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

/** A scenario is as its steps were. */
export function cucumber(document: unknown): TestResult[] {
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
