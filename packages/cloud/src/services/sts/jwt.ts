// JSON Web Tokens as OpenID Connect's issuers sign them. https://openid.net/specs/openid-connect-core-1_0.html#IDToken
import { createPublicKey, verify as verifySignature, type JsonWebKey } from 'node:crypto';

export interface Token {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the signature is over. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** A key of an issuer's JWKS document. */
export type PublicKey = JsonWebKey & { readonly kid?: string; readonly alg?: string; readonly use?: string };

/** The algorithms that AWS takes of an issuer. What is signed with a shared secret, or not at all, proves nothing. */
const ALGORITHMS: Readonly<Record<string, { hash: string; keyType: string; curve?: string }>> = {
  RS256: { hash: 'sha256', keyType: 'RSA' },
  RS384: { hash: 'sha384', keyType: 'RSA' },
  RS512: { hash: 'sha512', keyType: 'RSA' },
  ES256: { hash: 'sha256', keyType: 'EC', curve: 'P-256' },
  ES384: { hash: 'sha384', keyType: 'EC', curve: 'P-384' },
  ES512: { hash: 'sha512', keyType: 'EC', curve: 'P-521' },
};

/** Takes a token apart without believing it; undefined where it is none. */
export function readToken(text: string): Token | undefined {
  const [header, payload, signature, ...more] = text.split('.');
  if (!header || !payload || !signature || more.length > 0) return undefined;
  const head = readJson(header);
  const claims = readJson(payload);
  if (!head || !claims || typeof head['alg'] !== 'string') return undefined;
  return {
    algorithm: head['alg'],
    keyId: typeof head['kid'] === 'string' ? head['kid'] : undefined,
    claims,
    signed: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** True where one of the keys that the token may mean has signed it. */
export function isSignedBy(token: Token, keys: readonly PublicKey[]): boolean {
  const algorithm = Object.hasOwn(ALGORITHMS, token.algorithm) && ALGORITHMS[token.algorithm];
  if (!algorithm) return false;
  const candidates = keys.filter(
    ({ kid, kty, crv, alg, use }) =>
      kty === algorithm.keyType &&
      (algorithm.curve === undefined || crv === algorithm.curve) &&
      (token.keyId === undefined || kid === token.keyId) &&
      (alg === undefined || alg === token.algorithm) &&
      (use === undefined || use === 'sig'),
  );
  return candidates.some((key) => signs(key, algorithm.hash, token));
}

function signs(key: PublicKey, hash: string, { signed, signature }: Token): boolean {
  try {
    const publicKey = createPublicKey({ key, format: 'jwk' });
    return verifySignature(hash, Buffer.from(signed), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
  } catch (error) {
    // A key that OpenSSL cannot read signs nothing.
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function readJson(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
