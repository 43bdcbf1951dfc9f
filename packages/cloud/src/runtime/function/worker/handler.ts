// Finds a function's handler in its code: ECMAScript modules and CommonJS, as Lambda's Node.js runtime looks for them.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { RuntimeFailure } from './failure.ts';

export type Handler = (
  event: unknown,
  context: object,
  callback?: (error: unknown, result?: unknown) => void,
) => unknown;

const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

/** Loads the module that `name` (`folder/module.export`) says and answers what it exports; throws what the caller is told. */
export async function loadHandler(root: string, name: string): Promise<Handler> {
  const [, module, path] = /^([^.]*)\.(.+)$/.exec(basename(name)) ?? [];
  if (!module || !path || name.includes('..')) throw new RuntimeFailure('Runtime.MalformedHandlerName', 'Bad handler');
  const exported = await loadModule(join(root, dirname(name), module), join(dirname(name), module));
  const handler = path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], exported);
  if (handler === undefined) {
    throw new RuntimeFailure('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') throw new RuntimeFailure('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler as Handler;
}

async function loadModule(path: string, name: string): Promise<unknown> {
  const file = EXTENSIONS.map((extension) => path + extension).find((candidate) => existsSync(candidate));
  try {
    if (file === undefined)
      throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
    return await load(file);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      throw new RuntimeFailure('Runtime.ImportModuleError', `Error: ${error.message}`, error);
    }
    if (error instanceof SyntaxError) {
      throw new RuntimeFailure('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error);
    }
    throw error;
  }
}

// Node itself tells the two kinds of module apart; one that awaits at its top can only be imported.
async function load(file: string): Promise<unknown> {
  if (file.endsWith('.mjs')) return import(pathToFileURL(file).href);
  try {
    return createRequire(file)(file) as unknown;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    return import(pathToFileURL(file).href);
  }
}
