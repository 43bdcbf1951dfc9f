// The paths that a buildspec's patterns name: `target/*.jar`, `**/*`. Names that begin with a dot are names like others.
// https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const MAGIC = /[*?[{]/;

/** Whether a path is one that the pattern names. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const expression = new RegExp(`^${sourceOf(tidy(pattern))}$`, 's');
  return (path) => expression.test(path);
}

/** Files, directories and links below a folder that a pattern names, relative to it, in order. What links lead to is not entered. */
export async function* matchPaths(pattern: string, folder: string): AsyncGenerator<string> {
  const parts = tidy(pattern).split('/');
  const first = parts.findIndex((part) => MAGIC.test(part));
  if (first < 0) {
    if (await exists(join(folder, ...parts))) yield parts.join('/');
    return;
  }
  const matches = pathMatcher(pattern);
  const depth = parts.some((part) => part.includes('**')) ? Infinity : parts.length;
  for await (const path of walk(folder, parts.slice(0, first).join('/'), depth)) if (matches(path)) yield path;
}

async function* walk(folder: string, below: string, depth: number): AsyncGenerator<string> {
  if (below.split('/').filter(Boolean).length >= depth) return;
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    yield path;
    if (entry.isDirectory()) yield* walk(folder, path, depth);
  }
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const tidy = (pattern: string): string => pattern.replace(/^(?:\.\/+)+/, '').replace(/(?<=.)\/+$/, '') || '.';

function sourceOf(pattern: string): string {
  return pattern.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|\{[^}]*\}|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.length > 1 && token.startsWith('[')) return token.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    if (token.length > 1) return `(?:${token.slice(1, -1).split(',').map(sourceOf).join('|')})`;
    return `\\${token}`;
  });
}
