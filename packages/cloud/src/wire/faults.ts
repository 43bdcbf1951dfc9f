// Whatever an operation or a reader throws, as the error that AWS would answer.
import { DamagedStateError, isDamage } from '../kernel/damage.ts';
import { AwsError } from '../kernel/errors.ts';
import { isOutOfSpace, outOfSpace } from '../kernel/space.ts';
import { InvalidInput } from './check.ts';
import type { NativeProtocol, WireError, WireModel } from './schemas.ts';

/** An error with everything that a protocol needs to write it. */
export interface Fault {
  readonly error: AwsError;
  /** Its modelled shape, where the service has one. */
  readonly shape: WireError | undefined;
  readonly status: number;
  readonly blames: 'Sender' | 'Receiver';
}

/** What a service answers to bytes that are no valid request at all. */
const UNREADABLE: Readonly<Record<NativeProtocol, string>> = {
  'json-1.0': 'SerializationException',
  'json-1.1': 'SerializationException',
  'rest-json': 'SerializationException',
  cbor: 'SerializationException',
  query: 'MalformedInput',
  ec2: 'InvalidParameterValue',
  'rest-xml': 'MalformedXML',
};

/** What a service answers to a request without something required. */
const MISSING: Readonly<Record<NativeProtocol, string>> = {
  'json-1.0': 'ValidationException',
  'json-1.1': 'ValidationException',
  'rest-json': 'ValidationException',
  cbor: 'ValidationException',
  query: 'ValidationError',
  ec2: 'MissingParameter',
  'rest-xml': 'InvalidRequest',
};

/**
 * The error for what reading an input threw: {@link InvalidInput}, or anything that a parser throws on bytes it does not
 * understand. `missingCode` is the service's own code for missing members, where it has one.
 */
export function inputError(error: unknown, protocol: NativeProtocol, missingCode: string | undefined): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof InvalidInput && error.kind === 'missing') {
    return new AwsError(missingCode ?? MISSING[protocol], error.message);
  }
  const reason = error instanceof RangeError ? 'The input is nested too deeply or too large' : (error as Error).message;
  return new AwsError(UNREADABLE[protocol], reason);
}

/** An operation that AWS has and the cloud has not. */
export const notImplemented = (service: string, operation: string): AwsError =>
  new AwsError('NotImplemented', `The ${service} action ${operation} is not supported here.`, { status: 501 });

/** An operation that nobody has. */
export function unknownOperation(service: string, operation: string, protocol: NativeProtocol): AwsError {
  const message = `Could not find operation ${operation} for ${service}`;
  if (protocol === 'query' || protocol === 'ec2') return new AwsError('InvalidAction', message);
  if (protocol === 'rest-xml') {
    return new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
    });
  }
  return new AwsError('UnknownOperationException', message, { status: protocol === 'rest-json' ? 404 : 400 });
}

/** What went wrong inside, without a word that may not leave. */
const internalFailure = (): AwsError =>
  new AwsError('InternalFailure', 'An internal error occurred. The cloud’s log says more.', { status: 500 });

/** The answer to whatever an operation threw: an AWS error as it is, a full disk and damaged state by their names, anything else as a failure of ours. */
export function answerable(thrown: unknown): AwsError {
  if (thrown instanceof AwsError) return thrown;
  if (isDamage(thrown)) return new DamagedStateError(`cloud.sqlite: ${(thrown as Error).message}`);
  return isOutOfSpace(thrown) ? outOfSpace() : internalFailure();
}

/** Joins an error with its shape, and with the status that it has in the protocol; `rpc` is true for the JSON ones. */
export function faultOf(error: AwsError, model: WireModel | undefined, rpc: boolean): Fault {
  const shape = model?.findError(error.code);
  const status = statusOf(error, shape, rpc);
  return { error, shape, status, blames: status < 500 ? 'Sender' : 'Receiver' };
}

/** What a service leaves open is the model’s, except in RPC, where AWS has 400; whom IAM denies, it denies with 403 elsewhere. */
function statusOf({ code, status }: AwsError, shape: WireError | undefined, rpc: boolean): number {
  if (status !== 400 || rpc) return status;
  return code === 'AccessDeniedException' ? 403 : (shape?.status ?? 400);
}
