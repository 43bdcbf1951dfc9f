// aws_iam_policy_document writes what the real provider writes: captured from hashicorp/aws 5.100.0, November 2026.
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { startCloud } from '../../cloud.ts';
import { rootPrincipal } from '../../kernel/identity/principal.ts';
import { TestRoot } from '../testing.ts';

interface Captured {
  readonly config: object;
  readonly id: string;
  readonly json: string;
  readonly minified_json: string;
}

const captured = JSON.parse(readFileSync(new URL('./policy-documents.json', import.meta.url), 'utf8')) as Record<
  string,
  Captured
>;

test('policies are written letter by letter as the real provider writes them', async () => {
  const cloud = await startCloud();
  const door = await cloud.kernel.openDoor({ principal: rootPrincipal(cloud.kernel.account), folder: '.' });
  const terraform = new TestRoot(() => door.reattach);
  await terraform.init({
    provider: { aws: { region: 'us-east-1' } },
    data: {
      aws_iam_policy_document: Object.fromEntries(Object.entries(captured).map(([name, { config }]) => [name, config])),
    },
    // A root without a resource or an output keeps nothing in its state.
    output: { one: { value: 1 } },
  });
  expect(await terraform.apply()).toEqual([]);
  const state = await terraform.state();
  for (const [name, { id, json, minified_json }] of Object.entries(captured)) {
    expect({ name, ...state.get(`data.aws_iam_policy_document.${name}`) }).toMatchObject({
      name,
      id,
      json,
      minified_json,
    });
  }
  await door.close();
  await cloud.stop();
  terraform.remove();
});
