// Encrypting, decrypting and data keys.
// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#cryptographic-operations
import { randomBytes } from 'node:crypto';

import type {
  DecryptRequest,
  EncryptionAlgorithmSpec,
  EncryptRequest,
  GenerateDataKeyPairRequest,
  GenerateDataKeyRequest,
  GenerateRandomRequest,
  ReEncryptRequest,
} from '@aws-sdk/client-kms';

import { requireWithin } from '../../kernel/constraint.ts';
import type { Access, Call } from '../../kernel/service.ts';
import { onNothing, type Asked } from './access.ts';
import { decryptAsymmetric, encryptAsymmetric, keyIdIn, open, seal, type EncryptionContext } from './ciphertext.ts';
import { incorrectKey, invalidUsage, unknownCiphertextKey, validation } from './errors.ts';
import { requireUsable, type Found, type Key } from './keys.ts';
import { generatePair } from './material.ts';
import { finishDryRun, onKey, type CryptoInput, type Kms } from './service.ts';
import { isPair, requireSpec, SPECS } from './specs.ts';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
const LARGEST_PLAINTEXT_BYTES = 4096;

const LARGEST_DATA_KEY_BYTES = 1024;

type Algorithm = EncryptionAlgorithmSpec | undefined;

/** A ciphertext, and what a request says of where it comes from. */
interface Source {
  readonly blob: Uint8Array | undefined;
  readonly named: string | undefined;
  readonly context: EncryptionContext | undefined;
  readonly algorithm: Algorithm;
}

