import { expect, test } from 'vitest';

import { readCoverage } from './coverage-results.ts';
import { ResultsError } from './test-results.ts';

const file = (path: string, lines: readonly [number, number], branches: readonly [number, number]) => ({
  path,
  linesCovered: lines[0],
  linesMissed: lines[1],
  branchesCovered: branches[0],
  branchesMissed: branches[1],
});

test('Clover: statements and conditions, of files in packages as well', () => {
  const text = `<?xml version="1.0"?><coverage generated="1"><project timestamp="1"><metrics statements="3"/>
    <package name="core"><file name="till.js" path="/src/core/till.js"><metrics statements="2"/>
      <line num="1" count="2" type="stmt"/><line num="2" count="0" type="stmt"/><line num="3" count="1" type="method"/>
      <line num="4" truecount="1" falsecount="0" type="cond"/></file></package>
    <file name="main.js"><line num="1" count="1" type="stmt"/></file></project></coverage>`;
  expect(readCoverage('CLOVERXML', text)).toEqual([
    file('/src/core/till.js', [1, 1], [1, 1]),
    file('main.js', [1, 0], [0, 0]),
  ]);
});

test('Cobertura: classes of one file are one file', () => {
  const text = `<coverage line-rate="0.5"><packages><package name="p"><classes>
    <class name="A" filename="src/a.py"><methods><method name="m"><lines><line number="1" hits="1"/></lines></method></methods>
      <lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
    <class name="A.Inner" filename="src/a.py"><lines><line number="9" hits="3"/></lines></class>
  </classes></package></packages></coverage>`;
  expect(readCoverage('COBERTURAXML', text)).toEqual([file('src/a.py', [2, 1], [1, 1])]);
});

test('JaCoCo: source files of packages, of groups as well', () => {
  const counters = '<counter type="LINE" missed="2" covered="5"/><counter type="BRANCH" missed="1" covered="3"/>';
  const text = `<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">
    <report name="shop"><group name="g"><package name="shop/till"><class name="shop/till/Till"/>
    <sourcefile name="Till.java"><line nr="1" mi="0"/>${counters}</sourcefile></package></group></report>`;
  expect(readCoverage('JACOCOXML', text)).toEqual([file('shop/till/Till.java', [5, 2], [3, 1])]);
});

test('SimpleCov: counts of lines, and of branches where they are there', () => {
  const text = JSON.stringify({
    RSpec: {
      coverage: {
        '/app/a.rb': { lines: [1, null, 0, 3], branches: { '[:if, 0]': { '[:then, 1]': 2, '[:else, 2]': 0 } } },
        '/app/old.rb': [null, 1],
      },
      timestamp: 1,
    },
  });
  expect(readCoverage('SIMPLECOV', text)).toEqual([
    file('/app/a.rb', [2, 1], [1, 1]),
    file('/app/old.rb', [1, 0], [0, 0]),
  ]);
});

test.for([
  ['CLOVERXML', '<report/>'],
  ['COBERTURAXML', 'covered'],
  ['JACOCOXML', '<coverage/>'],
  ['SIMPLECOV', '{"metrics": {}}'],
] as const)('%s refuses %s', ([format, text]) => {
  expect(() => readCoverage(format, text)).toThrow(ResultsError);
});
