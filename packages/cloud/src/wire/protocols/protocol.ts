// What every AWS protocol does: read an operation's input, write its output, write an error.
import type { Fault } from '../faults.ts';
import type { WireAnswer, WireBody, WireRequest } from '../message.ts';
import type { WireModel, WireOperation } from '../schemas.ts';

export interface Exchange {
  readonly model: WireModel;
  readonly operation: WireOperation;
  readonly request: WireRequest;
  /** What the path holds, by the names of the members it is bound to. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly requestId: string;
}

export interface Protocol {
  /** The input in the SDK's type, or a promise of it, not yet checked against its shape. Throws where the bytes cannot be read. */
  readInput(exchange: Exchange, body: WireBody): unknown;
  writeOutput(exchange: Exchange, output: Record<string, unknown>): WireAnswer;
  /** `model` is missing where the error came before the service was known. */
  writeError(
    fault: Fault,
    exchange: Omit<Exchange, 'model' | 'operation'> & { model: WireModel | undefined },
  ): WireAnswer;
}

/** The body's text, for protocols whose operations have no streaming input. */
export function wholeBody(body: WireBody): Buffer {
  if (!Buffer.isBuffer(body)) throw new Error('a streaming body reached a protocol that reads bodies whole');
  return body;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The bytes as text; throws where they are no UTF-8. */
export const utf8 = (bytes: Uint8Array): string => decoder.decode(bytes);
