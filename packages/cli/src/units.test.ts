// Units by the names that people have for them.
import { expect, test } from 'vitest';

import { findUnit, unitsOf } from './units.ts';

const units = unitsOf(
  ['ingest', 'rotate_salt'].map((name) => ({
    address: `aws_lambda_function.${name}`,
    type: 'aws_lambda_function',
    values: { function_name: `phase-${name}-staging` },
  })),
);

test('a unit is found by its name in the stack, with dashes or as Terraform writes it, and by its own', () => {
  for (const name of [
    'rotate-salt',
    'rotate_salt',
    'phase-rotate_salt-staging',
    '/aws/lambda/phase-rotate_salt-staging',
  ]) {
    expect(findUnit(units, name)?.name).toBe('rotate_salt');
  }
  expect(findUnit(units, 'rotate')).toBeUndefined();
});
