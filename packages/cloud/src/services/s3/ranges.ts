// Byte ranges: the part of an object that a request asks for.
import { AwsError } from '../../kernel/errors.ts';
import { invalidArgument, invalidRequest } from './errors.ts';

/** From `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a `Range` header asks for. As S3 answers, what is not one well-formed range of bytes is ignored, and what lies
 * outside of the object is refused.
 */
export function parseRange(header: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const count = Number(last);
    if (count === 0 || size === 0) throw invalidRange(header!, size);
    return { start: Math.max(size - count, 0), end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw invalidRange(header!, size);
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

/** The range of a part's copy source, which has one form only and has to lie within the source. */
export function parseCopyRange(header: string, size: number): Range {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const name = 'x-amz-copy-source-range';
  if (!match || Number(match[2]) < Number(match[1])) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      name,
      header,
    );
  }
  const start = Number(match[1]);
  const end = Number(match[2]) + 1;
  if (start >= size) throw invalidRequest('The specified copy range is invalid for the source object size');
  if (end > size)
    throw invalidArgument(`Range specified is not valid for source object of size: ${size}`, name, header);
  return { start, end };
}

const invalidRange = (header: string, size: number): AwsError =>
  new AwsError('InvalidRange', 'The requested range is not satisfiable', {
    status: 416,
    members: { RangeRequested: header, ActualObjectSize: size },
    headers: { 'content-range': `bytes */${size}` },
  });
