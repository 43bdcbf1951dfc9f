// Secrets replicated to other regions, and replicas let go.
import type {
  RemoveRegionsFromReplicationRequest,
  ReplicateSecretToRegionsRequest,
  StopReplicationToReplicaRequest,
} from '@aws-sdk/client-secrets-manager';

import { requirePrimary, statusOf } from './replicas.ts';
import { onOne, type SecretsManager } from './service.ts';

export function replicaOperations(manager: SecretsManager) {
  const { secrets, replicas } = manager;
  return {
    ReplicateSecretToRegions: onOne(
      manager,
      'ReplicateSecretToRegions',
      async (secret, input: ReplicateSecretToRegionsRequest, call) => {
        requirePrimary(secret);
        const force = input.ForceOverwriteReplicaSecret ?? false;
        await replicas.add(call, secret.arn, { regions: input.AddReplicaRegions ?? [], force });
        return { ARN: secret.arn, ReplicationStatus: statusOf(secrets.require(call, secret.arn)) };
      },
      (input) => ({ 'secretsmanager:AddReplicaRegions': input.AddReplicaRegions?.map(({ Region = '' }) => Region) }),
    ),
    RemoveRegionsFromReplication: onOne(
      manager,
      'RemoveRegionsFromReplication',
      (secret, input: RemoveRegionsFromReplicationRequest, call) => {
        requirePrimary(secret);
        const left = replicas.remove(call, secret, input.RemoveReplicaRegions ?? []);
        return { ARN: secret.arn, ReplicationStatus: statusOf(left) };
      },
    ),
    StopReplicationToReplica: onOne(
      manager,
      'StopReplicationToReplica',
      (secret, _input: StopReplicationToReplicaRequest, call) => ({ ARN: replicas.promote(secret, call).arn }),
    ),
  };
}
