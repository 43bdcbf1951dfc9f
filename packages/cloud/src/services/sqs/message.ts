// A message as the index knows it: where it stands, and no more of it than is needed to find it.

/**
 * `visible` can be received, `delayed` was never received yet and cannot be, `in flight` was received and is hidden,
 * `gone` is deleted.
 */
export type MessageState = 'visible' | 'delayed' | 'in flight' | 'gone';

export interface Message {
  /** Its row in the store; a later one has a greater number. */
  readonly row: number;
  readonly id: string;
  readonly group: string | undefined;
  /** When retention began, in milliseconds on the cloud's clock, as all moments here. */
  readonly sentAt: number;
  state: MessageState;
  /** When it can be received (again). */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  /** When it was received last. */
  receivedAt: number | undefined;
  /** The secret in its last receipt handle. */
  receipt: string | undefined;
}

/** What a message has been since it was sent, as the store keeps it. */
export interface Content {
  readonly body: string;
  readonly bodyMd5: string;
  /** JSON of the message's attributes, with binary values in base64; undefined where it has none. */
  readonly attributes: string | undefined;
  readonly system: SystemContent;
}

export interface SystemContent {
  readonly senderId: string;
  readonly traceHeader?: string | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  /** The queue that the message came from to a dead-letter queue, an ARN. */
  readonly deadLetterSource?: string | undefined;
  /** The data key under the queue's KMS key, in base64. */
  readonly dataKey?: string | undefined;
}

export interface NewMessage extends Content {
  readonly id: string;
  readonly sentAt: number;
  readonly visibleAt: number;
}
