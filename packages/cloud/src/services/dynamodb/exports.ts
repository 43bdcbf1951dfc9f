// Exports: what a table with point-in-time recovery was at a moment, as compressed files in a bucket.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import type { ExportDescription, ExportTableToPointInTimeInput, TableDescription } from '@aws-sdk/client-dynamodb';

import { AwsError } from '../../kernel/errors.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Call, Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import type { Copies } from './copies.ts';
import type { RecoveryPoints } from './recovery-points.ts';

/** Moments are milliseconds. */
export interface TableExport {
  readonly arn: string;
  readonly region: string;
  readonly status: NonNullable<ExportDescription['ExportStatus']>;
  readonly tableArn: string;
  readonly tableId: string;
  readonly exportTime: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly clientToken: string;
  readonly request: Destination;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly itemCount?: number;
  readonly sizeBytes?: number;
}

export type Destination = Pick<
  ExportTableToPointInTimeInput,
  'S3Bucket' | 'S3BucketOwner' | 'S3Prefix' | 'S3SseAlgorithm' | 'S3SseKmsKeyId'
>;

/** One file of items. */
interface DataFile {
  readonly itemCount: number;
  readonly md5Checksum: string;
  readonly etag: string;
  readonly dataFileS3Key: string;
}

/** Items in one file. */
const FILE_ITEMS = 10_000;

const STOPPED = { code: 'Stopped', message: 'The cloud was stopped before the export was complete.' };

interface Parts {
  readonly points: RecoveryPoints;
  readonly copies: Copies;
}

