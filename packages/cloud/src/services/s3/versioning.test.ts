// Versions, delete markers and listings against a simple model, under random operations.
import * as S3 from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { codeOf, startS3, type TestS3 } from './test-s3.ts';

let s3: TestS3;
let send: S3.S3Client['send'];
beforeAll(async () => {
  s3 = await startS3();
  send = s3.client.send.bind(s3.client);
});
afterAll(() => s3.stop());

interface ModelVersion {
  readonly key: string;
  readonly id: string;
  /** Undefined for a delete marker. */
  readonly body: string | undefined;
}

/** What a bucket should hold: versions, the newest first, under each key. */
class Model {
  versioning: 'Enabled' | 'Suspended' | undefined;
  readonly keys = new Map<string, ModelVersion[]>();

  add(version: ModelVersion): void {
    const older = (this.keys.get(version.key) ?? []).filter(({ id }) => id !== version.id);
    this.keys.set(version.key, [version, ...older]);
  }

  remove(key: string, id: string): void {
    const left = (this.keys.get(key) ?? []).filter((version) => version.id !== id);
    if (left.length > 0) this.keys.set(key, left);
    else this.keys.delete(key);
  }

  versions(): ModelVersion[] {
    return [...this.keys.keys()].toSorted(byBytes).flatMap((key) => this.keys.get(key)!);
  }

  /** Keys and common prefixes, in order, each once. */
  entries(prefix: string, delimiter: string): string[] {
    const current = this.versions().filter(
      (version) => this.keys.get(version.key)![0] === version && version.body !== undefined,
    );
    const rolled = current
      .filter(({ key }) => key.startsWith(prefix))
      .map(({ key }) => {
        const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
        return at < 0 ? key : `${key.slice(0, at + delimiter.length)} (prefix)`;
      });
    return [...new Set(rolled)];
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

// In UTF-16 the last two are the other way round than in UTF-8.
const KEYS = ['a', 'a/', 'a/b', 'a/b/c', 'a/c', 'a0', 'b', 'b/b', 'ä/ö', '😀', '\uFFFD'];

type Action =
  | { readonly kind: 'put'; readonly key: string; readonly body: string }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'deleteVersion'; readonly nth: number }
  | { readonly kind: 'versioning'; readonly status: 'Enabled' | 'Suspended' };

const key = fc.constantFrom(...KEYS);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key, body: fc.string({ maxLength: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('deleteVersion' as const), nth: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('versioning' as const),
      status: fc.constantFrom('Enabled' as const, 'Suspended' as const),
    }),
  },
);

async function perform(Bucket: string, model: Model, step: Action): Promise<void> {
  if (step.kind === 'versioning') {
    await send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: step.status } }));
    model.versioning = step.status;
  } else if (step.kind === 'put') {
    const { VersionId } = await send(new S3.PutObjectCommand({ Bucket, Key: step.key, Body: Buffer.from(step.body) }));
    expect(VersionId === undefined).toBe(model.versioning !== 'Enabled');
    model.add({ key: step.key, id: VersionId ?? 'null', body: step.body });
  } else if (step.kind === 'delete') {
    const { VersionId, DeleteMarker } = await send(new S3.DeleteObjectCommand({ Bucket, Key: step.key }));
    expect(DeleteMarker ?? false).toBe(model.versioning !== undefined);
    if (model.versioning) model.add({ key: step.key, id: VersionId!, body: undefined });
    else model.remove(step.key, 'null');
  } else {
    const all = model.versions();
    const chosen = all[step.nth % Math.max(all.length, 1)];
    if (!chosen) return;
    const { DeleteMarker } = await send(new S3.DeleteObjectCommand({ Bucket, Key: chosen.key, VersionId: chosen.id }));
    expect(DeleteMarker ?? false).toBe(chosen.body === undefined);
    model.remove(chosen.key, chosen.id);
  }
}

async function listObjects(Bucket: string, Prefix: string, Delimiter: string, MaxKeys: number): Promise<string[]> {
  const found: string[] = [];
  for (let ContinuationToken: string | undefined; ;) {
    const page: S3.ListObjectsV2CommandOutput = await send(
      new S3.ListObjectsV2Command({ Bucket, Prefix, Delimiter, MaxKeys, ContinuationToken }),
    );
    const entries = [
      ...(page.Contents ?? []).map(({ Key }) => Key!),
      ...(page.CommonPrefixes ?? []).map((common) => `${common.Prefix} (prefix)`),
    ].toSorted((a, b) => byBytes(a.replace(/ \(prefix\)$/, ''), b.replace(/ \(prefix\)$/, '')));
    expect(page.KeyCount).toBe(entries.length);
    if (page.IsTruncated) expect(entries).toHaveLength(MaxKeys);
    found.push(...entries);
    if (!page.IsTruncated) return found;
    ContinuationToken = page.NextContinuationToken;
  }
}

