// Posts to HTTP endpoints of customers on this machine; no other is reachable.
// https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';

import { AwsError } from '../../kernel/errors.ts';

/** How long an endpoint may take to answer, in milliseconds of the machine's clock. */
const PATIENCE = 15_000;

/** True for `localhost`, the names under it, and loopback addresses. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Resolves once the endpoint took the body. Rejects with an error named `EndpointFailed` where trying again may help, and
 * `EndpointRefused` where it does not: AWS takes every 4xx but 429 as final.
 */
export function post(
  url: string,
  { headers, body, signal }: { headers: Readonly<Record<string, string>>; body: string; signal: AbortSignal },
): Promise<void> {
  const { protocol, hostname } = new URL(url);
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new AwsError('EndpointFailed', reason, { status: 502 }));
    const outgoing = send(
      url,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': bytes.length },
        timeout: PATIENCE,
        signal,
        // Names under localhost are this machine's, whatever a resolver says of them.
        ...(isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && { lookup: toLoopback }),
      },
      (answer) => {
        answer.resume();
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) return resolve();
        if (status >= 400 && status < 500 && status !== 429) {
          return reject(new AwsError('EndpointRefused', `The endpoint answered ${status}.`));
        }
        return fail(`The endpoint answered ${status}.`);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${PATIENCE} ms`)));
    outgoing.on('error', (error) => fail(error.message));
    outgoing.end(bytes);
  });
}

type Lookup = NonNullable<
  Parameters<typeof httpRequest>[1] extends infer O ? (O extends { lookup?: infer L } ? L : never) : never
>;

const toLoopback: Lookup = (_name, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};
