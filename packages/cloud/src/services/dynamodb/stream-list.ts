// The streams of all tables: which changes each has, those that are over included while their records may be read.
import type { KeySchemaElement, StreamSpecification, StreamViewType } from '@aws-sdk/client-dynamodb';

import { requireOneOf } from '../../kernel/constraint.ts';
import type { Collection, Store } from '../../kernel/store.ts';
import { validation } from './errors.ts';

export interface Stream {
  readonly region: string;
  readonly table: string;
  readonly label: string;
  readonly view: StreamViewType;
  readonly keySchema: readonly KeySchemaElement[];
  /** Milliseconds. */
  readonly createdAt: number;
  /** Its changes are those of its table after this one … */
  readonly after: number;
  /** … up to this one, where it is over. */
  readonly upTo?: number;
  readonly endedAt?: number;
}

/** How long a stream keeps a record. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
export const STREAM_MILLISECONDS = 24 * 3_600_000;

const VIEWS: readonly string[] = [
  'KEYS_ONLY',
  'NEW_IMAGE',
  'OLD_IMAGE',
  'NEW_AND_OLD_IMAGES',
] satisfies StreamViewType[];

/** The view of the stream that is wanted; undefined where none is. */
export function readStream(specification: StreamSpecification | undefined): StreamViewType | undefined {
  const { StreamEnabled: enabled = false, StreamViewType: view } = specification ?? {};
  requireOneOf(view, 'streamSpecification.streamViewType', VIEWS, validation);
  if (enabled !== (view !== undefined)) {
    throw validation(
      `One or more parameter values were invalid: StreamViewType ${enabled ? 'is required for a stream that is enabled' : 'must not be set for a stream that is not enabled'}`,
    );
  }
  return view;
}

/** The moment of a stream's beginning, as its ARN ends with it. */
export const streamLabel = (now: number): string => new Date(now).toISOString().slice(0, -1);

export class StreamList {
  readonly #streams: Collection<Stream>;

  constructor(store: Store) {
    this.#streams = store.collection('dynamodb.streams');
  }

  put(stream: Stream): void {
    this.#streams.put(keyOf(stream), stream);
  }

  find(key: Pick<Stream, 'region' | 'table' | 'label'>): Stream | undefined {
    return this.#streams.get(keyOf(key));
  }

  /** By table, the oldest of a table first. */
  list(region: string, table?: string): Stream[] {
    const prefix = table === undefined ? `${region}/` : `${region}/${table}/`;
    return this.#streams.list({ prefix }).map(({ value }) => value);
  }

  /** Ends the streams of a table that are not over yet. */
  end(region: string, table: string, upTo: number, now: number): void {
    for (const stream of this.list(region, table)) {
      if (stream.endedAt === undefined) this.put({ ...stream, upTo, endedAt: now });
    }
  }

  /** Forgets streams that ended before a moment. */
  prune(moment: number): void {
    for (const { key, value } of this.#streams.list()) {
      if (value.endedAt !== undefined && value.endedAt < moment) this.#streams.delete(key);
    }
  }
}

const keyOf = ({ region, table, label }: Pick<Stream, 'region' | 'table' | 'label'>): string =>
  `${region}/${table}/${label}`;
