// The databases of a cloud: one dynoxide for each region in use, asked in raw JSON or in the SDK's types.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { AwsError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { RawAnswer } from '../../kernel/service.ts';
import { outOfSpace } from '../../kernel/space.ts';
import { AWS_JSON, readJson, writeJson } from '../../wire/json.ts';
import { loadWireModel } from '../../wire/schemas.ts';
import type { EngineOperation, Input, Output } from './api.ts';
import { connect, type Connection } from './connection.ts';
import { startDynoxide, type Dynoxide } from './dynoxide.ts';

interface Database extends Connection {
  stop(): Promise<void>;
}

/** {@link Engine.call} for one region. */
export type RegionCall = <Name extends EngineOperation>(name: Name, input: Input<Name>) => Promise<Output<Name>>;

/** What has to happen with a region's database, which is this file, before anyone else may ask it. */
export type Prepare = (region: string, file: string, call: RegionCall) => Promise<void>;

/** SQLite's words where a file cannot grow, as dynoxide passes them on. */
const NO_SPACE = /database or disk is full|disk I\/O error/;

export class Engine {
  readonly #folder: string | undefined;
  readonly #log: Log;
  readonly #databases = new Map<string, Promise<Database>>();
  readonly #checks: ((region: string, file: string) => void)[] = [];
  readonly #prepare: Prepare[] = [];
  readonly #ended: ((region: string) => void)[] = [];
  #stopped = false;

  /** `folder` is the cloud's own; without one, tables are gone with the cloud. */
  constructor(folder: string | undefined, log: Log) {
    this.#folder = folder && join(folder, 'dynamodb');
    this.#log = log;
  }

  /** Runs `check` before a region's database starts on its file; where it throws, the database does not start. */
  onOpen(check: (region: string, file: string) => void): void {
    this.#checks.push(check);
  }

  /** Runs `prepare` each time that a region's database has started, one after the other. */
  onStart(prepare: Prepare): void {
    this.#prepare.push(prepare);
  }

  /** Runs `ended` each time that a region's database has ended. */
  onEnd(ended: (region: string) => void): void {
    this.#ended.push(ended);
  }

  /** Resolves once a region's database has started. */
  async ready(region: string): Promise<void> {
    await this.#database(region);
  }

  /** Asks in JSON as it is on the wire; an error's answer is an answer. */
  async ask(region: string, operation: string, json: string | Uint8Array): Promise<RawAnswer> {
    const database = await this.#database(region);
    let answer: RawAnswer;
    try {
      answer = await database.send(operation, json);
    } catch (error) {
      this.#log('dynoxide failed', { region, operation, reason: String(error) });
      throw new AwsError('InternalServerError', 'The table engine ended while it was asked. Try again.', {
        status: 500,
      });
    }
    if (answer.status >= 500 && NO_SPACE.test(Buffer.from(answer.json).toString())) {
      this.#log('dynoxide has no space', { region, operation });
      throw outOfSpace();
    }
    return answer;
  }

  /** Asks in the SDK's types; an error's answer is thrown. */
  async call<Name extends EngineOperation>(region: string, name: Name, input: Input<Name>): Promise<Output<Name>> {
    return callTyped((operation, json) => this.ask(region, operation, json), name, input);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const databases = await Promise.allSettled(this.#databases.values());
    await Promise.all(databases.map(async (database) => database.status === 'fulfilled' && database.value.stop()));
  }

  #database(region: string): Promise<Database> {
    let database = this.#databases.get(region);
    if (!database) {
      if (this.#stopped) throw new Error('the engine has stopped');
      database = this.#start(region);
      this.#databases.set(region, database);
      // What did not start, or has ended, is started anew by the next request.
      database.catch(() => this.#databases.delete(region));
    }
    return database;
  }

  async #start(region: string): Promise<Database> {
    if (this.#folder) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#folder && join(this.#folder, `${region}.sqlite`);
    if (file) for (const check of this.#checks) check(region, file);
    const process: Dynoxide = await startDynoxide(file);
    const connection = connect(process);
    void process.ended.then(() => {
      connection.close();
      for (const ended of this.#ended) ended(region);
      if (!this.#stopped) this.#databases.delete(region);
    });
    const call: RegionCall = (name, input) =>
      callTyped((operation, json) => connection.send(operation, json), name, input);
    for (const prepare of this.#prepare) await prepare(region, process.file, call);
    return { ...connection, stop: () => process.stop() };
  }
}

async function callTyped<Name extends EngineOperation>(
  send: Connection['send'],
  name: Name,
  input: Input<Name>,
): Promise<Output<Name>> {
  const model = await loadWireModel('dynamodb');
  const operation = model.operations.get(name)!;
  const { status, json } = await send(name, writeJson(operation.input, input, AWS_JSON));
  const text = Buffer.from(json).toString();
  if (status >= 400) throw await readError(text, status);
  return (await readJson(operation.output, text, AWS_JSON)) as Output<Name>;
}

/** The code of an answer that is an error. What is no JSON at all the table engine refuses in plain text. */
export function codeOf({ json, status }: RawAnswer): string {
  try {
    const { __type = 'InternalServerError' } = JSON.parse(Buffer.from(json).toString()) as { __type?: string };
    return __type.split('#').at(-1)!;
  } catch (error) {
    if (error instanceof SyntaxError) return status < 500 ? 'SerializationException' : 'InternalServerError';
    throw error;
  }
}

async function readError(text: string, status: number): Promise<AwsError> {
  const { __type = 'InternalServerError', message, Message } = JSON.parse(text) as Record<string, string | undefined>;
  const code = __type.split('#').at(-1)!;
  const shape = (await loadWireModel('dynamodb')).findError(code);
  const { message: _, ...members } = shape
    ? ((await readJson(shape.schema, text, AWS_JSON)) as Record<string, unknown>)
    : {};
  return new AwsError(code, message ?? Message ?? '', { status, members });
}
