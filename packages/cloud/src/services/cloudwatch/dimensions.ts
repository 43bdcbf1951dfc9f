// A metric's dimensions between the API and the domain, and the names and units that CloudWatch takes.
import type { Dimension } from '@aws-sdk/client-cloudwatch';

import { invalidValue, missingParameter } from './errors.ts';

export const MOST_DIMENSIONS = 30;

const LONGEST_NAME = 255;
const LONGEST_VALUE = 1_024;

const SCALES = ['', 'Kilo', 'Mega', 'Giga', 'Tera'];

export const UNITS: readonly string[] = [
  'Seconds',
  'Microseconds',
  'Milliseconds',
  ...SCALES.map((scale) => `${scale}${scale === '' ? 'Bytes' : 'bytes'}`),
  ...SCALES.map((scale) => `${scale}${scale === '' ? 'Bits' : 'bits'}`),
  'Percent',
  'Count',
  ...SCALES.map((scale) => `${scale}${scale === '' ? 'Bytes' : 'bytes'}/Second`),
  ...SCALES.map((scale) => `${scale}${scale === '' ? 'Bits' : 'bits'}/Second`),
  'Count/Second',
  'None',
];

/** As the domain keeps them; throws for what CloudWatch refuses. `path` is where they are in the input. */
export function fromDimensions(given: readonly Dimension[] | undefined, path: string): Record<string, string> {
  const dimensions: Record<string, string> = {};
  if ((given?.length ?? 0) > MOST_DIMENSIONS) {
    throw invalidValue(`The collection ${path} must not have a size greater than ${MOST_DIMENSIONS}.`);
  }
  for (const [index, { Name, Value }] of (given ?? []).entries()) {
    const at = `${path}.member.${index + 1}`;
    if (!Name) throw missingParameter(`The parameter ${at}.Name is required.`);
    if (!Value) throw missingParameter(`The parameter ${at}.Value is required.`);
    checkText(Name, `${at}.Name`, LONGEST_NAME);
    checkText(Value, `${at}.Value`, LONGEST_VALUE);
    if (Name.startsWith(':')) throw invalidValue(`The value ${Name} for parameter ${at}.Name is invalid.`);
    if (Object.hasOwn(dimensions, Name)) {
      throw invalidValue(`The parameter ${path} must not have the dimension ${Name} twice.`);
    }
    dimensions[Name] = Value;
  }
  return dimensions;
}

export const toDimensions = (dimensions: Readonly<Record<string, string>>): Dimension[] =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** Throws unless the text is ASCII, more than blanks, and no longer than it may be. */
export function checkText(text: string, path: string, longest = LONGEST_NAME): void {
  // oxlint-disable-next-line no-control-regex -- the control characters are what is refused
  if (text.trim() === '' || /[^\x20-\x7e]/.test(text)) {
    throw invalidValue(`The value ${text} for parameter ${path} is invalid.`);
  }
  if (text.length > longest) {
    throw invalidValue(`The parameter ${path} must be shorter than ${longest + 1} characters.`);
  }
}

export function checkUnit(unit: string, path: string): void {
  if (!UNITS.includes(unit)) throw invalidValue(`The value ${unit} for parameter ${path} is invalid.`);
}
