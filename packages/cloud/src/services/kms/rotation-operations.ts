// Rotation of symmetric keys: automatic, on demand, and its history.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
import type { EnableKeyRotationRequest, ListKeyRotationsRequest, RotationsListEntry } from '@aws-sdk/client-kms';

import { limitExceeded, unsupported, validation } from './errors.ts';
import { DAY_MILLISECONDS, requireUsable, type Key } from './keys.ts';
import { onKeyItself, page, type Kms } from './service.ts';
import { SPECS } from './specs.ts';

export const PERIOD_DAYS = { least: 90, most: 2560, usual: 365 };

/** https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
const ON_DEMAND_LIMIT = 25;

export function rotationOperations(kms: Kms) {
  const { keys, times } = kms;
  return {
    EnableKeyRotation: onKeyItself(
      kms,
      'EnableKeyRotation',
      (
        key,
        { RotationPeriodInDays: days = key.rotation?.days ?? PERIOD_DAYS.usual }: EnableKeyRotationRequest,
        call,
      ) => {
        requireRotatable(key, 'EnableKeyRotation');
        const { least, most } = PERIOD_DAYS;
        if (days < least || days > most) {
          throw validation(`RotationPeriodInDays must be between ${least} and ${most}, and is ${days}.`);
        }
        const rotation =
          key.rotation?.days === days ? key.rotation : { days, nextAt: call.now + days * DAY_MILLISECONDS };
        const rotating = { ...key, rotation };
        keys.save(rotating);
        times.arm(rotating);
        return {};
      },
      ({ RotationPeriodInDays: days }) => ({
        context: { 'kms:RotationPeriodInDays': days === undefined ? undefined : String(days) },
      }),
    ),
    DisableKeyRotation: onKeyItself(kms, 'DisableKeyRotation', (key) => {
      requireRotatable(key, 'DisableKeyRotation');
      const { rotation: _rotation, ...still } = key;
      keys.save(still);
      times.arm(still);
      return {};
    }),
    GetKeyRotationStatus: onKeyItself(kms, 'GetKeyRotationStatus', (key) => {
      // A replica is rotated when its primary is.
      const { rotation } = keys.related(key).find(({ multiRegion }) => multiRegion === 'PRIMARY') ?? key;
      return {
        KeyId: key.arn,
        KeyRotationEnabled: rotation !== undefined && !key.deletion,
        ...(rotation &&
          !key.deletion && { RotationPeriodInDays: rotation.days, NextRotationDate: new Date(rotation.nextAt) }),
      };
    }),
    RotateKeyOnDemand: onKeyItself(kms, 'RotateKeyOnDemand', (key) => {
      requireRotatable(key, 'RotateKeyOnDemand');
      if (key.material.filter(({ rotation }) => rotation === 'ON_DEMAND').length >= ON_DEMAND_LIMIT) {
        throw limitExceeded(`A key may be rotated on demand ${ON_DEMAND_LIMIT} times.`);
      }
      times.rotate(key, 'ON_DEMAND');
      return { KeyId: key.arn };
    }),
    ListKeyRotations: onKeyItself(kms, 'ListKeyRotations', (key, input: ListKeyRotationsRequest) => {
      const all = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL';
      const entries = key.external
        ? importedOf(key)
        : key.material.map((material, index): RotationsListEntry => ({
            KeyId: key.arn,
            KeyMaterialId: material.id,
            KeyMaterialState: index === key.material.length - 1 ? 'CURRENT' : 'NON_CURRENT',
            ...(material.rotation && {
              RotationDate: new Date(material.createdAt),
              RotationType: material.rotation,
            }),
          }));
      const listed = entries.filter(({ RotationType }) => all || RotationType !== undefined);
      const { items, rest } = page(listed, ({ KeyMaterialId }) => KeyMaterialId!, input);
      return { Rotations: items, ...rest };
    }),
  };
}

/** The material that was imported, whether it is there now or not. */
function importedOf({ arn, imported, importedDescription, material, expiresAt }: Key): RotationsListEntry[] {
  if (imported === undefined) return [];
  const description = importedDescription === undefined ? {} : { KeyMaterialDescription: importedDescription };
  const entry = { KeyId: arn, KeyMaterialId: imported, KeyMaterialState: 'CURRENT', ...description } as const;
  if (material.length === 0) return [{ ...entry, ImportState: 'PENDING_IMPORT' }];
  return [
    {
      ...entry,
      ImportState: 'IMPORTED',
      ...(expiresAt === undefined
        ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
        : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(expiresAt) }),
    },
  ];
}

function requireRotatable(key: Key, operation: string): void {
  if (SPECS[key.spec].family !== 'symmetric') {
    throw unsupported(`${operation} is for symmetric encryption keys, and ${key.arn} is ${key.spec}.`);
  }
  if (key.external) throw unsupported(`${key.arn} origin is EXTERNAL which is not valid for ${operation}.`);
  if (key.multiRegion === 'REPLICA') {
    throw unsupported(`${key.arn} is a multi-Region replica key: its primary key is the one to rotate.`);
  }
  requireUsable(key, 'ENCRYPT_DECRYPT', operation);
}
