// A lock in the way: read from Terraform's words, offered to whoever can answer.
import { expect, test } from 'vitest';

import { EngineError } from './engine/diagnostics.ts';
import { offerUnlock, StateLocked } from './lock.ts';

const detail = `Error message: operation error S3: PutObject, https response error StatusCode: 412,
RequestID: 5c1d, HostID: Zm9v, api error PreconditionFailed: At least one of the pre-conditions you specified did not hold
Lock Info:
  ID:        04962766-24bc-987a-a6b7-83a009357ca8
  Path:      aiops-terraform-state/terraform.tfstate
  Operation: OperationTypeApply
  Who:       ann@laptop
  Version:   1.11.4
  Created:   2026-11-21 02:48:03 +0000 UTC
  Info:      `;

test('the lock is the one that Terraform describes, whatever else has an ID', () => {
  const { lock } = new EngineError('plan', 1, [{ severity: 'error', summary: 'Error acquiring the lock', detail }], '');
  expect(lock).toEqual({
    id: '04962766-24bc-987a-a6b7-83a009357ca8',
    path: 'aiops-terraform-state/terraform.tfstate',
    operation: 'OperationTypeApply',
    who: 'ann@laptop',
    created: '2026-11-21 02:48:03 +0000 UTC',
  });
  expect(new EngineError('plan', 1, [], 'no such bucket').lock).toBeUndefined();
});

/** Something that a lock keeps from running until it is released. */
function locked() {
  const lock = { id: '0496', path: '', operation: 'OperationTypeApply', who: 'ann@laptop', created: 'today' };
  let held = true;
  const run = async () => {
    if (held) throw new StateLocked('shop', 'global', lock, async () => (held = false));
    return 'done';
  };
  return { run, isHeld: () => held };
}

test('whoever says release gets on', async () => {
  const { run, isHeld } = locked();
  expect(await offerUnlock(run, { ask: async () => 'release' })).toBe('done');
  expect(isHeld()).toBe(false);
});

test('any other answer, and nobody to ask, leaves the lock and names the command that releases it', async () => {
  const { run, isHeld } = locked();
  for (const ask of [async () => 'yes', undefined]) {
    await expect(offerUnlock(run, { ask })).rejects.toMatchObject({
      code: 'state-locked',
      message: 'The state of shop/global is locked by ann@laptop (OperationTypeApply, since today).',
      fix: expect.stringContaining('plinth state unlock shop global 0496') as string,
    });
  }
  expect(isHeld()).toBe(true);
});
