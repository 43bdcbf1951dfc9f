import { expect, test } from 'vitest';

import { literal } from './terraform-text.ts';

test("the shell's braces stay the shell's, and references stay references", () => {
  expect(literal('echo ${HOME} %{if} $HOME ${TfToken[TOKEN.1]}')).toBe(
    'echo $${HOME} %%{if} $HOME ${TfToken[TOKEN.1]}',
  );
});
