// AWS Key Management Service.
//
// Answers: symmetric, RSA, elliptic-curve, Ed25519, ML-DSA and HMAC keys, aliases, key policies, grants, encryption and data
// keys, signatures, codes of authenticity, shared secrets, imported material, multi-Region keys, rotation, expiration and deletion
// on the cloud's clock, AWS managed keys of the services here.
// Gaps: custom key stores, SM2, enclaves, Ed25519ph, ML-DSA over messages hashed elsewhere, rotation to imported material
// (a precise refusal or 501).
// By design: a key's policy has the last word, as in AWS; key material lies in the cloud's store, readable by its owner
// alone; grants take effect at once, so their tokens are taken and not needed; on-demand rotation is done when it is answered.
import type { Kernel, Service } from '../../kernel/service.ts';
import { kmsDataSources } from './data-sources.ts';
import { kmsOperations } from './operations.ts';
import { kmsResources } from './resources.ts';
import { createKms } from './service.ts';

export function kms(kernel: Kernel): Service {
  const parts = createKms(kernel);
  return {
    name: 'kms',
    client: 'kms',
    operations: kmsOperations(parts),
    unsupported: {
      CreateKey: ['CustomKeyStoreId', 'XksKeyId'],
      // Enclaves, whose documents would have to be checked.
      Decrypt: ['DryRunModifiers', 'Recipient'],
      DeriveSharedSecret: ['Recipient'],
      GenerateDataKey: ['Recipient'],
      GenerateDataKeyPair: ['Recipient'],
      GenerateRandom: ['CustomKeyStoreId', 'Recipient'],
      ReEncrypt: ['DryRunModifiers'],
    },
    resources: kmsResources,
    dataSources: kmsDataSources,
    describeResource: (arn, action, call) => parts.guard.describe(arn, action, call),
    start: () => parts.times.start(),
    stop: () => parts.times.stop(),
  };
}
