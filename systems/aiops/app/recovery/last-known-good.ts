// The root to restore: what `current.json` points at, checked against its digest before a byte of it is used.
import { createHash } from 'node:crypto';

import { unzipSync } from 'fflate';

import { Failure } from './failure.ts';
import type { Inputs } from './inputs.ts';

/** What the artifacts bucket says of the root that was applied last with success. */
export interface LastKnownGood {
  readonly digest: string;
  readonly key: string;
  readonly engine: { readonly name: 'terraform' | 'tofu'; readonly version: string };
  readonly appliedAt: string;
  readonly backend: { readonly key: string; readonly region: string };
}

export const folderOf = ({ system, environment, stack }: Inputs): string => `roots/${system}/${environment}/${stack}`;

export const pointerKey = (inputs: Inputs): string => `${folderOf(inputs)}/current.json`;

/** Reads the pointer; anything but what a publisher writes is refused. */
export function readPointer(text: string, inputs: Inputs): LastKnownGood {
  const pointer = parse(text);
  const valid =
    /^[0-9a-f]{64}$/.test(pointer.digest ?? '') &&
    pointer.key === `${folderOf(inputs)}/${pointer.digest}.zip` &&
    (pointer.engine?.name === 'terraform' || pointer.engine?.name === 'tofu') &&
    /^\d+\.\d+\.\d+/.test(pointer.engine.version ?? '') &&
    !Number.isNaN(Date.parse(pointer.appliedAt ?? '')) &&
    /^[\w./-]{1,512}$/.test(pointer.backend?.key ?? '') &&
    /^[a-z0-9-]{1,32}$/.test(pointer.backend?.region ?? '');
  if (!valid) throw damaged(inputs, 'it is not what a publisher writes');
  return pointer as LastKnownGood;
}

/** The files of the root by path; refuses bytes that are not the ones published, and paths that leave the root. */
export function unpackRoot(zip: Uint8Array, pointer: LastKnownGood, inputs: Inputs): Map<string, Uint8Array> {
  const digest = createHash('sha256').update(zip).digest('hex');
  if (digest !== pointer.digest) throw damaged(inputs, `its zip has the digest ${digest}, not ${pointer.digest}`);
  const files = new Map(Object.entries(unzipSync(zip)).filter(([path]) => !path.endsWith('/')));
  const stray = [...files.keys()].find((path) => !belongs(path));
  if (stray !== undefined) throw damaged(inputs, `it holds ${JSON.stringify(stray)}, which is no part of a root`);
  return files;
}

type Partially<T> = { readonly [K in keyof T]?: T[K] extends object ? Partially<T[K]> : T[K] };

function parse(text: string): Partially<LastKnownGood> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

// The root is unpacked beside this program: a path may neither climb out nor replace what is there.
const belongs = (path: string): boolean =>
  !path.split('/').includes('..') &&
  (/^assets\/[^/].*$/.test(path) || path === '.terraform.lock.hcl' || /^[^/]+\.tf(\.json)?$/.test(path));

const damaged = (inputs: Inputs, why: string): Failure =>
  new Failure(
    `the last known good root of ${inputs.system}/${inputs.environment}/${inputs.stack} cannot be trusted: ${why}`,
    `Publish it again with an apply: plinth apply ${inputs.system} --env ${inputs.environment}.`,
  );
