// Key specs: what each kind of key may be used for, and with which algorithms.
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
import type {
  EncryptionAlgorithmSpec,
  KeyUsageType,
  MacAlgorithmSpec,
  SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';

import { notSupported } from '../../kernel/errors.ts';
import { validation } from './errors.ts';

export interface Spec {
  readonly family: 'symmetric' | 'rsa' | 'ecc' | 'hmac';
  readonly usages: readonly KeyUsageType[];
  readonly encryption: readonly EncryptionAlgorithmSpec[];
  readonly signing: readonly SigningAlgorithmSpec[];
  readonly mac: readonly MacAlgorithmSpec[];
  /** Bits of an RSA modulus, bytes of HMAC material. */
  readonly size?: number;
  /** OpenSSL's name of the curve. */
  readonly curve?: string;
}

const NONE = { encryption: [], signing: [], mac: [] } as const;

const rsa = (size: number): Spec => ({
  ...NONE,
  family: 'rsa',
  usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'],
  encryption: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
  signing: [
    'RSASSA_PKCS1_V1_5_SHA_256',
    'RSASSA_PKCS1_V1_5_SHA_384',
    'RSASSA_PKCS1_V1_5_SHA_512',
    'RSASSA_PSS_SHA_256',
    'RSASSA_PSS_SHA_384',
    'RSASSA_PSS_SHA_512',
  ],
  size,
});

const ecc = (curve: string, algorithm: SigningAlgorithmSpec): Spec => ({
  ...NONE,
  family: 'ecc',
  usages: ['SIGN_VERIFY'],
  signing: [algorithm],
  curve,
});

const hmac = (algorithm: MacAlgorithmSpec, size: number): Spec => ({
  ...NONE,
  family: 'hmac',
  usages: ['GENERATE_VERIFY_MAC'],
  mac: [algorithm],
  size,
});

export const SPECS = {
  SYMMETRIC_DEFAULT: {
    ...NONE,
    family: 'symmetric',
    usages: ['ENCRYPT_DECRYPT'],
    encryption: ['SYMMETRIC_DEFAULT'],
  } satisfies Spec as Spec,
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: ecc('prime256v1', 'ECDSA_SHA_256'),
  ECC_NIST_P384: ecc('secp384r1', 'ECDSA_SHA_384'),
  ECC_NIST_P521: ecc('secp521r1', 'ECDSA_SHA_512'),
  ECC_SECG_P256K1: ecc('secp256k1', 'ECDSA_SHA_256'),
  HMAC_224: hmac('HMAC_SHA_224', 28),
  HMAC_256: hmac('HMAC_SHA_256', 32),
  HMAC_384: hmac('HMAC_SHA_384', 48),
  HMAC_512: hmac('HMAC_SHA_512', 64),
} as const;

export type SpecName = keyof typeof SPECS;

/** Of a key that the cloud can make; refuses those of AWS's that it cannot. */
export function requireSpec(name: string): SpecName {
  if (name in SPECS) return name as SpecName;
  throw notSupported(`KeySpec ${name} is not supported here: the cloud has ${Object.keys(SPECS).join(', ')}.`);
}

/** The usage that a new key of the spec has: a symmetric one may leave it out. */
export function requireUsage(name: SpecName, usage: KeyUsageType | undefined): KeyUsageType {
  const { usages, family } = SPECS[name];
  if (usage === undefined && family === 'symmetric') return 'ENCRYPT_DECRYPT';
  if (usage === undefined) {
    throw validation('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  if (usages.includes(usage)) return usage;
  if (usage === 'KEY_AGREEMENT' && family === 'ecc' && name !== 'ECC_SECG_P256K1') {
    throw notSupported('Keys for KEY_AGREEMENT are not supported here.');
  }
  throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${name}`);
}
