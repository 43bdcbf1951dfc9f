// Receipt handles: which message of which queue, and which time it was received.
import { randomBytes } from 'node:crypto';

import { invalidReceipt } from './errors.ts';

export interface Receipt {
  readonly row: number;
  readonly secret: string;
}

export const newSecret = (): string => randomBytes(16).toString('hex');

export const handleOf = (queue: string, { row, secret }: Receipt): string =>
  Buffer.from(`${queue}/${row}/${secret}`).toString('base64');

/** Reads a handle of the queue; throws ReceiptHandleIsInvalid for anything else. */
export function readHandle(queue: string, handle: string): Receipt {
  const [, owner, row, secret] = /^(\w+)\/(\d+)\/([0-9a-f]{32})$/.exec(Buffer.from(handle, 'base64').toString()) ?? [];
  if (owner !== queue || row === undefined || secret === undefined) throw invalidReceipt(handle);
  return { row: Number(row), secret };
}
