// What a command is given: the project's folder, its variables, and where progress goes.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Progress } from './progress.ts';

export interface Context {
  /** The folder that holds `systems/`. */
  readonly root: string;
  /** The folder for everything that is not kept in git. */
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
  /** Aborted once by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Asks a yes-or-no question; undefined where there is no terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

export const projectRoot = (): string => fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** `.plinth` beside the project, or what PLINTH_DIR says. */
export const projectHome = (root: string, variables: Context['variables']): string =>
  variables['PLINTH_DIR'] ?? join(root, '.plinth');

/** Where the launcher and the command keep the tools that they fetch. */
export const toolchainFolder = ({ home }: Pick<Context, 'home'>): string => join(home, 'toolchain');
