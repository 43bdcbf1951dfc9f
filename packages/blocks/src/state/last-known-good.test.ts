import { expect, test } from 'vitest';

import { defineSystem } from '../system.ts';
import { testSystem } from '../testing.ts';
import { publicationOf } from './last-known-good.ts';

const recovery = { stack: 'global', project: 'shop-apply', bucket: 'shop-artifacts-{account}' };
const request = {
  stack: 'orders',
  account: '123456789012',
  engine: { name: 'terraform', version: '1.11.4' },
  appliedAt: new Date('2026-11-20T12:00:00Z'),
  root: { digest: 'd'.repeat(64), zip: Buffer.from('zip') },
} as const;

test('a root is published by its digest, and the pointer comes last', () => {
  const { bucket, objects } = publicationOf(defineSystem({ ...testSystem, recovery }), {
    ...request,
    environment: 'staging',
  });

  expect(bucket).toBe('shop-artifacts-123456789012');
  expect(objects.map(({ key }) => key)).toEqual([
    `roots/shop/staging/orders/${'d'.repeat(64)}.zip`,
    'roots/shop/staging/orders/current.json',
  ]);
  expect(JSON.parse(Buffer.from(objects[1]!.body).toString())).toEqual({
    digest: 'd'.repeat(64),
    key: `roots/shop/staging/orders/${'d'.repeat(64)}.zip`,
    engine: { name: 'terraform', version: '1.11.4' },
    appliedAt: '2026-11-20T12:00:00.000Z',
    backend: { key: 'staging/orders/terraform.tfstate', region: 'us-east-1' },
  });
});

test('a system without recovery publishes nothing', () => {
  expect(() => publicationOf(testSystem, request)).toThrow(expect.objectContaining({ code: 'no-recovery' }));
});
