// The last root of a stack that was applied with success, as its recovery finds it: a zip by digest, and a pointer to it.
import { stateKey, type Engine } from '../backend.ts';
import type { Archive } from '../delivery/zip.ts';
import { noRecovery } from '../errors.ts';
import { requireEnvironment, withAccount, type System } from '../system.ts';

/** What the pointer says of the root behind it. */
export interface LastKnownGood {
  /** SHA-256 of the zip, in hex. */
  readonly digest: string;
  /** Where in the bucket the zip is. */
  readonly key: string;
  readonly engine: Engine;
  /** ISO 8601. */
  readonly appliedAt: string;
  readonly backend: { readonly key: string; readonly region: string };
}

export interface Publication {
  readonly bucket: string;
  /** To be put in this order: the pointer never points at what is not there. */
  readonly objects: readonly { readonly key: string; readonly body: Uint8Array; readonly contentType: string }[];
}

export interface PublishRequest {
  readonly stack: string;
  /** @default the system's default environment */
  readonly environment?: string;
  readonly account: string;
  readonly engine: Engine;
  /** When the apply ended. */
  readonly appliedAt: Date;
  /** The root, by `packRoot`. */
  readonly root: Archive;
}

/** What to put where, so that recovery builds restore this root from now on. */
export function publicationOf(system: System, request: PublishRequest): Publication {
  if (!system.recovery) throw noRecovery(system.name);
  const { stack, account, engine, appliedAt, root } = request;
  const environment = requireEnvironment(system, request.environment);
  const folder = `roots/${system.name}/${environment}/${stack}`;
  const pointer: LastKnownGood = {
    digest: root.digest,
    key: `${folder}/${root.digest}.zip`,
    engine: { name: engine.name, version: engine.version },
    appliedAt: appliedAt.toISOString(),
    backend: { key: stateKey(system, stack, environment), region: system.region },
  };
  return {
    bucket: withAccount(system.recovery.bucket, account),
    objects: [
      { key: pointer.key, body: root.zip, contentType: 'application/zip' },
      {
        key: `${folder}/current.json`,
        body: Buffer.from(`${JSON.stringify(pointer, null, 2)}\n`),
        contentType: 'application/json',
      },
    ],
  };
}
