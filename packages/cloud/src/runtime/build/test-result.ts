// How one test ended.

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
