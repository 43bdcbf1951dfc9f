// Charts, dot by dot.
import { expect, it } from 'vitest';

import { drawChart } from './chart.ts';

it('draws values between the axes, which say their ends', () => {
  const from = Date.parse('2026-11-21T00:00:00Z');
  const points = Array.from({ length: 144 }, (_, index) => ({ at: from + index * 60_000, value: index }));
  const lines = drawChart(points, from, from + 144 * 60_000).split('\n');
  expect(lines).toHaveLength(14);
  expect(lines[0]).toMatch(/^ 143 ┤\u2800{66}[^\u2800]{6}$/);
  expect(lines[6]).toMatch(/^71\.5 ┤/);
  expect(lines[11]).toMatch(/^ {3}0 ┤[^\u2800]{6}\u2800{66}$/);
  expect(lines[13]).toMatch(/^ {6}2026-11-21 00:00Z +2026-11-21 02:24Z$/);
});

it('draws what is below zero below it, and a single value', () => {
  const chart = drawChart([{ at: 0, value: -5 }], 0, 60_000).split('\n');
  expect(chart[0]).toMatch(/^ +0 ┤/);
  expect(chart[11]).toMatch(/^ +-5 ┤⡀/);
});
