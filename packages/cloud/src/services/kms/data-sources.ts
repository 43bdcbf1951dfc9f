// The data sources aws_kms_key and aws_kms_alias.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/kms_key
import { UserError } from '../../terraform/errors.ts';
import type { DataSourceType } from '../../terraform/resource.ts';
import { rfc3339 } from '../../terraform/times.ts';
import { findAlias } from './alias-resource.ts';
import type { KmsOperations } from './operations.ts';

const keyDataSource: DataSourceType = {
  type: 'aws_kms_key',
  async read(config, context) {
    const { KeyMetadata: key } = await context.client<KmsOperations>('kms')('DescribeKey', {
      KeyId: config['key_id'],
      GrantTokens: config['grant_tokens'] ?? undefined,
    });
    return {
      id: key.KeyId,
      arn: key.Arn,
      aws_account_id: key.AWSAccountId,
      cloud_hsm_cluster_id: '',
      creation_date: rfc3339(key.CreationDate),
      custom_key_store_id: '',
      customer_master_key_spec: key.CustomerMasterKeySpec,
      deletion_date: rfc3339(key.DeletionDate),
      description: key.Description,
      enabled: key.Enabled,
      expiration_model: '',
      key_manager: key.KeyManager,
      key_spec: key.KeySpec,
      key_state: key.KeyState,
      key_usage: key.KeyUsage,
      multi_region: key.MultiRegion,
      multi_region_configuration: [],
      origin: key.Origin,
      pending_deletion_window_in_days: key.PendingDeletionWindowInDays ?? 0,
      xks_key_configuration: [],
    };
  },
};

const aliasDataSource: DataSourceType = {
  type: 'aws_kms_alias',
  async read({ name }, context) {
    const alias = await findAlias(name, context);
    if (!alias) throw new UserError('empty result', `Create the alias ${name}, or correct its name.`);
    // A name that AWS keeps for a managed key belongs to none before it is first used; describing it makes the key.
    const { KeyMetadata: key } = await context.client<KmsOperations>('kms')('DescribeKey', { KeyId: alias.AliasArn });
    return { id: alias.AliasArn, arn: alias.AliasArn, target_key_arn: key.Arn, target_key_id: key.KeyId };
  },
};

export const kmsDataSources: readonly DataSourceType[] = [keyDataSource, aliasDataSource];
