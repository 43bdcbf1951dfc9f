// Key specs: what each kind of key may be used for, and with which algorithms.
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
import type {
  EncryptionAlgorithmSpec,
  KeyAgreementAlgorithmSpec,
  KeyUsageType,
  MacAlgorithmSpec,
  SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';

import { notSupported } from '../../kernel/errors.ts';
import { validation } from './errors.ts';

export interface Spec {
  readonly family: 'symmetric' | 'rsa' | 'ecc' | 'edwards' | 'ml-dsa' | 'hmac';
  readonly usages: readonly KeyUsageType[];
  readonly encryption: readonly EncryptionAlgorithmSpec[];
  readonly signing: readonly SigningAlgorithmSpec[];
  readonly mac: readonly MacAlgorithmSpec[];
  /** Bits of an RSA modulus, bytes of HMAC material. */
  readonly size?: number;
  readonly agreement: readonly KeyAgreementAlgorithmSpec[];
  /** OpenSSL's name of the curve, or of the kind of key. */
  readonly curve?: string;
}

const NONE = { encryption: [], signing: [], mac: [], agreement: [] } as const;

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

/** A curve on which secrets may be agreed upon too. */
const nist = (curve: string, algorithm: SigningAlgorithmSpec): Spec => ({
  ...ecc(curve, algorithm),
  usages: ['SIGN_VERIFY', 'KEY_AGREEMENT'],
  agreement: ['ECDH'],
});

const mlDsa = (curve: string): Spec => ({
  ...NONE,
  family: 'ml-dsa',
  usages: ['SIGN_VERIFY'],
  signing: ['ML_DSA_SHAKE_256'],
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
  ECC_NIST_P256: nist('prime256v1', 'ECDSA_SHA_256'),
  ECC_NIST_P384: nist('secp384r1', 'ECDSA_SHA_384'),
  ECC_NIST_P521: nist('secp521r1', 'ECDSA_SHA_512'),
  ECC_SECG_P256K1: ecc('secp256k1', 'ECDSA_SHA_256'),
  ECC_NIST_EDWARDS25519: {
    ...NONE,
    family: 'edwards',
    usages: ['SIGN_VERIFY'],
    signing: ['ED25519_SHA_512'],
    curve: 'ed25519',
  } satisfies Spec as Spec,
  ML_DSA_44: mlDsa('ml-dsa-44'),
  ML_DSA_65: mlDsa('ml-dsa-65'),
  ML_DSA_87: mlDsa('ml-dsa-87'),
  HMAC_224: hmac('HMAC_SHA_224', 28),
  HMAC_256: hmac('HMAC_SHA_256', 32),
  HMAC_384: hmac('HMAC_SHA_384', 48),
  HMAC_512: hmac('HMAC_SHA_512', 64),
} as const;

/** Those whose material is a pair, of which the public half is told. */
export const isPair = ({ family }: Spec): boolean => family !== 'symmetric' && family !== 'hmac';

export type SpecName = keyof typeof SPECS;

/** Of a key that the cloud can make; refuses those of AWS's that it cannot. */
export function requireSpec(name: string): SpecName {
  if (Object.hasOwn(SPECS, name)) return name as SpecName;
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
  throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${name}`);
}
