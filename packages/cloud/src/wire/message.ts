// A request as it came, and an answer as it goes: HTTP, before and after any AWS protocol.
import type { Readable } from 'node:stream';

import type { RequestBody } from './body.ts';

export interface WireRequest {
  readonly method: string;
  /** As sent, percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The host without its port. */
  readonly host: string;
  /** The URL under which the client reached the cloud. */
  readonly endpoint: string;
  /** Runs something once the client has gone away without its answer; the answer stops listening. */
  readonly onHangUp?: (run: () => void) => () => void;
}

/** A request's body: read whole, or, for operations with a streaming member, still to be read. */
export type WireBody = Buffer | RequestBody;

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One `set-cookie` header each. */
  readonly cookies?: readonly string[];
  readonly body?: string | Uint8Array | Readable | undefined;
}
