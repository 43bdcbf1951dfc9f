// The versions of a secret, for those who make a new one and take an old one away.
//
// IAM on the secret: the rotator needs secretsmanager:DescribeSecret, GetSecretValue, PutSecretValue and
// UpdateSecretVersionStage, with kms:Decrypt and GenerateDataKey on its key through Secrets Manager; who retires needs
// ListSecretVersionIds and UpdateSecretVersionStage.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  paginateListSecretVersionIds,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';

import type { LabelledSecret, SecretVersions } from '../domain/rotation.ts';
import { isNamed } from './errors.ts';

const client = new SecretsManagerClient();

export const secretVersions: SecretVersions & LabelledSecret = {
  async value(SecretId, version) {
    const which =
      'id' in version ? { VersionId: version.id, VersionStage: 'AWSPENDING' } : { VersionStage: version.stage };
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId, ...which }));
      return SecretString;
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  },

  async stages(SecretId) {
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId }));
    return new Map(Object.entries(VersionIdsToStages ?? {}));
  },

  async put(SecretId, ClientRequestToken, SecretString) {
    await client.send(
      new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] }),
    );
  },

  async makeCurrent(SecretId, MoveToVersionId, RemoveFromVersionId) {
    const input = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId, RemoveFromVersionId };
    await client.send(new UpdateSecretVersionStageCommand(input));
  },

  async versions(SecretId) {
    const found = [];
    for await (const { Versions } of paginateListSecretVersionIds({ client }, { SecretId })) {
      for (const { VersionId = '', VersionStages = [], CreatedDate } of Versions ?? []) {
        found.push({ id: VersionId, stages: VersionStages, createdAt: CreatedDate?.getTime() ?? 0 });
      }
    }
    return found;
  },

  async forget(SecretId, RemoveFromVersionId) {
    const input = { SecretId, VersionStage: 'AWSPREVIOUS', RemoveFromVersionId };
    await client.send(new UpdateSecretVersionStageCommand(input));
  },
};
