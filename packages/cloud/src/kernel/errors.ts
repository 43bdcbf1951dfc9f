// The one kind of error an AWS client ever sees: a code, a sentence and an HTTP status.
export interface AwsErrorOptions {
  /** HTTP status; 4xx blames the sender, 5xx the service. @default 400 */
  readonly status?: number;
  /** Further members of the modelled error shape, e.g. `{ BucketName }`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** The code in the query protocol, where it is another and the error has no modelled shape that says so. */
  readonly queryCode?: string;
  /** Headers that go with the answer, e.g. a 304's `ETag` or S3's `x-amz-bucket-region`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error answered to the client as AWS would; the wire layer alone knows how each protocol writes it. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly queryCode: string;

  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
    this.queryCode = options.queryCode ?? code;
  }
}

/**
 * What AWS has and the cloud has not, in one sentence that names it. It is logged too: an emulator that stays silent is
 * believed.
 */
export const notSupported = (sentence: string): AwsError => new AwsError('NotImplemented', sentence, { status: 501 });

/** {@link notSupported} of a thing: `Tags of a dashboard`. */
export const unsupported = (what: string): AwsError => notSupported(`${what} is not supported here.`);
