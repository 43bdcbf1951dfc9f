// A place in a query's text, and how to read on from it.
import { AwsError } from '../../../kernel/errors.ts';

export class Cursor {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
    this.#skip();
  }

  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at === this.text.length;
  }

  /** Takes what a sticky expression matches here, and the space and comments behind it. */
  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.text);
    if (!match) return undefined;
    this.#at = expression.lastIndex;
    this.#skip();
    return match;
  }

  /** Takes a symbol, or a word in any case that ends here. */
  accept(token: string): boolean {
    const source = token.replace(/[\\^$.|+*()[\]{}?/]/g, '\\$&');
    return this.match(new RegExp(/^\w/.test(token) ? `${source}(?![\\w.@])` : source, 'iy')) !== undefined;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw this.unexpected(`'${token}'`);
  }

  /** `read` once or more, with commas between. */
  list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.accept(',')) items.push(read());
    return items;
  }

  /** The text from `start` up to here, without the space at its end. */
  since(start: number): string {
    return this.text.slice(start, this.#at).trim();
  }

  unexpected(wanted: string): AwsError {
    const found = this.done ? 'the end of the query' : `'${/^\w+|^./s.exec(this.text.slice(this.#at))![0]}'`;
    return this.malformed(`unexpected ${found}, expecting ${wanted}`);
  }

  malformed(reason: string): AwsError {
    const location = { startCharOffset: this.#at, endCharOffset: this.text.length };
    return new AwsError('MalformedQueryException', `${reason} (at character ${this.#at + 1})`, {
      members: { queryCompileError: { location, message: reason } },
    });
  }

  #skip(): void {
    const space = /(?:\s+|#[^\n]*)*/y;
    space.lastIndex = this.#at;
    space.exec(this.text);
    this.#at = space.lastIndex;
  }
}
