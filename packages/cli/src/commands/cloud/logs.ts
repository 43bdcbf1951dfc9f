// plinth cloud logs
import { createReadStream } from 'node:fs';
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import { cloudLog } from '../../cloud-process.ts';
import { command } from '../../command.ts';

export const logs = command<{ lines: readonly string[] }>({
  summary: "Show the cloud's own log: starts, refused calls, faults. One line of JSON each.",
  options: {
    lines: { type: 'string', value: 'N', summary: 'how many of the last lines (default: 50)' },
    follow: { type: 'boolean', short: 'f', summary: 'go on until Ctrl-C' },
  },
  examples: [
    ['plinth cloud logs', 'the last 50 lines'],
    ['plinth cloud logs --follow', 'and what comes'],
  ],
  run: async ({ options }, context) => {
    const file = cloudLog(context);
    const text = await readFile(file, 'utf8').catch(() => '');
    const lines = text
      .split('\n')
      .filter((line) => line !== '')
      .slice(-Number(options['lines'] ?? 50));
    if (options['follow'] !== true) return { lines };
    process.stdout.write(`${lines.join('\n')}\n`);
    await follow(file, context.signal);
    return { lines: [] };
  },
  render: ({ lines }) => lines.join('\n'),
});

async function follow(file: string, signal: AbortSignal): Promise<void> {
  let position = (await stat(file)).size;
  const watcher = watch(file, () => {
    void stat(file).then(({ size }) => {
      if (size <= position) return;
      createReadStream(file, { start: position, end: size - 1 }).pipe(process.stdout, { end: false });
      position = size;
    });
  });
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  watcher.close();
}
