// Export tasks: a log group's events of some time, as compressed files in a bucket.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3ExportTasks.html
import { gzipSync } from 'node:zlib';

import type { ExportTask as ExportTaskShape, ExportTaskStatusCode } from '@aws-sdk/client-cloudwatch-logs';

import { AwsError } from '../../kernel/errors.ts';
import { servicePrincipal } from '../../kernel/identity/principal.ts';
import { uuid } from '../../kernel/ids.ts';
import type { Kernel } from '../../kernel/service.ts';
import type { Collection } from '../../kernel/store.ts';
import { invalidParameter } from './errors.ts';
import type { GroupKeys } from './group-keys.ts';
import { groupArn } from './group-name.ts';
import type { LogEvent, LogEvents } from './log-events.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';

export interface ExportTask {
  readonly id: string;
  readonly name?: string | undefined;
  readonly region: string;
  readonly group: string;
  readonly streamPrefix?: string | undefined;
  /** Inclusive, in milliseconds. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly bucket: string;
  readonly prefix: string;
  readonly status: ExportTaskStatusCode;
  readonly message?: string;
  readonly createdAt: number;
  readonly completedAt?: number;
}

export type NewExport = Pick<
  ExportTask,
  'name' | 'region' | 'group' | 'streamPrefix' | 'from' | 'to' | 'bucket' | 'prefix' | 'createdAt'
>;

/** Events in one file. */
const FILE_EVENTS = 10_000;

const ACTIVE: readonly ExportTaskStatusCode[] = ['PENDING', 'RUNNING'];

interface Parts {
  readonly groups: LogGroups;
  readonly events: LogEvents;
  readonly keys: GroupKeys;
}

export class ExportTasks {
  readonly #kernel: Kernel;
  readonly #parts: Parts;
  readonly #tasks: Collection<ExportTask>;
  #stopped = false;

  constructor(kernel: Kernel, parts: Parts) {
    this.#kernel = kernel;
    this.#parts = parts;
    this.#tasks = kernel.store.collection('logs.export-tasks');
  }

  /** Begins a task; the bucket has to let CloudWatch Logs in. */
  async create(input: NewExport): Promise<string> {
    if (this.#active(input.region)) throw tooManyTasks();
    await this.#requireBucket(input);
    // Somebody else may have begun one meanwhile.
    if (this.#active(input.region)) throw tooManyTasks();
    const task: ExportTask = { ...input, id: uuid(), status: 'RUNNING' };
    this.#tasks.put(task.id, task);
    this.#begin(task);
    return task.id;
  }

  find(id: string): ExportTask | undefined {
    return this.#tasks.get(id);
  }

  /** The latest ones first. */
  list(region: string): ExportTask[] {
    return this.#tasks
      .list()
      .map(({ value }) => value)
      .filter((task) => task.region === region)
      .toSorted((a, b) => b.createdAt - a.createdAt);
  }

  cancel(task: ExportTask): void {
    if (!ACTIVE.includes(task.status)) {
      throw new AwsError('InvalidOperationException', 'The specified export task has already finished.');
    }
    this.#end(task, 'CANCELLED', 'Cancelled by user');
  }

  /** Takes up what a stopped or killed cloud left. */
  resume(): void {
    for (const { value: task } of this.#tasks.list()) if (ACTIVE.includes(task.status)) this.#begin(task);
  }

  /** What runs is taken up at the next start. */
  stop(): void {
    this.#stopped = true;
  }

  #active(region: string): boolean {
    return this.list(region).some(({ status }) => ACTIVE.includes(status));
  }

  #begin(task: ExportTask): void {
    const work = this.#run(task).catch((error: Error) => {
      this.#kernel.log('logs.export-failed', { task: task.id, reason: error.message });
      if (!this.#stopped) this.#end(task, 'FAILED', error.message);
    });
    this.#kernel.clock.hold(work);
  }

  async #run(task: ExportTask): Promise<void> {
    const { groups, events } = this.#parts;
    const group = groups.require(task.region, task.group);
    for (const { name } of events.streams(group)) {
      if (!name.startsWith(task.streamPrefix ?? '')) continue;
      let page = this.#page(group, name, task);
      for (let file = 0; page.length > 0; file += 1) {
        if (this.#stopped || this.find(task.id)?.status !== 'RUNNING') return;
        await this.#parts.keys.requireReadable(group, page);
        await this.#put(task, fileKey(task, name, file), gzipSync(page.map(lineOf).join('')));
        page = this.#page(group, name, task, page.at(-1));
      }
    }
    if (!this.#stopped && this.find(task.id)?.status === 'RUNNING') {
      this.#end(task, 'COMPLETED', 'Completed successfully');
    }
  }

  #page(group: LogGroup, stream: string, { from, to }: ExportTask, after?: LogEvent): LogEvent[] {
    return this.#parts.events.page(group, stream, { from, to }, { ...(after && { after }), limit: FILE_EVENTS });
  }

  #end(task: ExportTask, status: ExportTaskStatusCode, message: string): void {
    this.#tasks.put(task.id, { ...task, status, message, completedAt: this.#kernel.clock.now() });
  }

  async #requireBucket(task: NewExport): Promise<void> {
    await this.#s3(task, 'GetBucketAcl', { Bucket: task.bucket }).catch(refused('GetBucketAcl'));
    const test = Buffer.from('Permission Check Successful');
    await this.#put(task, `${task.prefix}/aws-logs-write-test`, test).catch(refused('PutObject'));
  }

  #put(task: NewExport, Key: string, Body: Uint8Array): Promise<unknown> {
    return this.#s3(task, 'PutObject', { Bucket: task.bucket, Key, Body, ACL: 'bucket-owner-full-control' });
  }

  #s3({ region, group }: NewExport, operation: string, input: object): Promise<unknown> {
    const { account, invoke } = this.#kernel;
    const principal = servicePrincipal(account, `logs.${region}.amazonaws.com`);
    return invoke('s3', operation, input, {
      principal,
      region,
      sourceArn: `${groupArn({ region, account }, group)}:*`,
    });
  }
}

const tooManyTasks = () => new AwsError('LimitExceededException', 'Resource limit exceeded.');

const refused = (operation: string) => (error: unknown) => {
  if (!(error instanceof AwsError)) throw error;
  throw invalidParameter(
    `${operation} call on the given bucket failed. Please check if CloudWatch Logs has been granted permission to perform this operation.`,
  );
};

const fileKey = ({ prefix, id }: ExportTask, stream: string, file: number): string =>
  `${prefix}/${id}/${stream.replaceAll('/', '-')}/${String(file).padStart(6, '0')}.gz`;

const lineOf = ({ timestamp, message }: LogEvent): string =>
  `${new Date(timestamp).toISOString()} ${message.replace(/\n$/, '')}\n`;

export const taskShape = (task: ExportTask): ExportTaskShape => ({
  taskId: task.id,
  taskName: task.name,
  logGroupName: task.group,
  from: task.from,
  to: task.to,
  destination: task.bucket,
  destinationPrefix: task.prefix,
  status: { code: task.status, message: task.message },
  executionInfo: { creationTime: task.createdAt, completionTime: task.completedAt },
});
