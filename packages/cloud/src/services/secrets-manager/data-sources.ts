// The data sources aws_secretsmanager_secret, aws_secretsmanager_secret_version and aws_secretsmanager_random_password.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/secretsmanager_secret
import { exactlyOneProblems } from '../../terraform/problems.ts';
import type { Client, DataSourceType, ResourceContext } from '../../terraform/resource.ts';
import { rfc3339 } from '../../terraform/times.ts';
import type { SecretsManagerOperations } from './operations.ts';
import { fromTags } from './secret-operations.ts';
import { CURRENT } from './stages.ts';

const secretDataSource: DataSourceType = {
  type: 'aws_secretsmanager_secret',
  validate: (config) => exactlyOneProblems(config, 'arn', 'name'),
  async read(config, context) {
    const secrets = clientOf(context);
    const SecretId: string = config['arn'] ?? config['name'];
    const secret = await secrets('DescribeSecret', { SecretId });
    const { ResourcePolicy } = await secrets('GetResourcePolicy', { SecretId });
    return {
      id: secret.ARN,
      arn: secret.ARN,
      created_date: rfc3339(secret.CreatedDate),
      description: secret.Description ?? '',
      kms_key_id: secret.KmsKeyId ?? '',
      last_changed_date: rfc3339(secret.LastChangedDate),
      name: secret.Name,
      policy: ResourcePolicy ?? '',
      tags: fromTags(secret.Tags),
      type: secret.Type ?? '',
    };
  },
};

const versionDataSource: DataSourceType = {
  type: 'aws_secretsmanager_secret_version',
  async read(config, context) {
    const stage: string = config['version_stage'] ?? CURRENT;
    const version = config['version_id'] || undefined;
    const found = await clientOf(context)('GetSecretValue', {
      SecretId: config['secret_id'],
      VersionId: version,
      VersionStage: version === undefined ? stage : undefined,
    });
    return {
      id: `${config['secret_id']}|${version ?? stage}`,
      arn: found.ARN,
      secret_arn: found.ARN,
      created_date: rfc3339(found.CreatedDate),
      secret_binary: Buffer.from(found.SecretBinary ?? '').toString('base64'),
      secret_string: found.SecretString ?? '',
      version_id: found.VersionId,
      version_stage: stage,
      version_stages: found.VersionStages,
    };
  },
};

/** A new one each time that it is read. */
const randomPassword: DataSourceType = {
  type: 'aws_secretsmanager_random_password',
  async read(config, context) {
    const length: number = config['password_length'] ?? 32;
    const { RandomPassword: password } = await clientOf(context)('GetRandomPassword', {
      ExcludeCharacters: config['exclude_characters'] ?? undefined,
      ExcludeLowercase: config['exclude_lowercase'] ?? undefined,
      ExcludeNumbers: config['exclude_numbers'] ?? undefined,
      ExcludePunctuation: config['exclude_punctuation'] ?? undefined,
      ExcludeUppercase: config['exclude_uppercase'] ?? undefined,
      IncludeSpace: config['include_space'] ?? undefined,
      PasswordLength: length,
      RequireEachIncludedType: config['require_each_included_type'] ?? undefined,
    });
    return { id: password, password_length: length, random_password: password };
  },
};

export const secretsManagerDataSources: readonly DataSourceType[] = [
  secretDataSource,
  versionDataSource,
  randomPassword,
];

const clientOf = (context: ResourceContext): Client<SecretsManagerOperations> =>
  context.client<SecretsManagerOperations>('secretsmanager');
