// The lives of objects: where they come from, who may read them, and how they go.
import { expect } from 'vitest';

import type { LifecycleCase } from '../../terraform/lifecycle-case.ts';

/** What a content changes, which is written again after an import: where it came from is not in S3. */
const WRITTEN_AGAIN = [
  'checksum_crc32',
  'checksum_crc32c',
  'checksum_crc64nvme',
  'checksum_sha1',
  'checksum_sha256',
  'etag',
  'version_id',
];

const importId: LifecycleCase['importId'] = ({ bucket, key }) => `s3://${bucket}/${key}`;

export const objectCases: readonly LifecycleCase[] = [
  {
    type: 'aws_s3_object',
    name: 'note',
    support: { aws_s3_bucket: { notes: { bucket: 'notes' } } },
    files: { 'note.txt': 'a note from a file' },
    config: { bucket: '${aws_s3_bucket.notes.id}', key: 'a/note.txt', content: 'a note' },
    changed: {
      bucket: '${aws_s3_bucket.notes.id}',
      key: 'a/note.txt',
      source: 'note.txt',
      source_hash: '${filemd5("note.txt")}',
      content_type: 'text/plain',
      metadata: { kind: 'note' },
      tags: { Team: 'storage' },
    },
    change: 'update',
    expected: {
      id: 'a/note.txt',
      arn: 'arn:aws:s3:::notes/a/note.txt',
      cache_control: '',
      checksum_crc64nvme: '',
      content_type: 'application/octet-stream',
      etag: '3403af8117ebb858a392014b80cb3833',
      server_side_encryption: 'AES256',
      storage_class: 'STANDARD',
      version_id: '',
    },
    expectedAfterChange: { content_type: 'text/plain', metadata: { kind: 'note' }, tags_all: { Team: 'storage' } },
    importId: ({ bucket, key }) => `${bucket}/${key}`,
    lostByImport: [...WRITTEN_AGAIN, 'source', 'source_hash'],
  },
  {
    type: 'aws_s3_object',
    name: 'checked',
    support: { aws_s3_bucket: { checked: { bucket: 'checked' } } },
    config: {
      bucket: '${aws_s3_bucket.checked.id}',
      key: '/deep//hello',
      content_base64: 'aGVsbG8=',
      checksum_algorithm: 'SHA256',
    },
    changed: {
      bucket: '${aws_s3_bucket.checked.id}',
      key: '/deep//hello',
      content_base64: 'aGVsbG8=',
      checksum_algorithm: 'CRC32',
    },
    change: 'update',
    expected: {
      id: '/deep//hello',
      arn: 'arn:aws:s3:::checked/deep/hello',
      checksum_sha256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    },
    expectedAfterChange: { checksum_crc32: 'NhCmhg==', checksum_sha256: '' },
    importId,
    lostByImport: [...WRITTEN_AGAIN, 'checksum_algorithm', 'content_base64'],
  },
  {
    type: 'aws_s3_object',
    name: 'moved',
    support: { aws_s3_bucket: { moved: { bucket: 'moved' } } },
    config: { bucket: '${aws_s3_bucket.moved.id}', key: 'here/' },
    changed: { bucket: '${aws_s3_bucket.moved.id}', key: 'there/' },
    change: 'replace',
    expected: { id: 'here/', etag: 'd41d8cd98f00b204e9800998ecf8427e' },
    expectedAfterChange: { id: 'there/' },
    importId,
  },
  {
    type: 'aws_s3_object',
    name: 'released',
    support: {
      aws_s3_bucket: { releases: { bucket: 'releases' } },
      aws_s3_bucket_versioning: {
        releases: { bucket: '${aws_s3_bucket.releases.id}', versioning_configuration: { status: 'Enabled' } },
      },
    },
    config: { bucket: '${aws_s3_bucket_versioning.releases.bucket}', key: 'latest' },
    changed: { bucket: '${aws_s3_bucket_versioning.releases.bucket}', key: 'latest', metadata: { number: '2' } },
    change: 'update',
    expected: { version_id: expect.stringMatching(/^.{32}$/) },
    importId,
  },
  {
    type: 'aws_s3_object',
    name: 'held',
    support: { aws_s3_bucket: { vault: { bucket: 'vault', object_lock_enabled: true } } },
    config: {
      bucket: '${aws_s3_bucket.vault.id}',
      key: 'held',
      object_lock_mode: 'GOVERNANCE',
      object_lock_retain_until_date: '2099-01-01T00:00:00Z',
      force_destroy: true,
    },
    changed: {
      bucket: '${aws_s3_bucket.vault.id}',
      key: 'held',
      object_lock_mode: 'GOVERNANCE',
      object_lock_retain_until_date: '2098-01-01T00:00:00Z',
      object_lock_legal_hold_status: 'ON',
      force_destroy: true,
    },
    change: 'update',
    expected: { object_lock_mode: 'GOVERNANCE', object_lock_legal_hold_status: '' },
    expectedAfterChange: {
      object_lock_legal_hold_status: 'ON',
      object_lock_retain_until_date: '2098-01-01T00:00:00Z',
    },
    importId,
    lostByImport: ['force_destroy'],
  },
  {
    type: 'aws_s3_object',
    name: 'published',
    support: {
      aws_s3_bucket: { site: { bucket: 'site' } },
      aws_s3_bucket_ownership_controls: {
        site: { bucket: '${aws_s3_bucket.site.id}', rule: { object_ownership: 'BucketOwnerPreferred' } },
      },
    },
    config: { bucket: '${aws_s3_bucket_ownership_controls.site.bucket}', key: 'page', acl: 'bucket-owner-read' },
    changed: { bucket: '${aws_s3_bucket_ownership_controls.site.bucket}', key: 'page', acl: 'private' },
    change: 'update',
    expected: { acl: 'bucket-owner-read' },
    importId,
    lostByImport: ['acl'],
  },
];
