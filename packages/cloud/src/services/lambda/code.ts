// Deployment packages: read from a zip, measured, unpacked once under their hash, and kept while a version needs them.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';

import { unzipSync } from 'fflate';

import { DamagedStateError } from '../../kernel/damage.ts';
import { invalidParameter, tooLarge } from './errors.ts';

export interface Code {
  /** Base64, as the API has it. */
  readonly sha256: string;
  /** Bytes of the zip. */
  readonly size: number;
}

const LARGEST_ZIP = 50 * 1024 * 1024;
const LARGEST_UNPACKED = 250 * 1024 * 1024;

/** What nobody needs stays this long, in milliseconds: a copy may still run on it, or a request be about to name it. */
const SPARED_MILLISECONDS = 60 * 60_000;

export class CodeStore {
  readonly #kept: string | undefined;
  #temporary: string | undefined;

  /** Under the cloud's folder; a cloud in memory has one of its own for as long as it runs. */
  constructor(folder: string | undefined) {
    this.#kept = folder && join(folder, 'lambda');
  }

  /** Where worker processes keep compiled code. */
  get cacheFolder(): string {
    return join(this.#folder, 'cache');
  }

  /** Keeps a package; `inline` ones came within the request and have a lower limit. Throws where it is no zip or too large. */
  add(zip: Uint8Array, inline: boolean): Code {
    if (inline && zip.length > LARGEST_ZIP) throw tooLarge(LARGEST_ZIP, 'CreateFunction');
    const digest = createHash('sha256').update(zip).digest();
    const folder = this.#folderOf(digest.toString('hex'));
    if (!existsSync(join(folder, 'package.zip'))) {
      rmSync(folder, { recursive: true, force: true });
      const fresh = `${folder}.${process.pid}.new`;
      rmSync(fresh, { recursive: true, force: true });
      unpack(zip, join(fresh, 'code'));
      writeFileSync(join(fresh, 'package.zip'), zip);
      renameSync(fresh, folder);
    }
    const now = new Date();
    utimesSync(folder, now, now);
    return { sha256: digest.toString('base64'), size: zip.length };
  }

  /** The folder with the unpacked files: `LAMBDA_TASK_ROOT`. */
  rootOf({ sha256 }: Pick<Code, 'sha256'>): string {
    const folder = this.#folderOf(hexOf(sha256));
    const code = join(folder, 'code');
    if (!existsSync(code)) repair(folder);
    return code;
  }

  /** The package as it was uploaded. */
  zipOf(sha256Hex: string): Buffer | undefined {
    const file = join(this.#folderOf(sha256Hex), 'package.zip');
    return /^[0-9a-f]{64}$/.test(sha256Hex) && existsSync(file) ? readFileSync(file) : undefined;
  }

  /** Deletes what no version has needed for a while. */
  keepOnly(needed: Iterable<Code>): void {
    const names = new Set([...needed].map(({ sha256 }) => hexOf(sha256)));
    if (!this.#kept && !this.#temporary) return;
    const folder = join(this.#folder, 'packages');
    if (!existsSync(folder)) return;
    const spared = Date.now() - SPARED_MILLISECONDS;
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (!names.has(name) && statSync(path).mtimeMs < spared) rmSync(path, { recursive: true, force: true });
    }
  }

  close(): void {
    if (this.#temporary) rmSync(this.#temporary, { recursive: true, force: true });
  }

  get #folder(): string {
    return this.#kept ?? (this.#temporary ??= mkdtempSync(join(tmpdir(), 'plinth-lambda-')));
  }

  #folderOf(hex: string): string {
    return join(this.#folder, 'packages', hex);
  }
}

/** Unpacks a package anew: as it was uploaded, it is all that this takes. */
function repair(folder: string): void {
  const file = join(folder, 'package.zip');
  if (!existsSync(file))
    throw new DamagedStateError(`lambda/packages/${basename(folder)}, a function’s code, is missing`);
  const fresh = join(folder, `code.${process.pid}.new`);
  rmSync(fresh, { recursive: true, force: true });
  unpack(readFileSync(file), fresh);
  renameSync(fresh, join(folder, 'code'));
}

export const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

function unpack(zip: Uint8Array, folder: string): void {
  let size = 0;
  const files = readZip(zip, (originalSize) => {
    size += originalSize;
    if (size > LARGEST_UNPACKED) {
      throw invalidParameter(`Unzipped size must be smaller than ${LARGEST_UNPACKED} bytes`);
    }
  });
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    const path = normalize(name);
    if (path.startsWith('..') || path.startsWith('/'))
      throw invalidParameter(`The zip file has a path outside of it: ${name}`);
    if (name.endsWith('/')) mkdirSync(join(folder, path), { recursive: true });
    else {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
  }
}

function readZip(zip: Uint8Array, count: (originalSize: number) => void): Record<string, Uint8Array> {
  if (zip.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  try {
    return unzipSync(zip, {
      filter: ({ originalSize }) => {
        count(originalSize);
        return true;
      },
    });
  } catch (error) {
    if ((error as Error).name === 'InvalidParameterValueException') throw error;
    throw invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
}
