// Listings: a bucket's objects, its versions, and the uploads that are not yet complete.
import type {
  EncodingType,
  ListMultipartUploadsOutput,
  ListMultipartUploadsRequest,
  ListObjectsOutput,
  ListObjectsRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
  ListObjectVersionsOutput,
  ListObjectVersionsRequest,
  RestoreStatus,
  StorageClass,
} from '@aws-sdk/client-s3';

import type { Access, Call, Operation } from '../../kernel/service.ts';
import { ownerOf } from './acl.ts';
import { invalidArgument } from './errors.ts';
import { listObjects, listVersions, readToken, writeToken } from './listing.ts';
import type { Entry } from './objects.ts';
import { requireBucket, type S3 } from './service.ts';

const LARGEST_PAGE = 1_000;

interface ListInput {
  Bucket: string | undefined;
  Prefix?: string | undefined;
  Delimiter?: string | undefined;
  MaxKeys?: number | undefined;
  EncodingType?: EncodingType | undefined;
  OptionalObjectAttributes?: readonly string[] | undefined;
}

export function listingOperations(s3: S3) {
  const { guard, uploads, kernel } = s3;
  const listAccess =
    (action: string) =>
    (input: ListInput, call: Call): Access[] => [
      guard.bucket(action, input.Bucket, call, {
        's3:prefix': input.Prefix,
        's3:delimiter': input.Delimiter,
        's3:max-keys': input.MaxKeys === undefined ? undefined : String(input.MaxKeys),
      }),
    ];

  const ListObjects: Operation<ListObjectsRequest, ListObjectsOutput> = {
    access: listAccess('s3:ListBucket'),
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      const { Marker: marker = '' } = input;
      const asked = request(input);
      const encode = encoder(input.EncodingType);
      const restored = restoreStatus(input, call);
      const page = listObjects(kernel.store, bucket, { ...asked, after: marker });
      const owner = ownerOf(call.account);
      return {
        ...frame(input, bucket.name, asked.limit, encode),
        Marker: encode(marker),
        Contents: page.items.map((entry) => ({ ...listed(entry, encode, restored), Owner: owner })),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
        IsTruncated: page.next !== undefined,
        // Without a delimiter, clients go on after the last key.
        ...(page.next !== undefined && asked.delimiter !== '' && { NextMarker: encode(nameOf(page.next)) }),
      };
    },
  };

  const ListObjectsV2: Operation<ListObjectsV2Request, ListObjectsV2Output> = {
    access: listAccess('s3:ListBucket'),
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      const { ContinuationToken: token, StartAfter: startAfter } = input;
      const asked = request(input);
      const encode = encoder(input.EncodingType);
      const restored = restoreStatus(input, call);
      const after = token === undefined ? startAfter : readToken(token);
      const page = listObjects(kernel.store, bucket, { ...asked, after });
      const owner = input.FetchOwner ? ownerOf(call.account) : undefined;
      return {
        ...frame(input, bucket.name, asked.limit, encode),
        KeyCount: page.items.length + page.prefixes.length,
        Contents: page.items.map((entry) => ({ ...listed(entry, encode, restored), ...(owner && { Owner: owner }) })),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
        IsTruncated: page.next !== undefined,
        ...(token !== undefined && { ContinuationToken: token }),
        ...(startAfter !== undefined && { StartAfter: encode(startAfter) }),
        ...(page.next !== undefined && { NextContinuationToken: writeToken(nameOf(page.next)) }),
      };
    },
  };

  const ListObjectVersions: Operation<ListObjectVersionsRequest, ListObjectVersionsOutput> = {
    access: listAccess('s3:ListBucketVersions'),
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      const { KeyMarker: keyMarker = '', VersionIdMarker: versionMarker = '' } = input;
      if (versionMarker !== '' && keyMarker === '') {
        throw invalidArgument(
          'A version-id marker cannot be specified without a key marker.',
          'version-id-marker',
          versionMarker,
        );
      }
      const asked = request(input);
      const encode = encoder(input.EncodingType);
      const restored = restoreStatus(input, call);
      const afterVersion = versionMarker === '' ? undefined : versionMarker;
      const page = listVersions(kernel.store, bucket, { ...asked, after: keyMarker, afterVersion });
      const owner = ownerOf(call.account);
      const { next } = page;
      return {
        ...frame(input, bucket.name, asked.limit, encode),
        KeyMarker: encode(keyMarker),
        VersionIdMarker: versionMarker,
        Versions: page.items
          .filter(({ marker }) => !marker)
          .map((entry) => ({ ...listed(entry, encode, restored), ...versionFrame(entry, encode), Owner: owner })),
        DeleteMarkers: page.items
          .filter(({ marker }) => marker)
          .map((entry) => ({ ...versionFrame(entry, encode), Owner: owner })),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
        IsTruncated: next !== undefined,
        ...(next !== undefined && { NextKeyMarker: encode(nameOf(next)) }),
        ...(next !== undefined && typeof next !== 'string' && { NextVersionIdMarker: next.version }),
      };
    },
  };

  const ListMultipartUploads: Operation<ListMultipartUploadsRequest, ListMultipartUploadsOutput> = {
    access: listAccess('s3:ListBucketMultipartUploads'),
    run: (input, call) => {
      const bucket = requireBucket(s3, input, call);
      const { KeyMarker: keyMarker = '', UploadIdMarker: uploadMarker = '' } = input;
      if (input.MaxUploads !== undefined && input.MaxUploads < 1) {
        const message = 'Argument max-uploads must be an integer between 1 and 2147483647';
        throw invalidArgument(message, 'max-uploads', String(input.MaxUploads));
      }
      const asked = request({ ...input, MaxKeys: input.MaxUploads });
      const encode = encoder(input.EncodingType);
      const afterUpload = keyMarker === '' || uploadMarker === '' ? undefined : uploadMarker;
      const page = uploads.list(bucket, { ...asked, after: keyMarker, afterUpload });
      const owner = ownerOf(call.account);
      const { next } = page;
      return {
        Bucket: bucket.name,
        KeyMarker: encode(keyMarker),
        UploadIdMarker: uploadMarker,
        MaxUploads: asked.limit,
        ...(asked.prefix !== '' && { Prefix: encode(asked.prefix) }),
        ...(asked.delimiter !== '' && { Delimiter: encode(asked.delimiter) }),
        ...(input.EncodingType && { EncodingType: input.EncodingType }),
        Uploads: page.items.map((upload) => ({
          UploadId: upload.id,
          Key: encode(upload.key),
          Initiated: new Date(upload.started),
          StorageClass: (upload.about.storageClass ?? 'STANDARD') as StorageClass,
          Owner: owner,
          Initiator: owner,
          ...(upload.algorithm && { ChecksumAlgorithm: upload.algorithm, ChecksumType: upload.type }),
        })),
        CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
        IsTruncated: next !== undefined,
        ...(next !== undefined && { NextKeyMarker: encode(nameOf(next)) }),
        ...(next !== undefined && { NextUploadIdMarker: typeof next === 'string' ? '' : next.id }),
      };
    },
  };

  return { ListObjects, ListObjectsV2, ListObjectVersions, ListMultipartUploads };
}

