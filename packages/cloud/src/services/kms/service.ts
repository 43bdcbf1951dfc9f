// What the operations of KMS share: its parts, and how a request comes by its key.
import { requireWithin } from '../../kernel/constraint.ts';
import { pageInOrder } from '../../kernel/page.ts';
import type { Access, Call, Kernel, Operation } from '../../kernel/service.ts';
import { Guard, type Asked } from './access.ts';
import { dryRun, invalidMarker, validation } from './errors.ts';
import { Grants } from './grants.ts';
import { Imports } from './imports.ts';
import { KeyTimes } from './key-times.ts';
import { Keys, type Key } from './keys.ts';

export interface Kms {
  readonly kernel: Kernel;
  readonly keys: Keys;
  readonly grants: Grants;
  readonly guard: Guard;
  readonly times: KeyTimes;
  readonly imports: Imports;
}

export function createKms(kernel: Kernel): Kms {
  const keys = new Keys(kernel.store, kernel.clock);
  const grants = new Grants(kernel.store);
  const imports = new Imports(kernel.store, kernel.clock);
  return { kernel, keys, grants, imports, guard: new Guard(keys, grants), times: new KeyTimes(keys, grants, kernel) };
}

interface KeyInput {
  KeyId: string | undefined;
}

/** An operation on the key that its input names, allowed by one action of its own name. */
export function onKey<Input extends KeyInput, Output>(
  { keys, guard }: Kms,
  operation: string,
  run: (key: Key, input: Input, call: Call) => Output,
  asked: (input: Input, call: Call) => Asked = () => ({}),
): Operation<Input, Awaited<Output>> {
  return {
    access: (input, call): Access[] => [guard.named(operation, input.KeyId, call, asked(input, call))],
    run: (input, call) => run(keys.require(call, input.KeyId ?? '').key, input, call) as Awaited<Output>,
  };
}

/** The same for operations that take no alias. */
export function onKeyItself<Input extends KeyInput, Output>(
  kms: Kms,
  operation: string,
  run: (key: Key, input: Input, call: Call) => Output,
  asked?: (input: Input, call: Call) => Asked,
): Operation<Input, Awaited<Output>> {
  const { access, ...rest } = onKey(kms, operation, run, asked);
  return {
    ...rest,
    access: (input, call) => {
      if (/(^|:)alias\//.test(input.KeyId ?? '')) {
        throw validation(`Invalid keyId ${input.KeyId}: ${operation} takes a key's id or ARN, no alias.`);
      }
      return access(input, call);
    },
  };
}

/** What every cryptographic operation may be asked for besides. */
export interface CryptoInput {
  DryRun?: boolean | undefined;
}

/** Called once nothing stands in the way any more. */
export function finishDryRun({ DryRun: dry }: CryptoInput): void {
  if (dry) throw dryRun();
}

export interface PageInput {
  Limit?: number | undefined;
  Marker?: string | undefined;
}

const LARGEST_PAGE = 1_000;

/** One page of items, in the order that they have. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { Limit: limit = 100, Marker: marker }: PageInput,
) {
  requireWithin(limit, 'limit', [1, LARGEST_PAGE], validation);
  const found = pageInOrder(items, keyOf, limit, marker);
  if (!found) throw invalidMarker();
  const { token } = found;
  return { items: found.items, rest: { Truncated: token !== undefined, ...(token && { NextMarker: token }) } };
}
