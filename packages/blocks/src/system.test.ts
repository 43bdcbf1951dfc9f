import { describe, expect, test } from 'vitest';

import { defineSystem, requireEnvironment, withAccount, type StackDefinition } from './system.ts';
import { testSystem } from './testing.ts';

const stack = (name: string, after: string[] = [], backend = false): StackDefinition => ({
  name,
  key: `${name}/terraform.tfstate`,
  after,
  backend,
  build: () => {},
});
const state = stack('state', [], true);

describe('defineSystem', () => {
  test('stacks come in the order in which they are applied: the backend, then each after what it needs', () => {
    const { stacks } = defineSystem({
      ...testSystem,
      stacks: [stack('app', ['data', 'network']), stack('data', ['network']), stack('network'), state],
    });

    expect(stacks.map(({ name }) => name)).toEqual(['state', 'network', 'data', 'app']);
  });

  test('region and default environment need not be said', () => {
    const { region: _, defaultEnvironment: __, ...props } = testSystem;

    expect(defineSystem(props)).toMatchObject({ region: 'us-east-1', defaultEnvironment: 'dev' });
  });

  test.each([
    ['system-name', { name: 'My Shop' }, "'My Shop' is not a name"],
    ['system-name', { stacks: [state, stack('../x')] }, "'../x' is not a name"],
    [
      'default-environment',
      { environments: ['dev'], defaultEnvironment: 'production' },
      'is not among the environments',
    ],
    ['one-backend', { stacks: [stack('app')] }, 'shop has 0 backend stacks'],
    ['one-backend', { stacks: [state, stack('other', [], true)] }, 'shop has 2 backend stacks'],
    ['stack-twice', { stacks: [state, stack('app'), stack('app')] }, 'share a name or a state key'],
    ['stack-order', { stacks: [state, stack('a', ['b']), stack('b', ['a'])] }, 'no order satisfies a, b'],
    ['stack-order', { stacks: [state, stack('a', ['nowhere'])] }, 'no order satisfies a'],
  ] as const)('%s is refused: %j', (code, props, message) => {
    expect(() => defineSystem({ ...testSystem, ...props })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

test('an unknown environment is answered with the known ones', () => {
  expect(requireEnvironment(testSystem)).toBe('dev');
  expect(() => requireEnvironment(testSystem, 'prod')).toThrow(
    expect.objectContaining({ code: 'unknown-environment', fix: 'Choose one of: dev, staging, production.' }),
  );
});

test('only an account id is filled into a name', () => {
  expect(withAccount('state-{account}', '123456789012')).toBe('state-123456789012');
  expect(() => withAccount('state-{account}', 'prod')).toThrow(expect.objectContaining({ code: 'no-account' }));
});
