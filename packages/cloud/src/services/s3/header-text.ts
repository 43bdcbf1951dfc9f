// Text that has to travel in a header: bytes of ISO-8859-1, and for metadata, RFC 2047 around what is not ASCII.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata
import { invalidArgument } from './errors.ts';

/** Text as a header carries it: what has no place in ISO-8859-1 goes as the bytes of its UTF-8. */
export function headerText(name: string, text: string): string {
  // oxlint-disable-next-line no-control-regex -- a header cannot carry control characters, except for tabs
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(text)) throw notInHeaders(name);
  return isLatin1(text) ? text : Buffer.from(text).toString('latin1');
}

/** Refuses text that an answer's header cannot carry. */
export function requireHeaderText(name: string, text: string): string {
  if (!isLatin1(text)) throw notInHeaders(name);
  return headerText(name, text);
}

/** Metadata as S3 keeps it: encoded words are decoded. */
export const storedMetadata = (name: string, text: string): string =>
  headerText(name, text).replaceAll(/=\?utf-8\?([bq])\?([^?\s]*)\?=/gi, (_word, encoding: string, encoded: string) =>
    headerText(name, (encoding.toLowerCase() === 'b' ? Buffer.from(encoded, 'base64') : unquoted(encoded)).toString()),
  );

/** Metadata as S3 answers it: an encoded word where it is not all ASCII. */
export const mailSafe = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- ASCII is what is meant
  /^[\0-\x7f]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

const isLatin1 = (text: string): boolean => !/[^\0-\xff]/.test(text);

const notInHeaders = (name: string) => invalidArgument('Header value cannot be represented using ISO-8859-1.', name);

const unquoted = (encoded: string): Buffer =>
  Buffer.from(
    encoded
      .replaceAll('_', ' ')
      .replaceAll(/=([0-9a-f]{2})/gi, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    'latin1',
  );
