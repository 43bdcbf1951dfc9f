// The KMS keys of tables: asked as the caller when a table is put under one, and when its items are used.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
import { AwsError } from '../../kernel/errors.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import { MANAGED_ALIAS, type CustomerKey, type Encryption, type Wanted } from './encryption.ts';
import { validation } from './errors.ts';

/** How long DynamoDB remembers that somebody may use a table's key. */
const REMEMBERED_MILLISECONDS = 5 * 60_000;

/** How many such answers are kept. */
const REMEMBERED_LIMIT = 10_000;

/** What DynamoDB does with a table's key by itself, as its grant says. */
const GRANTED = [
  'Encrypt',
  'Decrypt',
  'ReEncryptFrom',
  'ReEncryptTo',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'DescribeKey',
  'RetireGrant',
  'CreateGrant',
] as const;

export class TableKeys {
  readonly #kernel: Pick<Kernel, 'invoke' | 'account'>;
  readonly #remembered = new Map<string, number>();

  constructor(kernel: Pick<Kernel, 'invoke' | 'account'>) {
    this.#kernel = kernel;
  }

  /** Puts a table under the key that is wanted, as the caller. */
  async under(call: Call, table: string, wanted: Wanted): Promise<Encryption> {
    if (wanted.kind === 'owned') return wanted;
    const kms = kmsFor(this.#kernel, 'dynamodb', call);
    const KeyId = wanted.kind === 'managed' ? MANAGED_ALIAS : wanted.keyId;
    try {
      const { KeyMetadata: key } = await kms('DescribeKey', { KeyId });
      if (key.KeyManager === 'AWS') return { kind: 'managed' };
      const EncryptionContext = contextOf(call.account, table);
      const { CiphertextBlob } = await kms('GenerateDataKeyWithoutPlaintext', {
        KeyId: key.Arn,
        KeySpec: 'AES_256',
        EncryptionContext,
      });
      const { GrantId: grantId } = await kms('CreateGrant', {
        KeyId: key.Arn,
        GranteePrincipal: granteeIn(call.region),
        RetiringPrincipal: granteeIn(call.region),
        Operations: [...GRANTED],
        Constraints: { EncryptionContextSubset: EncryptionContext },
      });
      return { kind: 'customer', keyArn: key.Arn!, tableKey: CiphertextBlob.toString('base64'), grantId };
    } catch (error) {
      throw keyError(error, (message) => `One or more parameter values were invalid: ${message}`);
    }
  }

  /** Gives DynamoDB's grant on a table's key back. */
  async release(region: string, { keyArn, grantId }: CustomerKey): Promise<void> {
    const principal = servicePrincipal(this.#kernel.account, granteeIn(region));
    try {
      await kmsFor(this.#kernel, 'dynamodb', { principal, region })('RetireGrant', { KeyId: keyArn, GrantId: grantId });
    } catch (error) {
      // Somebody was faster: the grant was revoked, or the key is gone.
      if (!(error instanceof AwsError)) throw error;
    }
  }

  /** Refuses items of a table whose key the caller may not decrypt with. */
  async requireUsable(call: Call, table: string, { keyArn, tableKey }: CustomerKey): Promise<void> {
    const question = `${call.principal.id} ${keyArn} ${table}`;
    if ((this.#remembered.get(question) ?? 0) > call.now) return;
    try {
      await kmsFor(
        this.#kernel,
        'dynamodb',
        call,
      )('Decrypt', {
        CiphertextBlob: Buffer.from(tableKey, 'base64'),
        EncryptionContext: contextOf(call.account, table),
      });
    } catch (error) {
      throw keyError(error, (message) => `The encryption key of table ${table} is inaccessible: ${message}`);
    }
    if (this.#remembered.size >= REMEMBERED_LIMIT) this.#remembered.clear();
    this.#remembered.set(question, call.now + REMEMBERED_MILLISECONDS);
  }
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-encryption-context
const contextOf = (account: string, table: string) => ({
  'aws:dynamodb:tableName': table,
  'aws:dynamodb:subscriberId': account,
});

const granteeIn = (region: string): string => `dynamodb.${region}.amazonaws.com`;

// KMS's denial goes through as it is; what is wrong with the key itself is the table's trouble.
function keyError(error: unknown, sentence: (message: string) => string): unknown {
  if (!(error instanceof AwsError) || error.status >= 500 || error.code === 'AccessDeniedException') return error;
  return validation(sentence(error.message));
}
