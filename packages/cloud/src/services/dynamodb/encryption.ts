// How a table is encrypted at rest, as far as anyone can see.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
import { createHash } from 'node:crypto';

import type { SSEDescription, SSESpecification } from '@aws-sdk/client-dynamodb';

import type { Call } from '../../kernel/service.ts';
import { unsupported, validation } from './errors.ts';

/** `owned`: by a key that AWS owns and nobody sees. `managed`: by the account's own `alias/aws/dynamodb`. */
export type Encryption = { readonly kind: 'owned' } | { readonly kind: 'managed' };

const MANAGED_ALIAS = 'alias/aws/dynamodb';

export function readEncryption(operation: string, specification: SSESpecification | undefined): Encryption {
  const { Enabled = false, SSEType, KMSMasterKeyId } = specification ?? {};
  if (!Enabled) {
    if (KMSMasterKeyId !== undefined) {
      throw validation('One or more parameter values were invalid: KMSMasterKeyId cannot be set when SSE is disabled');
    }
    return { kind: 'owned' };
  }
  if (SSEType !== undefined && SSEType !== 'KMS') {
    throw validation(`One or more parameter values were invalid: SSEType ${SSEType} is not supported`);
  }
  if (KMSMasterKeyId !== undefined && !KMSMasterKeyId.endsWith(MANAGED_ALIAS)) {
    throw unsupported(operation, `a customer's key (KMSMasterKeyId ${KMSMasterKeyId})`);
  }
  return { kind: 'managed' };
}

/** Nothing for the key that AWS owns, as DescribeTable has it. */
export function describeEncryption(
  place: Pick<Call, 'region' | 'account'>,
  encryption: Encryption,
): SSEDescription | undefined {
  if (encryption.kind === 'owned') return undefined;
  return { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: managedKeyArn(place) };
}

/** The account's key of DynamoDB's in a region: one, and always the same. */
export function managedKeyArn({ region, account }: Pick<Call, 'region' | 'account'>): string {
  const digest = createHash('sha256').update(`${account}/${region}/${MANAGED_ALIAS}`).digest('hex');
  const id = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ];
  return `arn:aws:kms:${region}:${account}:key/${id.join('-')}`;
}
