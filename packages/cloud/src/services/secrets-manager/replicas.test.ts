// Secrets replicated to other regions, through the SDK.
import { CreateKeyCommand, DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand,
  SecretsManagerClient,
  StopReplicationToReplicaCommand,
  TagResourceCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startCloud, type Cloud } from '../../cloud.ts';
import { iam } from '../iam/index.ts';
import { allow, document, theAccount } from '../iam/test-identity.ts';
import { kms } from '../kms/index.ts';
import { sts } from '../sts/index.ts';
import { secretsManager } from './index.ts';

let cloud: Cloud;
const clients = new Map<string, SecretsManagerClient>();

beforeAll(async () => {
  cloud = await startCloud({ services: [iam, sts, kms, secretsManager] });
});
afterAll(() => cloud.stop());

const configFor = (region: string) => ({ endpoint: cloud.endpoint, credentials: cloud.credentials, region });

function at(region: string): SecretsManagerClient {
  let client = clients.get(region);
  if (!client) clients.set(region, (client = new SecretsManagerClient(configFor(region))));
  return client;
}

const keyAt = async (region: string): Promise<string> =>
  (await new KMSClient(configFor(region)).send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;

const valueAt = async (region: string, SecretId: string, VersionStage?: string) =>
  (await at(region).send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;

let names = 0;

/** A secret in us-east-1 with a replica in us-west-2. */
async function replicated(KmsKeyId?: string) {
  const Name = `replicated-${++names}`;
  const AddReplicaRegions = [{ Region: 'us-west-2', KmsKeyId }];
  const made = await at('us-east-1').send(new CreateSecretCommand({ Name, SecretString: 'one', AddReplicaRegions }));
  return { ...made, Name };
}

test('a replica has the name, the ARN but for its region, the values, tags and policy of its primary', async () => {
  const { Name, ARN, ReplicationStatus } = await replicated();
  expect(ReplicationStatus).toEqual([{ Region: 'us-west-2', KmsKeyId: 'alias/aws/secretsmanager', Status: 'InSync' }]);
  expect(await valueAt('us-west-2', Name)).toBe('one');
  const primary = at('us-east-1');
  const { VersionId } = await primary.send(new PutSecretValueCommand({ SecretId: Name, SecretString: 'two' }));
  await primary.send(new TagResourceCommand({ SecretId: Name, Tags: [{ Key: 'team', Value: 'a' }] }));
  const ResourcePolicy = document({ ...allow('secretsmanager:GetSecretValue', '*'), Principal: theAccount });
  await primary.send(new PutResourcePolicyCommand({ SecretId: Name, ResourcePolicy }));
  await primary.send(new UpdateSecretCommand({ SecretId: Name, Description: 'told' }));
  expect(await valueAt('us-west-2', Name)).toBe('two');
  expect(await valueAt('us-west-2', Name, 'AWSPREVIOUS')).toBe('one');
  const there = await at('us-west-2').send(new DescribeSecretCommand({ SecretId: Name }));
  expect(there).toMatchObject({
    ARN: ARN!.replace('us-east-1', 'us-west-2'),
    PrimaryRegion: 'us-east-1',
    Description: 'told',
    Tags: [{ Key: 'team', Value: 'a' }],
    VersionIdsToStages: { [VersionId!]: ['AWSCURRENT'] },
  });
  const { ResourcePolicy: policy } = await at('us-west-2').send(new GetResourcePolicyCommand({ SecretId: Name }));
  expect(policy).toBe(ResourcePolicy);
  const Filters = [{ Key: 'primary-region' as const, Values: ['us-east-1'] }];
  const { SecretList } = await at('us-west-2').send(new ListSecretsCommand({ Filters }));
  expect(SecretList!.map((one) => one.Name)).toContain(Name);
});

test('a label that moves, moves everywhere', async () => {
  const { Name, VersionId } = await replicated();
  const primary = at('us-east-1');
  const { VersionId: second } = await primary.send(new PutSecretValueCommand({ SecretId: Name, SecretString: 'two' }));
  await primary.send(
    new UpdateSecretVersionStageCommand({
      SecretId: Name,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: VersionId,
      RemoveFromVersionId: second,
    }),
  );
  expect(await valueAt('us-west-2', Name)).toBe('one');
});

test('a replica is changed by its primary alone, and a secret with replicas is not deleted', async () => {
  const { Name } = await replicated();
  const refused = { name: 'InvalidRequestException', message: expect.stringContaining('replica') as string };
  const there = at('us-west-2');
  for (const command of [
    new PutSecretValueCommand({ SecretId: Name, SecretString: 'other' }),
    new TagResourceCommand({ SecretId: Name, Tags: [{ Key: 'a', Value: 'b' }] }),
    new DeleteSecretCommand({ SecretId: Name, ForceDeleteWithoutRecovery: true }),
    new UpdateSecretCommand({ SecretId: Name, Description: 'other' }),
  ]) {
    await expect(there.send(command as never)).rejects.toMatchObject(refused);
  }
  await expect(at('us-east-1').send(new DeleteSecretCommand({ SecretId: Name }))).rejects.toMatchObject(refused);
  await at('us-east-1').send(
    new RemoveRegionsFromReplicationCommand({ SecretId: Name, RemoveReplicaRegions: ['us-west-2'] }),
  );
  await expect(valueAt('us-west-2', Name)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await at('us-east-1').send(new DeleteSecretCommand({ SecretId: Name }));
});

test('a replica whose primary’s region is lost becomes a secret of its own', async () => {
  const { Name } = await replicated();
  await at('us-west-2').send(new StopReplicationToReplicaCommand({ SecretId: Name }));
  await at('us-west-2').send(new PutSecretValueCommand({ SecretId: Name, SecretString: 'on its own' }));
  await at('us-east-1').send(new PutSecretValueCommand({ SecretId: Name, SecretString: 'two' }));
  expect(await valueAt('us-west-2', Name)).toBe('on its own');
  const { ReplicationStatus = [] } = await at('us-east-1').send(new DescribeSecretCommand({ SecretId: Name }));
  expect(ReplicationStatus).toEqual([]);
});

test('a secret of the same name is in the way of a replica, unless it may be overwritten', async () => {
  const Name = `taken-${++names}`;
  await at('eu-west-1').send(new CreateSecretCommand({ Name, SecretString: 'theirs' }));
  await at('us-east-1').send(new CreateSecretCommand({ Name, SecretString: 'ours' }));
  const wanted = { SecretId: Name, AddReplicaRegions: [{ Region: 'eu-west-1' }] };
  const { ReplicationStatus } = await at('us-east-1').send(new ReplicateSecretToRegionsCommand(wanted));
  expect(ReplicationStatus).toMatchObject([
    { Status: 'Failed', StatusMessage: `Replication failed: Secret name ${Name} already exists in region eu-west-1.` },
  ]);
  expect(await valueAt('eu-west-1', Name)).toBe('theirs');
  const forced = { ...wanted, ForceOverwriteReplicaSecret: true };
  await at('us-east-1').send(new ReplicateSecretToRegionsCommand(forced));
  expect(await valueAt('eu-west-1', Name)).toBe('ours');
});

test('a replica’s values are under the key there: without it they fail, and are told to have', async () => {
  const key = await keyAt('us-west-2');
  const { Name } = await replicated(key);
  await new KMSClient(configFor('us-west-2')).send(new DisableKeyCommand({ KeyId: key }));
  await expect(valueAt('us-west-2', Name)).rejects.toMatchObject({ name: 'DecryptionFailure' });
  await at('us-east-1').send(new PutSecretValueCommand({ SecretId: Name, SecretString: 'two' }));
  expect(await valueAt('us-east-1', Name)).toBe('two');
  const { ReplicationStatus } = await at('us-east-1').send(new DescribeSecretCommand({ SecretId: Name }));
  expect(ReplicationStatus).toMatchObject([{ Status: 'Failed', KmsKeyId: key }]);
});

test('a secret’s new key takes its values over, so that the old one may go', async () => {
  const [before, after] = [await keyAt('us-east-1'), await keyAt('us-east-1')];
  const client = at('us-east-1');
  const { ARN: SecretId } = await client.send(
    new CreateSecretCommand({ Name: `moved-${++names}`, SecretString: 'one', KmsKeyId: before }),
  );
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'two' }));
  await client.send(new UpdateSecretCommand({ SecretId, KmsKeyId: after }));
  await new KMSClient(configFor('us-east-1')).send(new ScheduleKeyDeletionCommand({ KeyId: before }));
  expect(await valueAt('us-east-1', SecretId!)).toBe('two');
  expect(await valueAt('us-east-1', SecretId!, 'AWSPREVIOUS')).toBe('one');
});
