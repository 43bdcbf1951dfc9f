// ECDSA over digests, which Node's own signing does not take. https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.186-5.pdf, 6.4
import { createECDH, randomBytes, type KeyObject } from 'node:crypto';

interface Curve {
  readonly name: string;
  /** The field's prime, the coefficient a, and the order of the group. */
  readonly p: bigint;
  readonly a: bigint;
  readonly n: bigint;
  /** Bytes of a coordinate. */
  readonly size: number;
}

/** https://www.secg.org/sec2-v2.pdf */
const CURVES: readonly Curve[] = [
  prime(
    'prime256v1',
    2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    -3n,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    32,
  ),
  prime(
    'secp384r1',
    2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    -3n,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    48,
  ),
  prime(
    'secp521r1',
    2n ** 521n - 1n,
    -3n,
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    66,
  ),
  prime(
    'secp256k1',
    2n ** 256n - 2n ** 32n - 977n,
    0n,
    0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    32,
  ),
];

type Point = readonly [x: bigint, y: bigint] | undefined;

/** The signature in DER. */
export function signDigest(key: KeyObject, digest: Uint8Array): Buffer {
  const curve = curveOf(key);
  const { n } = curve;
  const secret = fromBase64(key.export({ format: 'jwk' }).d!);
  const z = toInteger(digest);
  for (;;) {
    const nonce = toInteger(randomBytes(curve.size + 8)) % n;
    if (nonce === 0n) continue;
    const r = multiplyBase(curve, nonce)![0] % n;
    const s = modulo(inverse(nonce, n) * (z + r * secret), n);
    if (r !== 0n && s !== 0n) return toDer(r, s);
  }
}

export function verifyDigest(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const curve = curveOf(key);
  const { n } = curve;
  const numbers = fromDer(signature);
  if (!numbers) return false;
  const [r, s] = numbers;
  if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
  const { x, y } = key.export({ format: 'jwk' });
  const w = inverse(s, n);
  const u1 = modulo(toInteger(digest) * w, n);
  const u2 = modulo(r * w, n);
  const sum = add(curve, multiplyBase(curve, u1), multiply(curve, u2, [fromBase64(x!), fromBase64(y!)]));
  return sum !== undefined && sum[0] % n === r;
}

function prime(name: string, p: bigint, a: bigint, n: bigint, size: number): Curve {
  return { name, p, a: modulo(a, p), n, size };
}

function curveOf(key: KeyObject): Curve {
  return CURVES.find(({ name }) => name === key.asymmetricKeyDetails?.namedCurve)!;
}

// OpenSSL's own multiplication, in constant time: the factor is a secret when signing.
function multiplyBase({ name, size }: Curve, factor: bigint): Point {
  if (factor === 0n) return undefined;
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(Buffer.from(factor.toString(16).padStart(2 * size, '0'), 'hex'));
  const point = ecdh.getPublicKey();
  return [toInteger(point.subarray(1, 1 + size)), toInteger(point.subarray(1 + size))];
}

function multiply(curve: Curve, factor: bigint, point: Point): Point {
  let result: Point;
  for (const bit of factor.toString(2)) {
    result = add(curve, result, result);
    if (bit === '1') result = add(curve, result, point);
  }
  return result;
}

function add({ p, a }: Curve, left: Point, right: Point): Point {
  if (!left || !right) return left ?? right;
  const [x1, y1] = left;
  const [x2, y2] = right;
  if (x1 === x2 && modulo(y1 + y2, p) === 0n) return undefined;
  const slope = x1 === x2 ? (3n * x1 * x1 + a) * inverse(2n * y1, p) : (y2 - y1) * inverse(modulo(x2 - x1, p), p);
  const x = modulo(slope * slope - x1 - x2, p);
  return [x, modulo(slope * (x1 - x) - y1, p)];
}

function modulo(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return rest < 0n ? rest + by : rest;
}

function inverse(value: bigint, by: bigint): bigint {
  let [r0, r1, t0, t1] = [by, modulo(value, by), 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return modulo(t0, by);
}

const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);

const fromBase64 = (text: string): bigint => toInteger(Buffer.from(text, 'base64url'));

function toDer(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  const length = body.length < 0x80 ? Buffer.of(body.length) : Buffer.of(0x81, body.length);
  return Buffer.concat([Buffer.of(0x30), length, body]);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const positive = bytes[0]! < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
  return Buffer.concat([Buffer.of(2, positive.length), positive]);
}

// One way of writing it only, so that a signature cannot be changed into another one of the same.
function fromDer(signature: Uint8Array): [bigint, bigint] | undefined {
  const long = signature[1] === 0x81;
  const start = long ? 4 : 3;
  const first = signature[start]!;
  const second = signature[start + 2 + first]!;
  if (second === undefined) return undefined;
  const r = toInteger(signature.subarray(start + 1, start + 1 + first));
  const s = toInteger(signature.subarray(start + 3 + first, start + 3 + first + second));
  return toDer(r, s).equals(signature) ? [r, s] : undefined;
}