async function listVersions(Bucket: string, MaxKeys: number) {
  const found: { key: string; id: string; latest: boolean; marker: boolean }[] = [];
  for (let markers = {}; ;) {
    const page: S3.ListObjectVersionsCommandOutput = await send(
      new S3.ListObjectVersionsCommand({ Bucket, MaxKeys, ...markers }),
    );
    const entries = [
      ...(page.Versions ?? []).map((version) => ({ ...version, marker: false })),
      ...(page.DeleteMarkers ?? []).map((version) => ({ ...version, marker: true })),
    ];
    if (page.IsTruncated) expect(entries).toHaveLength(MaxKeys);
    found.push(
      ...entries.map(({ Key, VersionId, IsLatest, marker }) => ({
        key: Key!,
        id: VersionId!,
        latest: IsLatest!,
        marker,
      })),
    );
    if (!page.IsTruncated) return found;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

test('versions and listings are what a simple model says, whatever happens to a bucket', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 5, maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('', 'a', 'a/', 'a/b', 'ä/', 'zzz'),
      fc.constantFrom('', '/', 'b', '/b'),
      async (steps, pageSize, prefix, delimiter) => {
        const Bucket = s3.name();
        await send(new S3.CreateBucketCommand({ Bucket }));
        const model = new Model();
        for (const step of steps) await perform(Bucket, model, step);

        expect(await listObjects(Bucket, prefix, delimiter, pageSize)).toEqual(model.entries(prefix, delimiter));
        const versions = model.versions().map((version) => ({
          key: version.key,
          id: version.id,
          latest: model.keys.get(version.key)![0] === version,
          marker: version.body === undefined,
        }));
        // Versions and markers come in two lists, so that their order shows only within each.
        const listed = await listVersions(Bucket, pageSize);
        for (const marker of [true, false]) {
          expect(listed.filter((version) => version.marker === marker)).toEqual(
            versions.filter((version) => version.marker === marker),
          );
        }
        for (const { key: Key, id, body } of model.versions()) {
          if (body === undefined) continue;
          const found = await send(new S3.GetObjectCommand({ Bucket, Key, VersionId: id }));
          expect(await found.Body!.transformToString()).toBe(body);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('deleting what a page shows before asking for the next one leaves nothing behind', async () => {
  const Bucket = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket }));
  await send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: '0' }));
  await send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  for (let n = 1; n < 7; n++) await send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: String(n) }));
  for (let markers = {}; ;) {
    const page: S3.ListObjectVersionsCommandOutput = await send(
      new S3.ListObjectVersionsCommand({ Bucket, MaxKeys: 3, ...markers }),
    );
    for (const { Key, VersionId } of page.Versions ?? []) {
      await send(new S3.DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
    if (!page.IsTruncated) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  expect(await send(new S3.DeleteBucketCommand({ Bucket }))).toMatchObject({ $metadata: { httpStatusCode: 204 } });
});

test('a delete marker answers as one', async () => {
  const Bucket = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket }));
  await send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const { VersionId: first } = await send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  const { VersionId: marker } = await send(new S3.DeleteObjectCommand({ Bucket, Key: 'k' }));
  const get = (VersionId?: string) => send(new S3.GetObjectCommand({ Bucket, Key: 'k', VersionId }));
  expect(await codeOf(get())).toEqual(['NoSuchKey', 404]);
  expect(await codeOf(get(marker))).toEqual(['MethodNotAllowed', 405]);
  expect(await (await get(first)).Body!.transformToString()).toBe('x');
  const tagging = send(new S3.GetObjectTaggingCommand({ Bucket, Key: 'k' }));
  expect(await codeOf(tagging)).toEqual(['MethodNotAllowed', 405]);
});

test('a version that is none is refused, and one that is gone is not found', async () => {
  const Bucket = s3.name();
  await send(new S3.CreateBucketCommand({ Bucket }));
  await send(new S3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const { VersionId } = await send(new S3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  await send(new S3.DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
  expect(await codeOf(send(new S3.GetObjectCommand({ Bucket, Key: 'k', VersionId })))).toEqual(['NoSuchVersion', 404]);
  const nonsense = send(new S3.GetObjectCommand({ Bucket, Key: 'k', VersionId: 'nonsense' }));
  expect(await codeOf(nonsense)).toEqual(['InvalidArgument', 400]);
  await send(new S3.DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
});