export class Exports {
  readonly #kernel: Kernel;
  readonly #parts: Parts;
  readonly #exports: Collection<TableExport>;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(kernel: Kernel, parts: Parts) {
    this.#kernel = kernel;
    this.#parts = parts;
    this.#exports = kernel.store.collection('dynamodb.exports');
  }

  begin(
    call: Call,
    table: TableDescription,
    exportTime: number,
    request: Destination & { token?: string },
  ): TableExport {
    const { token = uuid(), ...destination } = request;
    const id = `${String(call.now).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
    const begun: TableExport = {
      arn: `${table.TableArn}/export/${id}`,
      region: call.region,
      status: 'IN_PROGRESS',
      tableArn: table.TableArn!,
      tableId: table.TableId!,
      exportTime,
      startedAt: call.now,
      clientToken: token,
      request: destination,
    };
    this.#exports.put(begun.arn, begun);
    const run = this.#run(begun, table, call)
      .catch((error: Error) => this.#fail(begun, error))
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
    this.#kernel.clock.hold(run);
    return begun;
  }

  find(arn: string): TableExport | undefined {
    return this.#exports.get(arn);
  }

  /** The oldest ones first. */
  list(region: string): TableExport[] {
    return this.#exports
      .list()
      .map(({ value }) => value)
      .filter((value) => value.region === region)
      .toSorted((a, b) => a.startedAt - b.startedAt);
  }

  /** An export is its caller's, who is gone once the cloud stopped: what a killed cloud left has failed. */
  start(): void {
    for (const { value } of this.#exports.list())
      if (value.status === 'IN_PROGRESS') this.#end(value, { failure: STOPPED });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  async #run(begun: TableExport, table: TableDescription, call: Call): Promise<void> {
    const folder = folderOf(begun);
    await this.#put(begun, call, `${folder}/_started`, '');
    const copy = await this.#parts.points.copy(begun.region, table, begun.exportTime);
    try {
      const files: DataFile[] = [];
      let sizeBytes = 0;
      for (const items of chunks(this.#parts.copies.pages(copy))) {
        if (this.#stopped) return this.#end(begun, { failure: STOPPED });
        const lines = items.map((Item) => `${JSON.stringify({ Item })}\n`).join('');
        sizeBytes += Buffer.byteLength(lines);
        const key = `${folder}/data/${randomBytes(10).toString('hex')}.json.gz`;
        const content = gzipSync(lines);
        const etag = await this.#put(begun, call, key, content);
        files.push({ itemCount: items.length, md5Checksum: md5(content), etag, dataFileS3Key: key });
      }
      const itemCount = files.reduce((sum, file) => sum + file.itemCount, 0);
      const ended = { ...begun, endedAt: this.#kernel.clock.now(), itemCount, sizeBytes };
      await this.#putWithChecksum(
        ended,
        call,
        'manifest-files',
        files.map((file) => `${JSON.stringify(file)}\n`).join(''),
      );
      await this.#putWithChecksum(ended, call, 'manifest-summary', JSON.stringify(summaryOf(ended)));
      this.#end(begun, { itemCount, sizeBytes });
    } finally {
      this.#parts.copies.delete(copy);
    }
  }

  async #putWithChecksum(of: TableExport, call: Call, name: string, text: string): Promise<void> {
    await this.#put(of, call, `${folderOf(of)}/${name}.json`, text);
    await this.#put(of, call, `${folderOf(of)}/${name}.checksum`, md5(Buffer.from(text)));
  }

  /** As the export's caller. Answers the ETag. */
  async #put({ request }: TableExport, call: Call, key: string, content: string | Uint8Array): Promise<string> {
    const { ETag } = await this.#kernel.invoke<object, { ETag?: string }>(
      's3',
      'PutObject',
      {
        Bucket: request.S3Bucket,
        Key: key,
        Body: Buffer.from(content),
        ACL: 'bucket-owner-full-control',
        ...(request.S3BucketOwner && { ExpectedBucketOwner: request.S3BucketOwner }),
        ...(request.S3SseAlgorithm && {
          ServerSideEncryption: request.S3SseAlgorithm === 'KMS' ? 'aws:kms' : 'AES256',
        }),
        ...(request.S3SseKmsKeyId && { SSEKMSKeyId: request.S3SseKmsKeyId }),
      },
      { principal: call.principal, region: call.region, via: ['dynamodb'] },
    );
    return ETag!.replaceAll('"', '');
  }

  #fail(begun: TableExport, error: Error): void {
    const code = error instanceof AwsError ? `S3${error.code}` : 'InternalServerError';
    this.#kernel.log('dynamodb.export-failed', { arn: begun.arn, reason: error.message });
    this.#end(begun, { failure: { code, message: error.message } });
  }

  #end(begun: TableExport, result: Pick<TableExport, 'failure' | 'itemCount' | 'sizeBytes'>): void {
    const status = result.failure ? 'FAILED' : 'COMPLETED';
    this.#exports.put(begun.arn, { ...begun, ...result, status, endedAt: this.#kernel.clock.now() });
  }
}

/** Where the files of an export lie. */
export function folderOf({ arn, request }: TableExport): string {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  const prefix = request.S3Prefix ? `${request.S3Prefix.replace(/\/$/, '')}/` : '';
  return `${prefix}AWSDynamoDB/${id}`;
}

/** At least one chunk: an empty table's is empty. */
function* chunks<Item>(pages: Iterable<Item[]>): Generator<Item[]> {
  let chunk: Item[] = [];
  let first = true;
  for (const items of pages) {
    chunk.push(...items);
    if (chunk.length < FILE_ITEMS) continue;
    yield chunk;
    [chunk, first] = [[], false];
  }
  if (first || chunk.length > 0) yield chunk;
}

const md5 = (content: Uint8Array): string => createHash('md5').update(content).digest('base64');

const summaryOf = (of: TableExport) => ({
  version: '2020-06-30',
  exportArn: of.arn,
  startTime: new Date(of.startedAt).toISOString(),
  endTime: new Date(of.endedAt!).toISOString(),
  tableArn: of.tableArn,
  tableId: of.tableId,
  exportTime: new Date(of.exportTime).toISOString(),
  s3Bucket: of.request.S3Bucket,
  s3Prefix: of.request.S3Prefix ?? null,
  s3SseAlgorithm: of.request.S3SseAlgorithm ?? 'AES256',
  s3SseKmsKeyId: of.request.S3SseKmsKeyId ?? null,
  manifestFilesS3Key: `${folderOf(of)}/manifest-files.json`,
  billedSizeBytes: of.sizeBytes,
  itemCount: of.itemCount,
  outputFormat: 'DYNAMODB_JSON',
});
