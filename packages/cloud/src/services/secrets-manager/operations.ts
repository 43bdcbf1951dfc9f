// The Secrets Manager API. https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
import { policyOperations } from './policy-operations.ts';
import { replicaOperations } from './replica-operations.ts';
import { rotationOperations } from './rotation-operations.ts';
import { secretOperations } from './secret-operations.ts';
import type { SecretsManager } from './service.ts';
import { valueOperations } from './value-operations.ts';

export type SecretsManagerOperations = ReturnType<typeof secretsManagerOperations>;

export const secretsManagerOperations = (manager: SecretsManager) => ({
  ...secretOperations(manager),
  ...valueOperations(manager),
  ...policyOperations(manager),
  ...rotationOperations(manager),
  ...replicaOperations(manager),
});
