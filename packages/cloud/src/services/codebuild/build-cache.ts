// What a project's builds keep for the next one: in S3, or on this machine.
// https://docs.aws.amazon.com/codebuild/latest/userguide/build-caching.html
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

import { AwsError } from '../../kernel/errors.ts';
import type { BuildspecCache } from '../../runtime/build/buildspec-outputs.ts';
import { matchPaths } from '../../runtime/build/paths.ts';
import { parseS3Location } from '../../runtime/build/source.ts';
import type { BuildS3 } from './build-s3.ts';
import type { Build } from './builds.ts';

const run = promisify(execFile);

/** Where archives are kept by their keys. */
interface Shelf {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, archive: Uint8Array): Promise<void>;
  /** The key that begins so and was written last. */
  latest(prefix: string): Promise<string | undefined>;
}

/** Archives on this machine: in a folder, or in memory where the cloud itself is. */
export class LocalShelf implements Shelf {
  readonly #folder: string | undefined;
  readonly #archives = new Map<string, Uint8Array>();

  constructor(storeFolder: string | undefined) {
    this.#folder = storeFolder && join(storeFolder, 'codebuild-cache');
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    if (this.#folder === undefined) return this.#archives.get(key);
    return readFile(join(this.#folder, fileName(key))).catch(() => undefined);
  }

  async put(key: string, archive: Uint8Array): Promise<void> {
    if (this.#folder === undefined) {
      this.#archives.set(key, archive);
      return;
    }
    await mkdir(this.#folder, { recursive: true });
    const file = join(this.#folder, fileName(key));
    // Another build may be reading the one before.
    await writeFile(`${file}.new`, archive);
    await rename(`${file}.new`, file);
  }

  // Keys with names are for S3 alone.
  latest(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

const fileName = (key: string): string => `${createHash('sha256').update(key).digest('hex')}.tar.gz`;

class S3Shelf implements Shelf {
  readonly #s3: BuildS3;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(s3: BuildS3, location: string) {
    this.#s3 = s3;
    const { bucket, key } = parseS3Location(location.includes('/') ? location : `${location}/`);
    this.#bucket = bucket;
    this.#prefix = key.replace(/\/$/, '');
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#s3.get(this.#place(key)).catch((error: unknown) => {
      if (error instanceof AwsError && error.code === 'NoSuchKey') return undefined;
      throw error;
    });
  }

  put(key: string, archive: Uint8Array): Promise<void> {
    return this.#s3.put(this.#place(key), archive);
  }

  async latest(prefix: string): Promise<string | undefined> {
    const place = this.#place(prefix);
    const [found] = (await this.#s3.list(place)).toSorted((a, b) => b.at - a.at);
    return found && prefix + found.key.slice(place.key.length);
  }

  #place(key: string) {
    return { bucket: this.#bucket, key: [this.#prefix, key].filter(Boolean).join('/') };
  }
}

export interface CacheParts {
  readonly s3: BuildS3;
  readonly local: LocalShelf;
  /** Changes with InvalidateProjectCache. */
  readonly generation: string;
  /** The build's own folder, in which `src` and `home` are. */
  readonly folder: string;
  readonly say: (text: string) => void;
}

/** One build's dealings with its project's cache; what goes wrong with it is told, and fails no build. */
export class BuildCache {
  readonly #shelf: Shelf | undefined;
  readonly #parts: CacheParts;
  readonly #spec: BuildspecCache;
  readonly #name: string;
  readonly #fallbacks: readonly string[];

  /** `keys` are those of the buildspec, as the build's shell understood them: the primary one, then the others. */
  constructor(build: Build, spec: BuildspecCache, keys: readonly string[], parts: CacheParts) {
    const { type, location, modes = [], cacheNamespace } = build.settings.cache ?? {};
    this.#parts = parts;
    this.#spec = spec;
    this.#shelf =
      type === 'S3'
        ? new S3Shelf(parts.s3, location!)
        : type === 'LOCAL' && modes.includes('LOCAL_CUSTOM_CACHE')
          ? parts.local
          : undefined;
    const place = [cacheNamespace ?? build.project, parts.generation].filter(Boolean).join('/');
    // What was kept of other paths is of no use.
    const version = createHash('sha256').update(spec.paths.join('\n')).digest('hex').slice(0, 16);
    const [primary, ...others] = keys.map((key) => `${place}/${version}/${key}`);
    this.#name = primary ?? `${place}/cache`;
    this.#fallbacks = others;
  }

  /** Brings back what an earlier build kept. */
  async restore(): Promise<void> {
    const shelf = this.#shelf;
    if (!shelf || this.#spec.action === 'save') return;
    await this.#orTell('downloading', async () => {
      const found = await this.#find(shelf);
      if (!found) {
        this.#parts.say('No cache was found');
        return;
      }
      const file = join(this.#parts.folder, 'cache.tar.gz');
      await writeFile(file, found.archive);
      await run('tar', ['-xzf', file, '-C', this.#parts.folder]);
      this.#parts.say(`Restored the cache ${found.name}`);
    });
  }

  /** Keeps what the buildspec names for the next build. */
  async save(): Promise<void> {
    const shelf = this.#shelf;
    if (!shelf || this.#spec.action === 'restore') return;
    await this.#orTell('uploading', async () => {
      // A cache under a key is never changed.
      if (this.#spec.key !== undefined && (await shelf.get(this.#name))) return;
      const { folder } = this.#parts;
      const paths = await this.#paths();
      if (paths.length === 0) return;
      const [file, listed] = [join(folder, 'cache.tar.gz'), join(folder, 'cached-paths')];
      await writeFile(listed, paths.join('\0'));
      await run('tar', ['-czf', file, '-C', folder, '--null', '-T', listed]);
      await shelf.put(this.#name, await readFile(file));
      this.#parts.say(`Kept the cache ${this.#name}`);
    });
  }

  async #find(shelf: Shelf): Promise<{ name: string; archive: Uint8Array } | undefined> {
    const archive = await shelf.get(this.#name);
    if (archive) return { name: this.#name, archive };
    for (const prefix of this.#fallbacks) {
      const name = await shelf.latest(prefix);
      const other = name === undefined ? undefined : await shelf.get(name);
      if (other) return { name: name!, archive: other };
    }
    return undefined;
  }

  // `/root` is the home of CodeBuild's builds; elsewhere outside of a build nothing is touched.
  async #paths(): Promise<string[]> {
    const { folder, say } = this.#parts;
    const found: string[] = [];
    for (const path of this.#spec.paths) {
      say(`Expanding cache path ${path}`);
      const within = path.replace(/^(?:\/root|~)(?=\/|$)/, join(folder, 'home'));
      if (within.startsWith('/') && !within.startsWith(`${folder}/`)) {
        say(`${path} is outside of the build, and is not cached`);
        continue;
      }
      const cwd = join(folder, 'src');
      const [base, pattern] = within.startsWith('/') ? [folder, relative(folder, within)] : [cwd, within];
      for await (const each of matchPaths(pattern, base)) found.push(relative(folder, join(base, each)));
    }
    const paths = new Set(found.filter((path) => !path.startsWith('..')));
    // A directory brings what is in it.
    const inAnother = (path: string): boolean =>
      path.includes('/') && (paths.has(dirname(path)) || inAnother(dirname(path)));
    return [...paths].filter((path) => !inAnother(path));
  }

  async #orTell(doing: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#parts.say(`Error ${doing} the cache: ${(error as Error).message}`);
    }
  }
}

/** The command that makes keys of files: `npm-$(codebuild-hash-files package-lock.json)`. */
export async function installHashFiles(folder: string): Promise<string> {
  const command = join(folder, 'bin', 'codebuild-hash-files');
  await mkdir(dirname(command), { recursive: true });
  const text = `#!/usr/bin/env node
const { createHash } = require('node:crypto');
const { globSync, readFileSync, statSync } = require('node:fs');
const files = process.argv.slice(2).flatMap((pattern) => globSync(pattern)).filter((path) => statSync(path).isFile());
const hash = createHash('sha256');
for (const path of [...new Set(files)].sort()) hash.update(readFileSync(path));
process.stdout.write(files.length > 0 ? hash.digest('hex') : '');
`;
  await writeFile(command, text, { mode: 0o755 });
  return dirname(command);
}

/** What keys come to in the build's shell, before its commands run. */
export async function expandKeys(
  { key, fallbackKeys }: BuildspecCache,
  environment: Readonly<Record<string, string>>,
  source: string,
): Promise<string[]> {
  if (key === undefined) return [];
  const expanded = [key, ...fallbackKeys].map(async (text) => {
    const { stdout } = await run('bash', ['--noprofile', '--norc', '-c', `cat <<plinth_end\n${text}\nplinth_end`], {
      cwd: source,
      env: environment,
    });
    return stdout.trim();
  });
  return Promise.all(expanded);
}
