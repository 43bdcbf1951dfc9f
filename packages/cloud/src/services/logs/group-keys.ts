// The KMS keys of log groups: asked as CloudWatch Logs itself when a group comes under one, and when its events come in or are read.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
import { AwsError } from '../../kernel/errors.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Client } from '../../terraform/resource.ts';
import { kmsFor } from '../kms/on-behalf.ts';
import type { KmsOperations } from '../kms/operations.ts';
import { invalidParameter } from './errors.ts';
import { groupArn } from './group-name.ts';
import type { LogEvent } from './log-events.ts';
import type { LogGroup } from './log-groups.ts';

/** A key, and which of a group's events lie under it: a change of the key leaves those before it where they are. */
export interface GroupKey {
  readonly keyArn: string;
  /** The group's data key under it, in base64. */
  readonly dataKey: string;
  /** Events with greater ids lie under it, … */
  readonly afterId: number;
  /** … up to this one; undefined for the key that the group has now. */
  readonly untilId?: number;
}

/** How long CloudWatch Logs goes on with a key that it may use no more. */
const REMEMBERED_MILLISECONDS = 5 * 60_000;

type Owner = Pick<LogGroup, 'region' | 'name' | 'keys'>;

export class GroupKeys {
  readonly #kernel: Pick<Kernel, 'invoke' | 'account' | 'clock'>;
  /** Until when it is known that a data key may be used. */
  readonly #remembered = new Map<string, number>();

  constructor(kernel: Pick<Kernel, 'invoke' | 'account' | 'clock'>) {
    this.#kernel = kernel;
  }

  /** Asks for a data key for a group under the customer's key. */
  async under(group: Owner, keyArn: string): Promise<Pick<GroupKey, 'keyArn' | 'dataKey'>> {
    if (!keyArn.startsWith('arn:')) throw keyNotFound();
    try {
      const { CiphertextBlob } = await this.#kms(group)('GenerateDataKey', {
        KeyId: keyArn,
        KeySpec: 'AES_256',
        EncryptionContext: { 'aws:logs:arn': this.#arn(group) },
      });
      return { keyArn, dataKey: CiphertextBlob.toString('base64') };
    } catch (error) {
      throw this.#refusal(error, group);
    }
  }

  /** Refuses what comes in where the group's key may not be used any more. */
  async requireWritable(group: Owner): Promise<void> {
    const current = group.keys?.find(({ untilId }) => untilId === undefined);
    if (current) await this.#requireUsable(group, current);
  }

  /** Refuses events that lie under a key that may not be used any more. */
  async requireReadable(group: Owner, events: readonly Pick<LogEvent, 'id'>[]): Promise<void> {
    for (const key of group.keys ?? []) {
      const { afterId, untilId = Infinity } = key;
      if (events.some(({ id }) => id > afterId && id <= untilId)) await this.#requireUsable(group, key);
    }
  }

  async #requireUsable(group: Owner, { dataKey }: GroupKey): Promise<void> {
    const { clock } = this.#kernel;
    if ((this.#remembered.get(dataKey) ?? 0) > clock.now()) return;
    try {
      await this.#kms(group)('Decrypt', {
        CiphertextBlob: Buffer.from(dataKey, 'base64'),
        EncryptionContext: { 'aws:logs:arn': this.#arn(group) },
      });
    } catch (error) {
      this.#remembered.delete(dataKey);
      throw this.#refusal(error, group);
    }
    this.#remembered.set(dataKey, clock.now() + REMEMBERED_MILLISECONDS);
  }

  #kms({ region }: Owner): Client<KmsOperations> {
    const principal = servicePrincipal(this.#kernel.account, `logs.${region}.amazonaws.com`);
    return kmsFor(this.#kernel, 'logs', { principal, region });
  }

  #arn({ region, name }: Owner): string {
    return groupArn({ region, account: this.#kernel.account }, name);
  }

  #refusal(error: unknown, group: Owner): unknown {
    if (!(error instanceof AwsError) || error.status >= 500) return error;
    if (error.code === 'NotFoundException') return keyNotFound();
    if (error.code !== 'AccessDeniedException') return invalidParameter(error.message);
    return new AwsError(
      'AccessDeniedException',
      `The specified KMS key does not exist or is not allowed to be used with Arn '${this.#arn(group)}'`,
    );
  }
}

const keyNotFound = () => invalidParameter('The specified KMS Key Id could not be found.');
