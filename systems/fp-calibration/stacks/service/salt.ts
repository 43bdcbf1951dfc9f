// The salt behind every anonymous name: a key of its own, and a secret that Terraform never sees the value of.
import { Key, Secret, type Stack } from '@plinth/blocks';

import { SALT, type EnvironmentName } from '../../contract.ts';

export function salt(stack: Stack, environment: EnvironmentName): { key: Key; secret: Secret } {
  const key = new Key(stack, 'salt_key', {
    name: `phase-mirror-fp-calibration-${environment}`,
    description: 'Encrypts the HMAC salt of the FP Calibration Service',
    // Whoever may use the key may use it for this secret, not for a ciphertext that they hold themselves.
    onlyVia: 'secretsmanager',
  });
  const secret = new Secret(stack, 'salt', {
    name: SALT.secretName(environment),
    description: 'HMAC salt for organization ids; rotated monthly, made by its rotator alone',
    key,
    // A staging environment that is thrown away frees the name at once.
    recoveryDays: stack.production ? 30 : 0,
  });
  stack.output('hmac_salt_secret_name', secret.resource.name, 'The secret with the salt');
  stack.output('kms_key_arn', key.arn, 'The key under which it is encrypted');
  return { key, secret };
}
