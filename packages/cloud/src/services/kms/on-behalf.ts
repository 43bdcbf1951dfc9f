import type { Call, Kernel } from '../../kernel/service.ts';
// KMS as the cloud's other services ask it: as their caller, so that IAM's and the key's policies decide, `kms:ViaService` included.
// https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html#conditions-kms-via-service
import type { Client } from '../../terraform/resource.ts';
import type { KmsOperations } from './operations.ts';

/** The operations of KMS as somebody's, called through a service: `await kmsFor(kernel, 's3', call)('Decrypt', {…})`. */
export function kmsFor(
  { invoke }: Pick<Kernel, 'invoke'>,
  service: string,
  { principal, region, via = [] }: Pick<Call, 'principal' | 'region' | 'via'>,
): Client<KmsOperations> {
  const as = { principal, region, via: [...via, service] };
  return (operation, input) => invoke('kms', operation, input, as);
}
