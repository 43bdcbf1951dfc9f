// Tokens that lead to the next page of names.

export const token = (name: string): string => Buffer.from(name).toString('base64url');

/** The name that a page begins after; empty for the first one. */
export const after = (nextToken: string | undefined): string =>
  nextToken === undefined ? '' : Buffer.from(nextToken, 'base64url').toString();
