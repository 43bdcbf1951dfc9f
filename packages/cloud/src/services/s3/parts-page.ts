// Which parts of an upload, or of an object made of parts, a listing shows.
import { invalidArgument } from './errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
const LARGEST_PAGE = 1_000;

/** The most that S3 takes for a number in a listing's request. */
const LARGEST_NUMBER = 2_147_483_647;

interface PartsInput {
  MaxParts?: number | undefined;
  PartNumberMarker?: string | undefined;
}

/** The part after which the page begins, and how many it shows at most. */
export function partsPage({ MaxParts, PartNumberMarker }: PartsInput): { after: number; limit: number } {
  const limit = requireNumber(MaxParts ?? LARGEST_PAGE, 'max-parts', String(MaxParts));
  const after = requireNumber(Number(PartNumberMarker ?? 0), 'part-number-marker', PartNumberMarker);
  return { after, limit: Math.min(limit, LARGEST_PAGE) };
}

function requireNumber(number: number, name: string, text: string | undefined): number {
  if (Number.isInteger(number) && number >= 0 && number <= LARGEST_NUMBER) return number;
  throw invalidArgument(`Argument ${name} must be an integer between 0 and ${LARGEST_NUMBER}`, name, text);
}
