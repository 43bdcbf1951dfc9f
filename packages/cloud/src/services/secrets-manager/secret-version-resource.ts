// aws_secretsmanager_secret_version: a value, which a write-only argument keeps out of plans and states.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret_version
import type { ListSecretVersionIdsResponse } from '@aws-sdk/client-secrets-manager';

import { malformedId } from '../../terraform/errors.ts';
import { orNull } from '../../terraform/or-null.ts';
import { conflictProblems, requiredWithProblems, type Problem } from '../../terraform/problems.ts';
import type { Attributes, Client, ResourceContext, ResourceType } from '../../terraform/resource.ts';
import { uniqueName } from '../../terraform/unique-name.ts';
import type { SecretsManagerOperations } from './operations.ts';
import { GONE } from './secret-resource.ts';
import { CURRENT, PREVIOUS } from './stages.ts';

type Secrets = Client<SecretsManagerOperations>;

export const secretVersion: ResourceType = {
  type: 'aws_secretsmanager_secret_version',
  replace: ['secret_id', 'secret_string', 'secret_binary', 'secret_string_wo_version'],
  validate: (config) => [
    ...conflictProblems(config, 'secret_string', 'secret_binary', 'secret_string_wo'),
    ...requiredWithProblems(config, 'secret_string_wo', 'secret_string_wo_version'),
    ...requiredWithProblems(config, 'secret_string_wo_version', 'secret_string_wo'),
    ...base64Problems(config['secret_binary']),
  ],
  async create(planned, context) {
    const stages = planned['version_stages'] as string[] | undefined;
    const { ARN, VersionId } = await clientOf(context)('PutSecretValue', {
      SecretId: planned['secret_id'],
      ClientRequestToken: uniqueName('terraform-'),
      SecretString: planned['secret_string'] ?? planned['secret_string_wo'] ?? undefined,
      SecretBinary: planned['secret_binary'] ? Buffer.from(planned['secret_binary'], 'base64') : undefined,
      VersionStages: stages?.length ? stages : undefined,
    });
    return { id: `${ARN}|${VersionId}`, version_id: VersionId };
  },
  async read(state, context) {
    const { secret_id: SecretId, version_id: VersionId } = state;
    const found = await orNull(clientOf(context)('GetSecretValue', { SecretId, VersionId }), ...GONE);
    if (!found) return null;
    const hidden = isHidden(state);
    return {
      arn: found.ARN,
      secret_arn: found.ARN,
      has_secret_string_wo: hidden ? true : null,
      secret_binary: Buffer.from(found.SecretBinary ?? '').toString('base64'),
      secret_string: hidden ? '' : (found.SecretString ?? ''),
      version_stages: found.VersionStages,
    };
  },
  async update(prior, planned, context) {
    const before = new Set<string>(prior['version_stages']);
    const after = new Set<string>(planned['version_stages']);
    const added = [...after].filter((stage) => !before.has(stage));
    const move = stageMover(clientOf(context), prior);
    for (const stage of added) await move(stage);
    for (const stage of [...before].filter((stage) => !after.has(stage))) {
      // AWSCURRENT can only go to another version, and AWSPREVIOUS went where AWSCURRENT came from.
      const leavesByItself = stage === CURRENT || (stage === PREVIOUS && added.includes(CURRENT));
      if (!leavesByItself) await move(stage, 'away');
    }
  },
  async delete(state, context) {
    const move = stageMover(clientOf(context), state);
    for (const stage of (state['version_stages'] ?? []) as string[]) {
      if (stage !== CURRENT) await orNull(move(stage, 'away'), ...GONE, 'InvalidParameterException');
    }
  },
  importState(id) {
    const [secret, version, ...more] = id.split('|');
    if (!secret || !version || more.length > 0) throw malformedId(id, 'SecretARN|VersionID');
    return { id, secret_id: secret, version_id: version };
  },
};

const clientOf = (context: ResourceContext): Secrets => context.client<SecretsManagerOperations>('secretsmanager');

/** True for a value that came by the write-only argument, which only a create or an update sees itself. */
const isHidden = (state: Attributes): boolean =>
  typeof state['secret_string_wo'] === 'string' || state['has_secret_string_wo'] === true;

/** Moves a label to this version from wherever it is, or away from it. */
function stageMover(secrets: Secrets, { secret_id: SecretId, version_id: version }: Attributes) {
  return async (stage: string, where: 'here' | 'away' = 'here'): Promise<void> => {
    const holder = where === 'away' ? version : await holderOf(secrets, SecretId, stage);
    await secrets('UpdateSecretVersionStage', {
      SecretId,
      VersionStage: stage,
      RemoveFromVersionId: holder,
      MoveToVersionId: where === 'away' ? undefined : version,
    });
  };
}

async function holderOf(secrets: Secrets, SecretId: string, stage: string): Promise<string | undefined> {
  const { Versions }: ListSecretVersionIdsResponse = await secrets('ListSecretVersionIds', { SecretId });
  return Versions?.find(({ VersionStages }) => VersionStages?.includes(stage))?.VersionId;
}

function base64Problems(text: unknown): Problem[] {
  if (typeof text !== 'string' || /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    return [];
  return [{ attribute: 'secret_binary', message: 'expected secret_binary to be base64-encoded' }];
}
