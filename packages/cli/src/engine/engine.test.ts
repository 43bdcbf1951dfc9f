// What becomes of an engine that is none.
import { expect, it } from 'vitest';

import { findEngine } from './engine.ts';

const find = (path: string) => findEngine({ PLINTH_ENGINE: path }, '/toolchain', () => {});

it.each([
  ['/no/such/terraform', 'broken-engine', '/no/such/terraform does not run: there is no such file.'],
  ['/dev/null', 'broken-engine', '/dev/null does not run: spawn /dev/null EACCES.'],
  ['/bin/echo', 'old-engine', '/bin/echo is version version; Plinth needs Terraform 1.5 or OpenTofu 1.6.'],
  ['/usr/bin/true', 'old-engine', '/usr/bin/true is version unknown; Plinth needs Terraform 1.5 or OpenTofu 1.6.'],
])('says what is wrong with %s as the engine: %s', async (path, code, message) => {
  await expect(find(path)).rejects.toMatchObject({ code, message });
});
