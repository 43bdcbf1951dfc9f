// The KMS API. https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html
import { agreementOperations } from './agreement-operations.ts';
import { aliasOperations } from './alias-operations.ts';
import { cipherOperations } from './cipher-operations.ts';
import { grantOperations } from './grant-operations.ts';
import { importOperations } from './import-operations.ts';
import { keyOperations } from './key-operations.ts';
import { multiRegionOperations } from './multi-region-operations.ts';
import { policyOperations } from './policy-operations.ts';
import { rotationOperations } from './rotation-operations.ts';
import type { Kms } from './service.ts';
import { signatureOperations } from './signature-operations.ts';

export type KmsOperations = ReturnType<typeof kmsOperations>;

export const kmsOperations = (kms: Kms) => ({
  ...keyOperations(kms),
  ...policyOperations(kms),
  ...aliasOperations(kms),
  ...grantOperations(kms),
  ...rotationOperations(kms),
  ...cipherOperations(kms),
  ...signatureOperations(kms),
  ...agreementOperations(kms),
  ...importOperations(kms),
  ...multiRegionOperations(kms),
});
