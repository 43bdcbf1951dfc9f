// Which regions AWS has, by the SDK's own list of partitions.
import { partition } from '@aws-sdk/core/client';

/** The region's name in words, e.g. `Europe (Ireland)`; undefined where there is no such region. */
export const regionInWords = (region: string): string | undefined =>
  (partition(region) as { description?: string }).description;

export const isRegion = (region: string): boolean => regionInWords(region) !== undefined;
