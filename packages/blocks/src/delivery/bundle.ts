// A Node program in one file in one zip: bundled once, the same bytes for every target.
import { fileURLToPath } from 'node:url';

import { build, type Plugin } from 'esbuild';

import { zipFiles, type Archive } from './zip.ts';

export interface BundleProps {
  /** The program's TypeScript, e.g. `new URL('../app/recovery/main.ts', import.meta.url)`. */
  readonly entry: URL;
  /** The program's name in the zip. */
  readonly file: `${string}.mjs`;
  /** The oldest Node that has to run it. @default node22 */
  readonly target?: `node${number}`;
}

// The AWS SDK has parts that call require(), which an ES module has to bring along.
const BANNER = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Has `node:http` and `node:https` required instead of imported: importing them evaluates all of their exports, `fetch`'s
 * whole implementation among them, which costs every cold start 30 ms.
 */
const REQUIRE_HTTP: Plugin = {
  name: 'require-http',
  setup: (bundler) => {
    bundler.onResolve({ filter: /^(node:)?https?$/ }, ({ kind, path }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'required' },
    );
    bundler.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}');`,
    }));
  },
};

/** Bundles a program with everything it imports, so that what runs is what was tested, without an install. */
export async function bundleNode({ entry, file, target = 'node22' }: BundleProps): Promise<Archive> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: file,
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target,
    mainFields: ['module', 'main'],
    minify: true,
    // Paths in comments would differ from machine to machine.
    legalComments: 'none',
    banner: { js: BANNER },
    plugins: [REQUIRE_HTTP],
    logLevel: 'silent',
  });
  return zipFiles(new Map(outputFiles.map(({ contents }) => [file, contents])));
}
