// A line of values over time, drawn in a terminal with braille dots, and its axes.

export interface ChartPoint {
  /** Milliseconds. */
  readonly at: number;
  readonly value: number;
}

const COLUMNS = 72;
const ROWS = 12;

/** The dots of a braille character, row by row, the left one and the right one. https://en.wikipedia.org/wiki/Braille_Patterns */
const DOTS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
const BLANK = 0x2800;

/** Draws points between two moments: a dot for each, and the values and times at the ends of the axes. */
export function drawChart(points: readonly ChartPoint[], from: number, to: number): string {
  const values = points.map(({ value }) => value);
  const [lowest, highest] = [Math.min(0, ...values), Math.max(0, ...values)];
  const height = highest - lowest || 1;
  const cells = Array.from({ length: ROWS * COLUMNS }, () => BLANK);
  for (const { at, value } of points) {
    const x = place((at - from) / (to - from), COLUMNS * 2);
    const y = place((highest - value) / height, ROWS * 4);
    const cell = Math.floor(y / 4) * COLUMNS + Math.floor(x / 2);
    cells[cell] = (cells[cell] ?? BLANK) | (DOTS[(y % 4) * 2 + (x % 2)] ?? 0);
  }
  const labels = [shortNumber(highest), shortNumber((highest + lowest) / 2), shortNumber(lowest)];
  const width = Math.max(...labels.map(({ length }) => length));
  const labelAt = new Map([
    [0, labels[0]],
    [Math.floor(ROWS / 2), labels[1]],
    [ROWS - 1, labels[2]],
  ]);
  const lines = Array.from({ length: ROWS }, (_, index) => {
    const row = cells.slice(index * COLUMNS, (index + 1) * COLUMNS);
    const label = labelAt.get(index);
    return `${(label ?? '').padStart(width)} ${label === undefined ? '│' : '┤'}${String.fromCodePoint(...row)}`;
  });
  const [begin, end] = [shortTime(from), shortTime(to)];
  const blank = ' '.repeat(width + 1);
  return [
    ...lines,
    `${blank}└${'─'.repeat(COLUMNS)}`,
    `${blank} ${begin}${' '.repeat(COLUMNS - begin.length - end.length)}${end}`,
  ].join('\n');
}

/** A number in at most six digits. */
export const shortNumber = (value: number): string => String(Number(value.toPrecision(6)));

/** `2026-11-21 07:20Z`. */
export const shortTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`;

const place = (share: number, count: number): number => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