function request({ Prefix = '', Delimiter = '', MaxKeys, EncodingType }: Omit<ListInput, 'Bucket'>) {
  if (EncodingType !== undefined && EncodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', EncodingType);
  }
  if (MaxKeys !== undefined && (!Number.isInteger(MaxKeys) || MaxKeys < 0)) {
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647', 'maxKeys', String(MaxKeys));
  }
  return { prefix: Prefix, delimiter: Delimiter, limit: Math.min(MaxKeys ?? LARGEST_PAGE, LARGEST_PAGE) };
}

type Encode = (text: string) => string;

/** With `encoding-type=url`, keys are percent-encoded, as XML cannot carry every character; slashes stay. */
function encoder(type: EncodingType | undefined): Encode {
  if (type !== 'url') return (text) => text;
  return (text) =>
    encodeURIComponent(text)
      .replaceAll('%2F', '/')
      .replaceAll('%20', '+')
      .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

const frame = (
  { Prefix = '', Delimiter = '', EncodingType: encoding }: ListInput,
  name: string,
  limit: number,
  encode: Encode,
) => ({
  Name: name,
  Prefix: encode(Prefix),
  MaxKeys: limit,
  ...(Delimiter !== '' && { Delimiter: encode(Delimiter) }),
  ...(encoding && { EncodingType: encoding }),
});

/** What a listing says of restored copies, where it is asked to. */
function restoreStatus({ OptionalObjectAttributes: wanted = [] }: ListInput, { now }: Call) {
  const unknown = wanted.find((name) => name !== 'RestoreStatus');
  if (unknown !== undefined) {
    throw invalidArgument('Invalid attribute name specified.', 'x-amz-optional-object-attributes', unknown);
  }
  return ({ about: { restore } }: Entry): { RestoreStatus?: RestoreStatus } => {
    if (wanted.length === 0 || !restore || restore.until <= now) return {};
    const ongoing = now < restore.from;
    return {
      RestoreStatus: {
        IsRestoreInProgress: ongoing,
        ...(!ongoing && { RestoreExpiryDate: new Date(restore.until) }),
      },
    };
  };
}

const listed = (entry: Entry, encode: Encode, restored: ReturnType<typeof restoreStatus>) => ({
  Key: encode(entry.key),
  LastModified: new Date(entry.modified),
  ETag: `"${entry.etag}"`,
  ...(entry.about.checksum && {
    ChecksumAlgorithm: [entry.about.checksum.algorithm],
    ChecksumType: entry.about.checksum.type,
  }),
  Size: entry.size,
  StorageClass: (entry.about.storageClass ?? 'STANDARD') as 'STANDARD',
  ...restored(entry),
});

const versionFrame = (entry: Entry, encode: Encode) => ({
  Key: encode(entry.key),
  VersionId: entry.version,
  IsLatest: entry.current,
  LastModified: new Date(entry.modified),
});

const nameOf = (next: { readonly key: string } | string): string => (typeof next === 'string' ? next : next.key);
