// Requests to dynoxide over kept-alive connections, with as little between as HTTP allows.
import { connect as connectSocket, type Socket } from 'node:net';

import type { RawAnswer } from '../../kernel/service.ts';
import type { Dynoxide } from './dynoxide.ts';

export interface Connection {
  /** Sends an operation's JSON and gives back the answer's. Rejects where dynoxide is gone. */
  send(operation: string, json: string | Uint8Array): Promise<RawAnswer>;
  close(): void;
}

/** dynoxide wants to see a signature and verifies none: the cloud has done that. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=plinth/20200101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none';

/** The end of a message's head, and where in it the length of the body stands. */
const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;

export function connect({ host, port }: Pick<Dynoxide, 'host' | 'port'>): Connection {
  const idle: Line[] = [];
  const open = new Set<Line>();
  let closed = false;
  const openLine = (): Line => {
    const line = new Line(connectSocket({ host, port, noDelay: true }), () => {
      open.delete(line);
      const index = idle.indexOf(line);
      if (index >= 0) idle.splice(index, 1);
    });
    open.add(line);
    return line;
  };
  return {
    send: async (operation, json) => {
      if (closed) throw new Error('the connection is closed');
      const line = idle.pop() ?? openLine();
      const answer = await line.ask(requestBytes(host, operation, json));
      if (open.has(line)) idle.push(line);
      return answer;
    },
    close: () => {
      closed = true;
      for (const line of open) line.close();
    },
  };
}

/** One TCP connection, with at most one question on it. dynoxide says how long each answer is, and never ends one early. */
class Line {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  /** How long the whole answer is, once its head has come. */
  #expected = Number.POSITIVE_INFINITY;
  #headSize = 0;
  #waiting: { resolve: (answer: RawAnswer) => void; reject: (error: Error) => void } | undefined;

  constructor(socket: Socket, ended: () => void) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      ended();
      this.#fail(new Error('dynoxide closed the connection'));
    });
  }

  ask(bytes: Uint8Array): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#headSize === 0) this.#readHead();
    if (this.#size >= this.#expected) this.#finish();
  }

  #readHead(): void {
    const received = this.#joined();
    const end = received.indexOf(HEAD_END);
    if (end < 0) return;
    const [, length] = CONTENT_LENGTH.exec(received.toString('latin1', 0, end)) ?? [];
    if (length === undefined) {
      this.#socket.destroy(new Error('dynoxide does not say how long its answer is'));
      return;
    }
    this.#headSize = end + HEAD_END.length;
    this.#expected = this.#headSize + Number(length);
  }

  #finish(): void {
    const received = this.#joined();
    // `HTTP/1.1 200 OK`
    const status = Number(received.toString('latin1', 9, 12));
    const json = received.subarray(this.#headSize, this.#expected);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#chunks.length = 0;
    this.#size = this.#headSize = 0;
    this.#expected = Number.POSITIVE_INFINITY;
    waiting?.resolve({ status, json });
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks));
    return this.#chunks[0]!;
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** Head and body in one piece: two would be two writes. */
function requestBytes(host: string, operation: string, json: string | Uint8Array): Buffer {
  const head = (length: number) =>
    `POST / HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${length}\r\n` +
    `x-amz-target: DynamoDB_20120810.${operation}\r\nx-amz-date: 20200101T000000Z\r\nauthorization: ${AUTHORIZATION}\r\n\r\n`;
  if (typeof json === 'string') return Buffer.from(head(Buffer.byteLength(json)) + json);
  return Buffer.concat([Buffer.from(head(json.byteLength), 'latin1'), json]);
}
