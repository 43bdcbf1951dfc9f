// Results as lines of text: what was measured, beside whom, and how often faster.
import type { Measure } from './measure.ts';

/** Rows by name; in each the first subject is compared with each of the others. */
export function compare(title: string, rows: ReadonlyMap<string, Readonly<Record<string, Measure>>>): void {
  console.log(`\n${title}`);
  for (const [name, measures] of rows) {
    const [own] = Object.values(measures);
    const cells = Object.entries(measures).map(([subject, measure]) => {
      const { perSecond, p50, p99 } = measure;
      const ratio = own && measure !== own ? ` ${(own.perSecond / perSecond).toFixed(2)}x` : '';
      return `${subject} ${perSecond.toFixed(0)}/s (p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms)${ratio}`;
    });
    console.log(`  ${name.padEnd(20)} ${cells.join('   ')}`);
  }
}

/** A line with a number and the limit that it is held to. */
export function held(name: string, value: number, unit: string, limit: number): void {
  const mark = value <= limit ? '✓' : '✗';
  console.log(`  ${mark} ${name.padEnd(40)} ${value.toFixed(value < 10 ? 2 : 0)} ${unit} (limit ${limit})`);
}
