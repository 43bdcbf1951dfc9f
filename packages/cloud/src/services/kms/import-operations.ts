// Material brought to keys that were made without, and taken away again.
import type {
  DeleteImportedKeyMaterialRequest,
  GetParametersForImportRequest,
  ImportKeyMaterialRequest,
} from '@aws-sdk/client-kms';

import { notSupported } from '../../kernel/errors.ts';
import { invalidState, unsupported, validation } from './errors.ts';
import { originOf, requireNotDeleting, type Key } from './keys.ts';
import { onKeyItself, type Kms } from './service.ts';

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html */
const LONGEST_VALIDITY_MILLISECONDS = 365 * 86_400_000;

export function importOperations(kms: Kms) {
  const { keys, imports, times } = kms;
  return {
    GetParametersForImport: onKeyItself(
      kms,
      'GetParametersForImport',
      async (key, input: GetParametersForImportRequest) => {
        requireExternal(key, 'GetParametersForImport');
        const { token, publicKey, until } = await imports.offer(key, input.WrappingKeySpec, input.WrappingAlgorithm);
        return { KeyId: key.arn, ImportToken: token, PublicKey: publicKey, ParametersValidTo: new Date(until) };
      },
      (input) => ({
        context: { 'kms:WrappingAlgorithm': input.WrappingAlgorithm, 'kms:WrappingKeySpec': input.WrappingKeySpec },
      }),
    ),
    ImportKeyMaterial: onKeyItself(
      kms,
      'ImportKeyMaterial',
      (key, input: ImportKeyMaterialRequest, call) => {
        requireExternal(key, 'ImportKeyMaterial');
        if (input.ImportType === 'NEW_KEY_MATERIAL' && key.imported !== undefined) {
          throw notSupported('Importing further key material, to rotate to, is not supported here.');
        }
        const { KeyMaterialId: named, KeyMaterialDescription: description = key.importedDescription } = input;
        if (named !== undefined && input.ImportType === 'NEW_KEY_MATERIAL') {
          throw validation('KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL.');
        }
        if (named !== undefined && named !== key.imported) {
          throw validation(`Key material ${named} is not of ${key.arn}.`);
        }
        const expiresAt = expirationOf(input, call.now);
        const material = imports.unwrap(key, input.ImportToken, input.EncryptedKeyMaterial);
        const { expiresAt: _before, ...rest } = key;
        const filled: Key = {
          ...rest,
          material: [material],
          imported: material.id,
          ...(description !== undefined && { importedDescription: description }),
          ...(expiresAt !== undefined && { expiresAt }),
        };
        keys.save(filled);
        times.arm(filled);
        return { KeyId: key.arn, KeyMaterialId: material.id };
      },
      (input) => ({
        context: {
          'kms:ExpirationModel': input.ExpirationModel,
          'kms:ValidTo': input.ValidTo?.toISOString(),
        },
      }),
    ),
    DeleteImportedKeyMaterial: onKeyItself(
      kms,
      'DeleteImportedKeyMaterial',
      (key, input: DeleteImportedKeyMaterialRequest) => {
        requireExternal(key, 'DeleteImportedKeyMaterial');
        if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== key.imported) {
          throw validation(`Key material ${input.KeyMaterialId} is not of ${key.arn}.`);
        }
        const { expiresAt: _expiresAt, ...rest } = key;
        const emptied = { ...rest, material: [] };
        keys.save(emptied);
        times.arm(emptied);
        return { KeyId: key.arn, ...(key.imported !== undefined && { KeyMaterialId: key.imported }) };
      },
    ),
  };
}

function requireExternal(key: Key, operation: string): void {
  if (originOf(key) !== 'EXTERNAL') {
    throw unsupported(`${key.arn} origin is ${originOf(key)} which is not valid for ${operation}.`);
  }
  requireNotDeleting(key);
}

function expirationOf(
  { ExpirationModel: model = 'KEY_MATERIAL_EXPIRES', ValidTo: until }: ImportKeyMaterialRequest,
  now: number,
) {
  if (model === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (until) throw validation('ValidTo must not be set if ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE.');
    return undefined;
  }
  if (!until) throw validation('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES.');
  const at = until.getTime();
  if (at > now && at <= now + LONGEST_VALIDITY_MILLISECONDS) return at;
  throw at <= now
    ? invalidState('The validTo date must be in the future.')
    : validation('The validTo date must be within 365 days.');
}
