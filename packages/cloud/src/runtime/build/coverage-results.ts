// Code coverage, as its tools write it down: Clover's, Cobertura's and JaCoCo's XML, and SimpleCov's JSON.
// https://docs.aws.amazon.com/codebuild/latest/userguide/code-coverage-report.html
import { parseXML } from '@aws-sdk/xml-builder';

import { ResultsError } from './test-results.ts';
import { children, descendants, text, type Element } from './xml-elements.ts';

export const COVERAGE_FORMATS = ['CLOVERXML', 'COBERTURAXML', 'JACOCOXML', 'SIMPLECOV'] as const;

export type CoverageFormat = (typeof COVERAGE_FORMATS)[number];

/** What tests reach of one file. */
export interface FileCoverage {
  readonly path: string;
  readonly linesCovered: number;
  readonly linesMissed: number;
  readonly branchesCovered: number;
  readonly branchesMissed: number;
}

/** Reads one file of coverage. Throws ResultsError. */
export function readCoverage(format: CoverageFormat, content: string): FileCoverage[] {
  try {
    return READERS[format](content);
  } catch (error) {
    throw new ResultsError(`is no ${format}: ${(error as Error).message}`);
  }
}

const READERS: Readonly<Record<CoverageFormat, (content: string) => FileCoverage[]>> = {
  CLOVERXML: (content) => clover(parseXML(content) as Element),
  COBERTURAXML: (content) => cobertura(parseXML(content) as Element),
  JACOCOXML: (content) => jacoco(parseXML(content) as Element),
  SIMPLECOV: (content) => simplecov(JSON.parse(content)),
};

function root(document: Element, name: string): Element {
  const [found] = children(document, name);
  if (!found) throw new Error(`there is no ${name} in it`);
  return found;
}

const number = (value: unknown): number => Number(text(value) || 0);

// Clover's lines are statements, methods and conditions; conditions count how often either side was taken.
function clover(document: Element): FileCoverage[] {
  return descendants(root(document, 'coverage'), 'file').map((file) => {
    const lines = descendants(file, 'line');
    const statements = lines.filter((line) => text(line['type']) === 'stmt');
    const conditions = lines.filter((line) => text(line['type']) === 'cond');
    const covered = statements.filter((line) => number(line['count']) > 0).length;
    const sides = conditions.flatMap((line) => [number(line['truecount']), number(line['falsecount'])]);
    return {
      path: text(file['path']) || text(file['name']),
      linesCovered: covered,
      linesMissed: statements.length - covered,
      branchesCovered: sides.filter((count) => count > 0).length,
      branchesMissed: sides.filter((count) => count === 0).length,
    };
  });
}

// Several classes may be of one file; a line's branches stand as `50% (1/2)`.
function cobertura(document: Element): FileCoverage[] {
  const files = new Map<string, Map<string, Element>>();
  for (const each of descendants(root(document, 'coverage'), 'class')) {
    const path = text(each['filename']);
    const lines = files.get(path) ?? new Map<string, Element>();
    files.set(path, lines);
    for (const line of children(each, 'lines').flatMap((of) => children(of, 'line'))) {
      lines.set(text(line['number']), line);
    }
  }
  return [...files].map(([path, lines]) => {
    const all = [...lines.values()];
    const covered = all.filter((line) => number(line['hits']) > 0).length;
    const branches = all.map((line) => /\((\d+)\/(\d+)\)/.exec(text(line['condition-coverage'])));
    const taken = branches.reduce((sum, match) => sum + Number(match?.[1] ?? 0), 0);
    const known = branches.reduce((sum, match) => sum + Number(match?.[2] ?? 0), 0);
    return {
      path,
      linesCovered: covered,
      linesMissed: all.length - covered,
      branchesCovered: taken,
      branchesMissed: known - taken,
    };
  });
}

function jacoco(document: Element): FileCoverage[] {
  return descendants(root(document, 'report'), 'package').flatMap((folder) =>
    children(folder, 'sourcefile').map((file) => {
      const counter = (type: string) => children(file, 'counter').find((each) => text(each['type']) === type) ?? {};
      const [lines, branches] = [counter('LINE'), counter('BRANCH')];
      return {
        path: [text(folder['name']), text(file['name'])].filter(Boolean).join('/'),
        linesCovered: number(lines['covered']),
        linesMissed: number(lines['missed']),
        branchesCovered: number(branches['covered']),
        branchesMissed: number(branches['missed']),
      };
    }),
  );
}

interface SimpleCovRun {
  readonly coverage?: Readonly<Record<string, SimpleCovFile | readonly (number | null)[]>>;
}

interface SimpleCovFile {
  readonly lines?: readonly (number | null)[];
  readonly branches?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

// By the command that ran the tests, by file: how often each line was run, null for one that cannot be.
function simplecov(document: unknown): FileCoverage[] {
  const runs = Object.values(document as Record<string, SimpleCovRun | undefined>);
  const files = runs.flatMap((run) => Object.entries(run?.coverage ?? {}));
  if (files.length === 0) throw new Error('there is no coverage in it');
  return files.map(([path, file]) => {
    const { lines = [], branches = {} } = Array.isArray(file) ? { lines: file } : (file as SimpleCovFile);
    const counts = lines.filter((count) => count !== null);
    const sides = Object.values(branches).flatMap((each) => Object.values(each));
    return {
      path,
      linesCovered: counts.filter((count) => count > 0).length,
      linesMissed: counts.filter((count) => count === 0).length,
      branchesCovered: sides.filter((count) => count > 0).length,
      branchesMissed: sides.filter((count) => count === 0).length,
    };
  });
}
