// How a table is encrypted at rest, as far as anyone can see.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
import type { SSEDescription, SSESpecification } from '@aws-sdk/client-dynamodb';

import type { Call } from '../../kernel/service.ts';
import { managedKeyArn } from '../kms/managed-keys.ts';
import { validation } from './errors.ts';

/** A customer's key, as a table keeps it. */
export interface CustomerKey {
  readonly kind: 'customer';
  readonly keyArn: string;
  /** The table's key under it, in base64. */
  readonly tableKey: string;
  /** What DynamoDB may do with the key by itself. */
  readonly grantId: string;
}

/** `owned`: by a key that AWS owns and nobody sees. `managed`: by the account's own `alias/aws/dynamodb`. */
export type Encryption = { readonly kind: 'owned' } | { readonly kind: 'managed' } | CustomerKey;

/** What a request asks for. */
export type Wanted =
  | { readonly kind: 'owned' }
  | { readonly kind: 'managed' }
  | { readonly kind: 'customer'; readonly keyId: string };

export const MANAGED_ALIAS = 'alias/aws/dynamodb';

export function readEncryption(specification: SSESpecification | undefined): Wanted {
  const { Enabled = false, SSEType, KMSMasterKeyId: keyId } = specification ?? {};
  if (!Enabled) {
    if (keyId !== undefined) {
      throw validation('One or more parameter values were invalid: KMSMasterKeyId cannot be set when SSE is disabled');
    }
    return { kind: 'owned' };
  }
  if (SSEType !== undefined && SSEType !== 'KMS') {
    throw validation(`One or more parameter values were invalid: SSEType ${SSEType} is not supported`);
  }
  return keyId === undefined || keyId.endsWith(MANAGED_ALIAS) ? { kind: 'managed' } : { kind: 'customer', keyId };
}

/** Nothing for the key that AWS owns, as DescribeTable has it. */
export function describeEncryption(
  place: Pick<Call, 'region' | 'account'>,
  encryption: Encryption,
): SSEDescription | undefined {
  if (encryption.kind === 'owned') return undefined;
  const KMSMasterKeyArn = encryption.kind === 'customer' ? encryption.keyArn : managedKeyArn(place, MANAGED_ALIAS);
  return { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn };
}
