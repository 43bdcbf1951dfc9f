// One key in several regions, through clients of each.
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { DAY, TestKms } from './test-kms.ts';

let world: TestKms;
let here: KMSClient;
let there: KMSClient;

beforeAll(async () => {
  world = await TestKms.start();
  here = world.client;
  there = new KMSClient({ ...world.as(), region: 'us-west-2' });
});
afterAll(() => world.cloud.stop());

/** A key of us-east-1 that is in us-west-2 too. */
async function inBoth(): Promise<string> {
  const { KeyMetadata } = await here.send(new CreateKeyCommand({ MultiRegion: true }));
  const KeyId = KeyMetadata!.KeyId!;
  expect(KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
  await here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'us-west-2' }));
  return KeyId;
}

const stateIn = async (client: KMSClient, KeyId: string) =>
  (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata!;

test('what one region encrypts, the other decrypts, before and after a rotation', async () => {
  const KeyId = await inBoth();
  const Plaintext = Buffer.from('secret');
  const decrypted = async (client: KMSClient, CiphertextBlob: Uint8Array | undefined) => {
    const { Plaintext: found, KeyId: by } = await client.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(found!)).toEqual(Plaintext);
    return by;
  };
  const first = await here.send(new EncryptCommand({ KeyId, Plaintext }));
  expect(await decrypted(there, first.CiphertextBlob)).toBe(`arn:aws:kms:us-west-2:000000000000:key/${KeyId}`);
  await here.send(new RotateKeyOnDemandCommand({ KeyId }));
  const second = await there.send(new EncryptCommand({ KeyId, Plaintext }));
  await decrypted(here, second.CiphertextBlob);
  await decrypted(there, first.CiphertextBlob);
  const { Rotations } = await there.send(new ListKeyRotationsCommand({ KeyId }));
  expect(Rotations).toHaveLength(1);
});

test('each region tells where the key is, and has aliases, states and rotations of its own or its primary’s', async () => {
  const KeyId = await inBoth();
  const arn = (region: string) => ({ Arn: `arn:aws:kms:${region}:000000000000:key/${KeyId}`, Region: region });
  expect(await stateIn(there, KeyId)).toMatchObject({
    MultiRegion: true,
    MultiRegionConfiguration: {
      MultiRegionKeyType: 'REPLICA',
      PrimaryKey: arn('us-east-1'),
      ReplicaKeys: [arn('us-west-2')],
    },
  });
  await there.send(new CreateAliasCommand({ AliasName: `alias/only-there-${KeyId}`, TargetKeyId: KeyId }));
  await expect(stateIn(here, `alias/only-there-${KeyId}`)).rejects.toMatchObject({ name: 'NotFoundException' });
  await there.send(new DisableKeyCommand({ KeyId }));
  expect((await stateIn(here, KeyId)).KeyState).toBe('Enabled');
  await expect(there.send(new EnableKeyRotationCommand({ KeyId }))).rejects.toMatchObject({
    name: 'UnsupportedOperationException',
  });
  await here.send(new EnableKeyRotationCommand({ KeyId }));
  expect(await there.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({ KeyRotationEnabled: true });
});

test('only a primary is replicated, to each other region once', async () => {
  const KeyId = await inBoth();
  const replicate = (client: KMSClient, id: string, ReplicaRegion: string) =>
    client.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion }));
  await expect(replicate(here, KeyId, 'us-west-2')).rejects.toMatchObject({ name: 'AlreadyExistsException' });
  await expect(replicate(here, KeyId, 'us-east-1')).rejects.toMatchObject({ name: 'ValidationException' });
  const refused = { name: 'UnsupportedOperationException' };
  await expect(replicate(there, KeyId, 'eu-west-1')).rejects.toMatchObject(refused);
  await expect(replicate(here, await world.key(), 'us-west-2')).rejects.toMatchObject(refused);
});

test('another region becomes the primary, with its rotation', async () => {
  const KeyId = await inBoth();
  await here.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
  await here.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: 'us-west-2' }));
  expect((await stateIn(there, KeyId)).MultiRegionConfiguration?.MultiRegionKeyType).toBe('PRIMARY');
  await world.cloud.clock.advance(91 * DAY);
  const { Rotations } = await here.send(new ListKeyRotationsCommand({ KeyId }));
  expect(Rotations).toMatchObject([{ RotationType: 'AUTOMATIC' }]);
  await expect(there.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: 'eu-west-1' }))).rejects.toMatchObject(
    { name: 'ValidationException' },
  );
});

test('a primary that is to be deleted waits for its replicas', async () => {
  const KeyId = await inBoth();
  const doom = (client: KMSClient) => client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  const waiting = await doom(here);
  expect(waiting.KeyState).toBe('PendingReplicaDeletion');
  expect(waiting.DeletionDate).toBeUndefined();
  await world.cloud.clock.advance(8 * DAY);
  expect(await stateIn(here, KeyId)).toMatchObject({
    KeyState: 'PendingReplicaDeletion',
    PendingDeletionWindowInDays: 7,
  });
  await doom(there);
  await world.cloud.clock.advance(8 * DAY);
  await expect(stateIn(there, KeyId)).rejects.toMatchObject({ name: 'NotFoundException' });
  expect((await stateIn(here, KeyId)).KeyState).toBe('PendingDeletion');
  await here.send(new CancelKeyDeletionCommand({ KeyId }));
  expect((await stateIn(here, KeyId)).KeyState).toBe('Disabled');
});
