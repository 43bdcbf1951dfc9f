// Results of tests, as test runners write them down.
// https://docs.aws.amazon.com/codebuild/latest/userguide/test-report.html
import { parseXML } from '@aws-sdk/xml-builder';

import { cucumber } from './cucumber.ts';
import type { TestResult } from './test-result.ts';
import type { Element } from './xml-elements.ts';
import { junit, nunit2, nunit3, testng, trx } from './xml-test-results.ts';

export const REPORT_FORMATS = [
  'JUNITXML',
  'NUNITXML',
  'NUNIT3XML',
  'TESTNGXML',
  'VISUALSTUDIOTRX',
  'CUCUMBERJSON',
] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A file that is not what its format says. */
export class ResultsError extends Error {}

const ofXml = (read: (document: Element) => TestResult[]) => (text: string) => read(parseXML(text) as Element);

const READERS: Readonly<Record<ReportFormat, (text: string) => TestResult[]>> = {
  JUNITXML: ofXml(junit),
  NUNITXML: ofXml(nunit2),
  NUNIT3XML: ofXml(nunit3),
  TESTNGXML: ofXml(testng),
  VISUALSTUDIOTRX: ofXml(trx),
  CUCUMBERJSON: (text) => cucumber(JSON.parse(text)),
};

/** Reads one file of results. Throws ResultsError. */
export function readResults(format: ReportFormat, text: string): TestResult[] {
  try {
    return READERS[format](text);
  } catch (error) {
    throw new ResultsError(`is no ${format}: ${(error as Error).message}`);
  }
}
