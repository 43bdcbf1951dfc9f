// Rotation switched on and off. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
import type { RotateSecretRequest } from '@aws-sdk/client-secrets-manager';

import { invalidRequest } from './errors.ts';
import { nextRotation, scheduleOf } from './rotation.ts';
import type { Rotation, Secret } from './secrets.ts';
import { onPrimary, type SecretsManager } from './service.ts';
import { CURRENT, PENDING, versionAt } from './stages.ts';

export function rotationOperations(manager: SecretsManager) {
  const { secrets, times, rotations } = manager;
  return {
    RotateSecret: onPrimary(
      manager,
      'RotateSecret',
      async (before, input: RotateSecretRequest, call) => {
        const wanted = rotationOf(before, input);
        const nextAt = nextRotation(wanted, call.now);
        await rotations.requireFunction(before, wanted.functionArn, call);
        const secret = secrets.requireLive(call, before.arn);
        const pending = versionAt(secret, PENDING);
        if (pending && pending !== versionAt(secret, CURRENT)) {
          throw invalidRequest('A previous rotation isn’t complete. That rotation will be reattempted.');
        }
        secret.rotation = { ...wanted, nextAt };
        secrets.save(secret);
        times.arm(secret);
        const immediately = input.RotateImmediately ?? true;
        if (immediately) void rotations.begin(secret, input.ClientRequestToken);
        else await rotations.tryOut(secret);
        const version = immediately ? versionAt(secret, PENDING) : undefined;
        return { ARN: secret.arn, Name: secret.name, ...(version && { VersionId: version.id }) };
      },
      (input) => ({
        'secretsmanager:RotationLambdaARN': input.RotationLambdaARN,
        'secretsmanager:ModifyRotationRules': String(input.RotationRules !== undefined),
        'secretsmanager:RotateImmediately': String(input.RotateImmediately ?? true),
      }),
    ),
    CancelRotateSecret: onPrimary(manager, 'CancelRotateSecret', ({ rotation, ...rest }) => {
      if (!rotation || rotation.off) throw invalidRequest('Rotation is not enabled for this secret.');
      const secret: Secret = { ...rest, rotation: { ...rotation, nextAt: undefined, off: true } };
      secrets.save(secret);
      times.arm(secret);
      const pending = versionAt(secret, PENDING);
      return { ARN: secret.arn, Name: secret.name, ...(pending && { VersionId: pending.id }) };
    }),
  };
}

function rotationOf({ rotation }: Secret, input: RotateSecretRequest): Rotation {
  const functionArn = input.RotationLambdaARN ?? rotation?.functionArn;
  if (functionArn === undefined) {
    throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
  }
  if (!input.RotationRules && rotation) {
    const { off: _off, ...before } = rotation;
    return { ...before, functionArn };
  }
  return { functionArn, ...scheduleOf(input.RotationRules ?? {}) };
}
