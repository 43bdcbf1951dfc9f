// What an error says should be done.
import { afterEach, expect, test, vi } from 'vitest';

import { EngineError } from './engine/diagnostics.ts';
import { printError } from './print.ts';

afterEach(() => vi.restoreAllMocks());

test('a plan that is stale has to be made anew; anything else can be run again', () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  printError(new EngineError('apply', 1, [], 'Saved plan is stale'), false);
  expect(written.mock.lastCall?.[0]).toContain('Plan again with plinth plan');
  printError(new EngineError('apply', 1, [], 'no space left'), false);
  expect(written.mock.lastCall?.[0]).toContain('run the same command again');
});

test('who names an address that no state has is told where the addresses are', () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  printError(new EngineError('state', 1, [], 'Error: Invalid target address\n\nNo matching objects found.'), false);
  expect(written.mock.lastCall?.[0]).toContain('Nothing was changed. The addresses are in: plinth state list');
});
