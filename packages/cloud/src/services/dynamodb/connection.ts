// Requests to dynoxide over kept-alive connections, with as little between as HTTP allows.
import { Agent, request } from 'node:http';

import type { RawAnswer } from '../../kernel/service.ts';
import type { Dynoxide } from './dynoxide.ts';

export interface Connection {
  /** Sends an operation's JSON and gives back the answer's. Rejects where dynoxide is gone. */
  send(operation: string, json: string | Uint8Array): Promise<RawAnswer>;
  close(): void;
}

/** dynoxide wants to see a signature and verifies none: the cloud has done that. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=plinth/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none';

export function connect({ host, port }: Pick<Dynoxide, 'host' | 'port'>): Connection {
  const agent = new Agent({ keepAlive: true });
  const send = (operation: string, json: string | Uint8Array) =>
    new Promise<RawAnswer>((resolve, reject) => {
      const call = request(
        {
          agent,
          host,
          port,
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'content-length': Buffer.byteLength(json),
            'x-amz-target': `DynamoDB_20120810.${operation}`,
            'x-amz-date': '20200101T000000Z',
            authorization: AUTHORIZATION,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
            resolve({ status: response.statusCode ?? 500, json: bytes });
          });
        },
      );
      call.once('error', reject);
      call.end(json);
    });
  return { send, close: () => agent.destroy() };
}
