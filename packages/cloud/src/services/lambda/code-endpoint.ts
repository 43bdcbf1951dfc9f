// Where GetFunction's Code.Location points: the deployment package, for whoever has been told its URL, for ten minutes.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '../../kernel/clock.ts';
import type { WireAnswer, WireRequest } from '../../wire/message.ts';
import { hexOf, type Code, type CodeStore } from './code.ts';

const PATH = '/_lambda/code/';

/** How long a URL is good, in milliseconds: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html */
const VALID_MILLISECONDS = 10 * 60_000;

export class CodeEndpoint {
  readonly #codes: CodeStore;
  readonly #clock: Clock;
  readonly #key = randomBytes(32);

  constructor(codes: CodeStore, clock: Clock) {
    this.#codes = codes;
    this.#clock = clock;
  }

  /** A URL from which the package can be downloaded without a signature. */
  locationOf(code: Code, endpoint: string): string {
    const name = hexOf(code.sha256);
    const expires = String(this.#clock.now() + VALID_MILLISECONDS);
    const signature = this.#sign(name, expires).toString('hex');
    return `${endpoint}${PATH}${name}.zip?expires=${expires}&signature=${signature}`;
  }

  /** The package; undefined where the request is for something else. */
  answer({ path, query, method }: WireRequest): Promise<WireAnswer> | undefined {
    return path.startsWith(PATH) ? Promise.resolve(this.#answer(path, query, method)) : undefined;
  }

  #answer(path: string, query: string, method: string): WireAnswer {
    const name = path.slice(PATH.length).replace(/\.zip$/, '');
    const parameters = new URLSearchParams(query);
    const expires = parameters.get('expires') ?? '';
    const signature = Buffer.from(parameters.get('signature') ?? '', 'hex');
    const expected = this.#sign(name, expires);
    const valid = signature.length === expected.length && timingSafeEqual(signature, expected);
    if (method !== 'GET' || !valid || Number(expires) < this.#clock.now()) return plain(403, 'Forbidden');
    const body = this.#codes.zipOf(name);
    return body ? { status: 200, headers: { 'content-type': 'application/zip' }, body } : plain(404, 'Not Found');
  }

  #sign(name: string, expires: string): Buffer {
    return createHmac('sha256', this.#key).update(`${name}\n${expires}`).digest();
  }
}

const plain = (status: number, body: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${body}\n`,
});
