// The public keys of OpenID Connect issuers, asked of the issuer itself and kept for a while.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
import { X509Certificate } from 'node:crypto';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';

import type { OidcProvider } from '../../kernel/identity/directory.ts';
import type { PublicKey } from './jwt.ts';

/** The issuer's keys; asked anew where `fresh`. Rejects where the issuer cannot be asked. */
export type JwksSource = (
  provider: Pick<OidcProvider, 'url' | 'thumbprints'>,
  options?: { fresh?: boolean },
) => Promise<readonly PublicKey[]>;

/** How long keys are believed without asking again, in milliseconds on the machine's clock. */
const KEPT_MILLISECONDS = 5 * 60_000;

const ANSWER_MILLISECONDS = 5_000;

const LARGEST_ANSWER = 256 * 1024;

/** True for an issuer that may be asked without TLS: one on this machine. */
export const isLoopbackUrl = (url: URL): boolean =>
  url.protocol === 'http:' && /^(127\.0\.0\.1|\[::1\]|localhost|.*\.localhost)$/.test(url.hostname);

export function createJwksSource(): JwksSource {
  const kept = new Map<string, { at: number; keys: readonly PublicKey[] }>();
  return async ({ url, thumbprints }, { fresh = false } = {}) => {
    const known = kept.get(url);
    if (known && !fresh && Date.now() - known.at < KEPT_MILLISECONDS) return known.keys;
    const issuer = url.replace(/\/$/, '');
    const configuration = await ask(`${issuer}/.well-known/openid-configuration`, thumbprints);
    const { issuer: named, jwks_uri } = configuration as { issuer?: unknown; jwks_uri?: unknown };
    if (named !== issuer && named !== url) throw new Error(`${url} says that it is ${String(named)}`);
    if (typeof jwks_uri !== 'string') throw new Error(`${url} names no jwks_uri`);
    const { keys } = (await ask(jwks_uri, thumbprints)) as { keys?: unknown };
    if (!Array.isArray(keys)) throw new Error(`${jwks_uri} holds no keys`);
    kept.set(url, { at: Date.now(), keys: keys as PublicKey[] });
    return keys as PublicKey[];
  };
}

async function ask(address: string, thumbprints: readonly string[]): Promise<object> {
  const url = new URL(address);
  if (url.protocol !== 'https:' && !isLoopbackUrl(url)) throw new Error(`${address} is not served over TLS`);
  const text = await new Promise<string>((resolve, reject) => {
    const read = (response: IncomingMessage) => {
      // Who may not be trusted may not be read, whatever it answers.
      if (url.protocol === 'https:') requireTrusted(response.socket as TLSSocket, url.hostname, thumbprints);
      if (response.statusCode !== 200) throw new Error(`${address} answers ${response.statusCode}`);
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
        if (body.length > LARGEST_ANSWER) response.destroy(new Error(`${address} answers too much`));
      });
      response.on('end', () => resolve(body)).on('error', reject);
    };
    const options = { timeout: ANSWER_MILLISECONDS, agent: false, rejectUnauthorized: false };
    const request = (url.protocol === 'https:' ? getHttps : getHttp)(url, options, (response) => {
      try {
        read(response);
      } catch (error) {
        request.destroy(error as Error);
      }
    });
    request.on('timeout', () => request.destroy(new Error(`${address} does not answer`))).on('error', reject);
  });
  const answer: unknown = JSON.parse(text);
  if (typeof answer !== 'object' || answer === null) throw new Error(`${address} answers no JSON object`);
  return answer;
}

// As in AWS: an authority that everyone trusts, or the certificate whose thumbprint the provider was given.
function requireTrusted(socket: TLSSocket, host: string, thumbprints: readonly string[]): void {
  const leaf = socket.getPeerCertificate(true);
  const mismatch = checkServerIdentity(host, leaf);
  if (mismatch) throw mismatch;
  if (!socket.authorized && !chainOf(leaf).some((thumbprint) => thumbprints.includes(thumbprint))) {
    throw new Error(`the certificate of ${host} is neither trusted nor of a known thumbprint`);
  }
}

// The thumbprints of the certificates that really signed one another, from the server's own upwards.
function chainOf(leaf: DetailedPeerCertificate): string[] {
  const thumbprints: string[] = [];
  let current: DetailedPeerCertificate | undefined = leaf;
  while (current) {
    const certificate = new X509Certificate(current.raw);
    thumbprints.push(certificate.fingerprint.replaceAll(':', '').toLowerCase());
    const issuer: DetailedPeerCertificate | undefined = current.issuerCertificate;
    if (!issuer || issuer.fingerprint === current.fingerprint) break;
    const signer = new X509Certificate(issuer.raw);
    current = signer.ca && certificate.verify(signer.publicKey) ? issuer : undefined;
  }
  return thumbprints;
}
