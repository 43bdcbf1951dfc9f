// Access control lists: refused where ownership is enforced, in force where it is not.
import * as S3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ALL_USERS, LOG_DELIVERY } from './acl.ts';
import { codeOf, errorOf, startS3, type TestS3 } from './test-s3.ts';

let world: TestS3;
beforeAll(async () => {
  world = await startS3();
});
afterAll(() => world.stop());

const send: S3.S3Client['send'] = (command: never) => world.client.send(command);

/** A bucket with an object `k`; anybody may be let in where `ownership` is given. */
async function bucketOf(ownership?: S3.ObjectOwnership): Promise<string> {
  const Bucket = world.name();
  await send(new S3.CreateBucketCommand({ Bucket, ...(ownership && { ObjectOwnership: ownership }) }));
  if (ownership) await send(new S3.DeletePublicAccessBlockCommand({ Bucket }));
  await send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'hello' }));
  return Bucket;
}

const statusOf = async (path: string) => (await fetch(`${world.cloud.endpoint}/${path}`)).status;

describe('where ownership is enforced, as in every new bucket', () => {
  test.each<[what: string, (Bucket: string) => Promise<unknown>]>([
    ['a bucket’s ACL', (Bucket) => send(new S3.PutBucketAclCommand({ Bucket, ACL: 'public-read' }))],
    ['a private bucket ACL', (Bucket) => send(new S3.PutBucketAclCommand({ Bucket, ACL: 'private' }))],
    ['an object’s ACL', (Bucket) => send(new S3.PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read' }))],
    [
      'an ACL with an object',
      (Bucket) => send(new S3.PutObjectCommand({ Bucket, Key: 'n', Body: 'x', ACL: 'public-read' })),
    ],
    [
      'a grant with an object',
      (Bucket) => send(new S3.PutObjectCommand({ Bucket, Key: 'n', Body: 'x', GrantRead: `uri="${ALL_USERS}"` })),
    ],
  ])('%s is refused', async (_what, put) => {
    const Bucket = await bucketOf();
    expect(await errorOf(put(Bucket))).toEqual({
      code: 'AccessControlListNotSupported',
      status: 400,
      message: 'The bucket does not allow ACLs',
    });
    expect(await codeOf(send(new S3.HeadObjectCommand({ Bucket, Key: 'n' })))).toEqual(['NotFound', 404]);
  });

  test('an object may say that its bucket’s owner has full control of it', async () => {
    const Bucket = await bucketOf();
    await send(new S3.PutObjectCommand({ Bucket, Key: 'own', Body: 'x', ACL: 'bucket-owner-full-control' }));
    const { Grants, Owner } = await send(new S3.GetObjectAclCommand({ Bucket, Key: 'own' }));
    expect(Grants).toEqual([{ Grantee: { ID: Owner?.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }]);
  });
});

describe('where ACLs are allowed', () => {
  test('an object that is public by its ACL is read by everybody, and others are not', async () => {
    const Bucket = await bucketOf('ObjectWriter');
    await send(new S3.PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read' }));
    await send(new S3.PutObjectCommand({ Bucket, Key: 'hidden', Body: 'x' }));
    expect([await statusOf(`${Bucket}/k`), await statusOf(`${Bucket}/hidden`)]).toEqual([200, 403]);
    expect(await statusOf(`${Bucket}?list-type=2`)).toBe(403);
    await send(new S3.PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    expect(await statusOf(`${Bucket}?list-type=2`)).toBe(200);
  });

  test('the block of public access refuses public ACLs, and takes those that are there out of force', async () => {
    const Bucket = await bucketOf('BucketOwnerPreferred');
    await send(new S3.PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read' }));
    const blocked = { BlockPublicAcls: true, IgnorePublicAcls: true };
    await send(new S3.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: blocked }));
    expect(await statusOf(`${Bucket}/k`)).toBe(403);
    const again = send(new S3.PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read' }));
    expect(await codeOf(again)).toEqual(['AccessDenied', 403]);
  });

  test('ownership that is enforced later takes ACLs out of force, once the bucket’s own is private', async () => {
    const Bucket = await bucketOf('ObjectWriter');
    const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
    const enforce = () => send(new S3.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
    await send(new S3.PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'public-read' }));
    await send(new S3.PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    expect(await codeOf(enforce())).toEqual(['InvalidBucketAclWithObjectOwnership', 400]);
    await send(new S3.PutBucketAclCommand({ Bucket, ACL: 'private' }));
    await enforce();
    expect(await statusOf(`${Bucket}/k`)).toBe(403);
  });

  test.each([`uri="${LOG_DELIVERY}"`, `URI=${LOG_DELIVERY}`, `uri = ${LOG_DELIVERY}`])(
    'grants in headers may be written %s',
    async (group) => {
      const Bucket = await bucketOf('ObjectWriter');
      await send(new S3.PutBucketAclCommand({ Bucket, GrantWrite: group, GrantReadACP: group }));
      const { Grants = [] } = await send(new S3.GetBucketAclCommand({ Bucket }));
      expect(Grants.map(({ Grantee, Permission }) => [Grantee?.URI, Permission])).toEqual([
        [LOG_DELIVERY, 'READ_ACP'],
        [LOG_DELIVERY, 'WRITE'],
      ]);
    },
  );

  test.each<[what: string, ask: Partial<S3.PutBucketAclRequest>, code: string]>([
    ['a group that nobody has', { GrantRead: 'uri="http://example.com/group"' }, 'InvalidArgument'],
    ['a user that nobody has', { GrantRead: 'id="0123"' }, 'InvalidArgument'],
    ['something else', { GrantRead: 'everybody' }, 'InvalidArgument'],
    ['an e-mail address', { GrantRead: 'emailAddress="a@example.com"' }, 'NotImplemented'],
    ['both forms at once', { ACL: 'private', GrantRead: `uri="${ALL_USERS}"` }, 'InvalidRequest'],
    ['an ACL that S3 lacks', { ACL: 'everybody' as 'private' }, 'InvalidArgument'],
  ])('a grant to %s is refused', async (_what, ask, code) => {
    const Bucket = await bucketOf('ObjectWriter');
    expect((await errorOf(send(new S3.PutBucketAclCommand({ Bucket, ...ask })))).code).toBe(code);
  });
});