export function cipherOperations(kms: Kms) {
  const { keys, guard } = kms;

  const sourceOfDecrypt = (input: DecryptRequest): Source => ({
    blob: input.CiphertextBlob,
    named: input.KeyId,
    context: input.EncryptionContext,
    algorithm: input.EncryptionAlgorithm,
  });
  const sourceOfReEncrypt = (input: ReEncryptRequest): Source => ({
    blob: input.CiphertextBlob,
    named: input.SourceKeyId,
    context: input.SourceEncryptionContext,
    algorithm: input.SourceEncryptionAlgorithm,
  });

  // The ciphertext of a symmetric key names it, that of an asymmetric one does not.
  const sourceKey = ({ blob, named, algorithm = 'SYMMETRIC_DEFAULT' }: Source, call: Call): Found => {
    if (!blob) throw validation('CiphertextBlob is required here.');
    const said = named === undefined ? undefined : keys.require(call, named);
    if (algorithm !== 'SYMMETRIC_DEFAULT') {
      if (!said) throw validation('The KeyId of an asymmetric KMS key has to be given.');
      return said;
    }
    if (said && SPECS[said.key.spec].family !== 'symmetric') return said;
    const key = keys.get(call.region, keyIdIn(blob));
    if (said && said.key.id !== key?.id) throw incorrectKey();
    if (!key) throw unknownCiphertextKey();
    return said ?? { key };
  };
  const decrypt = (source: Source, call: Call, operation: string) => {
    const { key } = sourceKey(source, call);
    requireUsable(key, 'ENCRYPT_DECRYPT', operation);
    const algorithm = requireAlgorithm(key, source.algorithm);
    if (algorithm !== 'SYMMETRIC_DEFAULT') {
      return { key, algorithm, plaintext: decryptAsymmetric(key, source.blob!, algorithm), material: undefined };
    }
    return { key, algorithm, ...open(key, source.blob!, source.context) };
  };
  const encrypt = (key: Key, plaintext: Uint8Array, context: EncryptionContext | undefined, asked: Algorithm) => {
    const algorithm = requireAlgorithm(key, asked);
    if (plaintext.length === 0 || plaintext.length > largestPlaintext(key, algorithm)) {
      throw validation(
        `1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to ${largestPlaintext(key, algorithm)}, and not be empty`,
      );
    }
    const symmetric = algorithm === 'SYMMETRIC_DEFAULT';
    const blob = symmetric ? seal(key, plaintext, context) : encryptAsymmetric(key, plaintext, algorithm);
    return { algorithm, blob };
  };

  const dataKey = (operation: string, tellPlaintext: boolean) =>
    onKey(
      kms,
      operation,
      (key, input: GenerateDataKeyRequest) => {
        const size = dataKeySize(input);
        requireSymmetric(key, operation);
        finishDryRun(input);
        const plaintext = randomBytes(size);
        return {
          KeyId: key.arn,
          CiphertextBlob: seal(key, plaintext, input.EncryptionContext),
          ...(tellPlaintext && { Plaintext: plaintext }),
          KeyMaterialId: key.material.at(-1)!.id,
        };
      },
      (input) => ({
        encryptionContext: input.EncryptionContext,
        context: { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' },
      }),
    );
  const dataKeyPair = (operation: string, tellPlaintext: boolean) =>
    onKey(
      kms,
      operation,
      async (key, input: GenerateDataKeyPairRequest & CryptoInput) => {
        requireSymmetric(key, operation);
        const spec = requireSpec(input.KeyPairSpec ?? '');
        if (!isPair(SPECS[spec]) || SPECS[spec].family === 'ml-dsa')
          throw validation(`KeyPairSpec ${spec} is of no key pair.`);
        finishDryRun(input);
        const { privateKey, publicKey } = await generatePair(spec);
        return {
          KeyId: key.arn,
          KeyPairSpec: input.KeyPairSpec,
          PublicKey: publicKey,
          PrivateKeyCiphertextBlob: seal(key, privateKey, input.EncryptionContext),
          ...(tellPlaintext && { PrivateKeyPlaintext: privateKey }),
          KeyMaterialId: key.material.at(-1)!.id,
        };
      },
      (input) => ({
        encryptionContext: input.EncryptionContext,
        context: { 'kms:DataKeyPairSpec': input.KeyPairSpec },
      }),
    );

  return {
    Encrypt: onKey(
      kms,
      'Encrypt',
      (key, input: EncryptRequest) => {
        requireUsable(key, 'ENCRYPT_DECRYPT', 'Encrypt');
        const { algorithm, blob } = encrypt(
          key,
          input.Plaintext ?? Buffer.alloc(0),
          input.EncryptionContext,
          input.EncryptionAlgorithm,
        );
        finishDryRun(input);
        return { CiphertextBlob: blob, KeyId: key.arn, EncryptionAlgorithm: algorithm };
      },
      (input) => askedOf(input.EncryptionContext, input.EncryptionAlgorithm),
    ),
    Decrypt: {
      access: (input: DecryptRequest, call: Call): Access[] => [
        guard.found(
          'Decrypt',
          sourceKey(sourceOfDecrypt(input), call),
          call,
          askedOf(input.EncryptionContext, input.EncryptionAlgorithm),
        ),
      ],
      run: (input: DecryptRequest, call: Call) => {
        const { key, algorithm, plaintext, material } = decrypt(sourceOfDecrypt(input), call, 'Decrypt');
        finishDryRun(input);
        return {
          KeyId: key.arn,
          Plaintext: plaintext,
          EncryptionAlgorithm: algorithm,
          ...(material && { KeyMaterialId: material.id }),
        };
      },
    },
    ReEncrypt: {
      access: (input: ReEncryptRequest, call: Call): Access[] => {
        const source = sourceKey(sourceOfReEncrypt(input), call);
        const same = keys.find(call, input.DestinationKeyId ?? '')?.key.id === source.key.id;
        const context = { 'kms:ReEncryptOnSameKey': String(same) };
        const from = askedOf(input.SourceEncryptionContext, input.SourceEncryptionAlgorithm, context);
        const to = askedOf(input.DestinationEncryptionContext, input.DestinationEncryptionAlgorithm, context);
        return [
          guard.found('ReEncryptFrom', source, call, from),
          guard.named('ReEncryptTo', input.DestinationKeyId, call, to),
        ];
      },
      run: (input: ReEncryptRequest, call: Call) => {
        const { key: target } = keys.require(call, input.DestinationKeyId ?? '');
        requireUsable(target, 'ENCRYPT_DECRYPT', 'ReEncrypt');
        const source = decrypt(sourceOfReEncrypt(input), call, 'ReEncrypt');
        const { DestinationEncryptionContext: context, DestinationEncryptionAlgorithm: asked } = input;
        const { algorithm, blob } = encrypt(target, source.plaintext, context, asked);
        finishDryRun(input);
        return {
          CiphertextBlob: blob,
          SourceKeyId: source.key.arn,
          KeyId: target.arn,
          SourceEncryptionAlgorithm: source.algorithm,
          DestinationEncryptionAlgorithm: algorithm,
          ...(source.material && { SourceKeyMaterialId: source.material.id }),
          ...(algorithm === 'SYMMETRIC_DEFAULT' && { DestinationKeyMaterialId: target.material.at(-1)!.id }),
        };
      },
    },
    GenerateDataKey: dataKey('GenerateDataKey', true),
    GenerateDataKeyWithoutPlaintext: dataKey('GenerateDataKeyWithoutPlaintext', false),
    GenerateDataKeyPair: dataKeyPair('GenerateDataKeyPair', true),
    GenerateDataKeyPairWithoutPlaintext: dataKeyPair('GenerateDataKeyPairWithoutPlaintext', false),
    GenerateRandom: {
      access: (_: GenerateRandomRequest, call: Call): Access[] => [onNothing('GenerateRandom', call)],
      run: ({ NumberOfBytes: size }: GenerateRandomRequest) => {
        if (size === undefined) throw validation('NumberOfBytes is required here.');
        return { Plaintext: randomBytes(requireSize(size)) };
      },
    },
  };
}

const askedOf = (
  encryptionContext: EncryptionContext | undefined,
  algorithm: Algorithm,
  context: Asked['context'] = {},
): Asked => ({
  encryptionContext,
  context: { ...context, 'kms:EncryptionAlgorithm': algorithm ?? 'SYMMETRIC_DEFAULT' },
});

function requireAlgorithm({ spec, arn }: Key, algorithm: EncryptionAlgorithmSpec = 'SYMMETRIC_DEFAULT') {
  if (SPECS[spec].encryption.includes(algorithm)) return algorithm;
  throw invalidUsage(`Algorithm ${algorithm} and key spec ${spec} of ${arn} are incompatible.`);
}

// What OAEP leaves of the modulus. https://www.rfc-editor.org/rfc/rfc8017#section-7.1
function largestPlaintext({ spec }: Key, algorithm: EncryptionAlgorithmSpec): number {
  if (algorithm === 'SYMMETRIC_DEFAULT') return LARGEST_PLAINTEXT_BYTES;
  const hashBytes = algorithm === 'RSAES_OAEP_SHA_1' ? 20 : 32;
  return SPECS[spec].size! / 8 - 2 * hashBytes - 2;
}

function requireSymmetric(key: Key, operation: string): void {
  requireUsable(key, 'ENCRYPT_DECRYPT', operation);
  if (SPECS[key.spec].family === 'symmetric') return;
  throw invalidUsage(`${key.arn} is ${key.spec}, and ${operation} needs a symmetric encryption key.`);
}

function dataKeySize({ KeySpec: spec, NumberOfBytes: size }: GenerateDataKeyRequest): number {
  if ((spec === undefined) === (size === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  if (size !== undefined) return requireSize(size);
  if (spec === 'AES_128') return 16;
  if (spec === 'AES_256') return 32;
  throw validation(
    `1 validation error detected: Value '${spec}' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]`,
  );
}

function requireSize(size: number): number {
  requireWithin(size, 'numberOfBytes', [1, LARGEST_DATA_KEY_BYTES], validation);
  return size;
}
