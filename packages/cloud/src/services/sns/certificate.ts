// A self-signed X.509 certificate for an RSA key, in DER: Node reads certificates, and makes none.
// https://www.rfc-editor.org/rfc/rfc5280#section-4.1
import { createPublicKey, sign, type KeyObject } from 'node:crypto';

const SHA256_WITH_RSA = '300d06092a864886f70d01010b0500';
const COMMON_NAME = '0603550403';

/** "No well-defined expiration date": https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5 */
const NEVER = '99991231235959Z';

export interface CertificateRequest {
  /** The subject's common name, which is the issuer's. */
  readonly name: string;
  readonly privateKey: KeyObject;
  /** Hexadecimal; the certificate's number is this with a 1 before it, so that it is positive and has no needless zeros. */
  readonly serial: string;
  /** Milliseconds. */
  readonly from: number;
}

/** The certificate in PEM. */
export function selfSigned({ name, privateKey, serial, from }: CertificateRequest): string {
  const algorithm = Buffer.from(SHA256_WITH_RSA, 'hex');
  const subject = der(0x30, der(0x31, der(0x30, Buffer.from(COMMON_NAME, 'hex'), der(0x0c, Buffer.from(name)))));
  const unsigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from(`01${serial}`, 'hex')),
    algorithm,
    subject,
    der(0x30, der(0x18, Buffer.from(generalizedTime(from))), der(0x18, Buffer.from(NEVER))),
    subject,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', unsigned, privateKey);
  const whole = der(0x30, unsigned, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const generalizedTime = (at: number): string => `${new Date(at).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(content.length.toString(16).padStart(content.length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}
