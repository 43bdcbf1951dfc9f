// A client that costs next to nothing: the SDK makes and signs a request once, and the same bytes are sent again and again.
import { Agent, request } from 'node:http';

import type { HttpRequest } from '@smithy/core/protocols';

const agent = new Agent({ keepAlive: true });

class Recorded extends Error {}

/** Hands on what a client is about to send, and sends nothing. */
export function recorder() {
  let last: HttpRequest | undefined;
  return {
    handler: {
      handle: async (sent: HttpRequest) => {
        last = sent;
        throw new Recorded();
      },
    },
    /** What `send` would have sent, as a call to be made over and over. */
    record: async (send: () => Promise<unknown>): Promise<() => Promise<void>> => {
      await send().catch((error: unknown) => {
        if (!(error instanceof Recorded)) throw error;
      });
      if (!last) throw new Error('the client made no request');
      const { hostname, port, method, path, query, headers, body } = last;
      const search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value ?? ''))}`);
      const options = {
        agent,
        hostname,
        port,
        method,
        headers,
        path: search.length > 0 ? `${path}?${search.join('&')}` : path,
      };
      return () =>
        new Promise((resolve, reject) => {
          const call = request(options, (response) => {
            const { statusCode = 0 } = response;
            if (statusCode >= 400) reject(new Error(`${method} ${hostname}:${port}${path}: ${statusCode}`));
            response.resume().once('end', resolve);
          });
          call.once('error', reject).end(body as Buffer | string | undefined);
        });
    },
  };
}
